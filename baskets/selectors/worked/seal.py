"""The hash of the release, taken again (section 11)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.utils.translation import gettext as _

from baskets.charts.words import points
from baskets.selectors import releases
from baskets.selectors.worked.case import Case
from baskets.selectors.worked.example import Worked


def of_seal(case: Case) -> Iterator[Worked]:
    """SHA-256 of the bundle's bytes as they are served."""
    text = releases.bundle_text(case.release)
    result = hashlib.sha256(text).hexdigest()
    said = _(
        "The bundle of release %(number)s has %(size)s bytes of canonical JSON: keys in order, no "
        "spaces, the shortest number that reads back the same."
    )
    yield Worked(
        ident="seal",
        title=_("The hash of this release"),
        said=said % {"number": case.release.number, "size": points(len(text), 0)},
        lines=(f"SHA-256 = {result}",),
        result=result,
        stated=case.release.sha256,
        where=_("the table of releases"),
    )
