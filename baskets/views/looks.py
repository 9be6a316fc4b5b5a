"""The state of a chart as an address has it, validated against what the chart offers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from baskets.charts import state
from baskets.charts.state import Changes, Control, Look, Option
from baskets.models import Release
from baskets.selectors import releases
from baskets.selectors.frontier import basket_changes
from baskets.selectors.scores import EvalHistory
from baskets.views import page
from baskets.views.focus import focus
from baskets.views.page import Shown


@dataclass(frozen=True)
class Asked:
    """What the address asks of a chart: the values, the state for its twins, and its controls.

    `later` says which basket it asks for that came after the past date: its range is left out.
    """

    values: dict[str, str]
    state: dict[str, str]
    controls: tuple[Control, ...]
    look: Look = field(default_factory=Look)
    later: str = ""

    @property
    def series(self) -> str:
        """The series that was chosen."""
        return self.values["series"]


def asked(
    request: HttpRequest,
    shown: Shown,
    options: Sequence[Option],
    *,
    subject: dict[str, str] | None = None,
    unset: Collection[str] = (),
) -> Asked:
    """The chart's options as the address sets them. BadQuery for a value that is not offered.

    `subject` is what the chart is about, where its address must say it: a system, an eval. The
    options in `unset` keep their default, whatever the address says.
    """
    values = {
        option.name: option.standard
        if option.name in unset
        else page.choice(request, option.name, option.allowed, option.standard)
        for option in options
    }
    return Asked(
        values=values,
        state={**shown.kept, **(subject or {}), **state.stated(options, values)},
        controls=state.controls(options, values),
    )


def over_time(
    request: HttpRequest,
    shown: Shown,
    release: Release | None,
    *options: Option,
    subject: dict[str, str] | None = None,
) -> Asked:
    """As `asked`, with a range of dates, for a chart over time.

    A range from a basket that came after the past date is that of all the time.
    """
    changes = basket_changes(release) if release else ()
    every = (*options, state.range_option(changes))
    later = _later_basket(request, shown, changes)
    unset = () if later is None else ("range",)
    found = asked(request, shown, every, subject=subject, unset=unset)
    values = found.values
    view, log = values.get("view", "level"), values.get("scale") == "log"
    if view != "level" and log:
        raise page.BadQuery(_("A change has no logarithmic scale: leave out “scale” or “view”."))
    until = release.vintage_on if release else timezone.now().date()
    look = Look(state.start_of(values["range"], changes, until), log, view)
    usable = tuple(
        control
        for control in found.controls
        if len(control.offered) > 1 and (view == "level" or control.option.name != "scale")
    )
    said = "" if later is None else shown.later_basket(later)
    return Asked(values, found.state, usable, look, said)


def _later_basket(request: HttpRequest, shown: Shown, changes: Changes) -> int | None:
    """The basket with which the range of the address begins, where it came after the past date."""
    span = page.text(request, "range")
    newest = releases.current(shown.basket) if shown.past and span else None
    later = {number for number, _day in basket_changes(newest)} if newest else set()
    later -= {number for number, _day in changes}
    return next((number for number in later if span == f"basket-{number}"), None)


def whole(found: Asked) -> Asked:
    """What was asked, for a file or a frame. BadQuery where a page would leave something out."""
    if found.later:
        raise page.BadQuery(found.later)
    if names := found.look.focus.later:
        raise page.BadQuery(_("Not known on this date: %(names)s.") % {"names": ", ".join(names)})
    return found


def frontier(request: HttpRequest, shown: Shown, release: Release) -> Asked:
    """The state of the frontier chart."""
    others = state.others_option()
    options = (state.series_option(), state.view_option(), state.scale_option(), others)
    return _focused(request, shown, over_time(request, shown, release, *options))


def _focused(request: HttpRequest, shown: Shown, found: Asked) -> Asked:
    """With the systems and developers that the address brings out; needs the option of others."""
    chosen = focus(request, shown.known, alone=found.values["others"] == "hidden")
    # A rise is that of the whole frontier: it greys the others and leaves none of them out.
    usable = chosen and found.look.view != "since-previous"
    return replace(
        found,
        state=found.state | chosen.state,
        controls=tuple(c for c in found.controls if usable or c.option.name != "others"),
        look=replace(found.look, focus=chosen),
    )


def generations(request: HttpRequest, shown: Shown, release: Release) -> Asked:
    """The state of the chart of generations."""
    return over_time(request, shown, release, state.series_option(), state.scale_option())


def eval_history(
    request: HttpRequest, shown: Shown, release: Release | None, history: EvalHistory, slug: str
) -> Asked:
    """The state of an eval's chart; its scale is by default the one that its unit asks for."""
    scale = state.scale_option(
        "log" if history.log else "linear", log=all(row.value > 0 for row in history.rows)
    )
    options = (scale, state.others_option())
    found = over_time(request, shown, release, *options, subject={"eval": slug})
    return _focused(request, shown, found)
