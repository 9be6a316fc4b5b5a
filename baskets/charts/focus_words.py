"""What a chart says of the systems and developers that were chosen."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from baskets.charts.focus import Focus
from baskets.selectors.catalog import SystemName


def focused(
    focus: Focus, shown: Collection[SystemName], every: Collection[SystemName], *, absent: str
) -> str:
    """What is brought out, and what of the chosen is not: sentences that follow another one.

    shown: the systems that the chart draws; every: these, and those outside of the time that it
    shows. absent: the sentence, with a place for `names`, on what is among neither.
    """
    near = focus.among(shown)
    later = focus.less(near).among(every)
    said = []
    if near and focus.alone:
        said.append(_("Only these are shown: %(names)s.") % _names(near))
    elif near:
        said.append(_("In colour: %(names)s; all others are grey.") % _names(near))
    if later:
        said.append(_("Not in the time that is shown: %(names)s.") % _names(later))
    if nowhere := focus.less(near).less(later):
        said.append(absent % _names(nowhere))
    return "".join(f" {sentence}" for sentence in said)


def _names(focus: Focus) -> dict[str, str]:
    return {"names": ", ".join(focus.names)}
