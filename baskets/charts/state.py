"""What a reader can choose about a chart: each choice is a parameter of the address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from baskets.charts import words
from baskets.charts.focus import Focus

Changes = Sequence[tuple[int, dt.date]]
SHOWN_BASKETS = 3
"""How many of the newest baskets the choice of a range offers; the address takes every one."""

ORDER = ("capability", "safety", "alignment", "headline", "balanced")
"""The series as a reader chooses among them, the domains first."""

_YEARS = {"1y": 1, "2y": 2, "5y": 5}


@dataclass(frozen=True)
class Option:
    """One choice: the parameter, what it is called, and each value with its name.

    Values without a name are allowed in the address but not offered. The first is the default
    where `default` names none. A value other than the default takes the parameters in `clears` out
    of the address. `below` is for what changes the axes only: it stands below the picture.
    """

    name: str
    label: str
    values: tuple[tuple[str, str], ...]
    default: str = ""
    clears: tuple[str, ...] = ()
    below: bool = False

    @property
    def standard(self) -> str:
        """The value of an address that does not have the parameter."""
        return self.default or self.values[0][0]

    @property
    def allowed(self) -> tuple[str, ...]:
        """Every value that the address may have."""
        return tuple(value for value, _label in self.values)


@dataclass(frozen=True)
class Control:
    """An option and what was chosen."""

    option: Option
    chosen: str

    @property
    def offered(self) -> tuple[tuple[str, str], ...]:
        """The values with a name, and the chosen one in any case."""
        return tuple(
            (value, label or value)
            for value, label in self.option.values
            if label or value == self.chosen
        )


@dataclass(frozen=True)
class Look:
    """How a chart over time is drawn: from which day on, on which scale, as level or change.

    `focus` is what is brought out of it.
    """

    start: dt.date | None = None
    log: bool = False
    view: str = "level"
    focus: Focus = field(default_factory=Focus)


def series_option() -> Option:
    """Which index."""
    return Option(
        "series",
        _("Series"),
        tuple((name, words.series_name(name)) for name in ORDER),
    )


def scale_option(default: str = "linear", *, log: bool = True) -> Option:
    """Linear or logarithmic; linear alone where a value has no logarithm."""
    values = [("linear", _("Linear"))] + ([("log", _("Logarithmic"))] if log else [])
    return Option("scale", _("Scale"), tuple(values), default, below=True)


def view_option() -> Option:
    """The level, or a change of it."""
    return Option(
        "view",
        _("Show"),
        (
            ("level", _("Level")),
            ("since-base", _("Change since base")),
            ("since-previous", _("Rise")),
        ),
        clears=("scale",),
    )


def others_option() -> Option:
    """What becomes of the systems that were not chosen."""
    return Option("others", _("Others"), (("grey", _("Grey")), ("hidden", _("Hidden"))), below=True)


def range_option(changes: Changes = ()) -> Option:
    """From when on: everything, the last years, or since a basket took effect."""
    offered = {number for number, _day in changes[-SHOWN_BASKETS:]}
    since = _("From basket %(number)s")
    baskets = tuple(
        (f"basket-{number}", since % {"number": number} if number in offered else "")
        for number, _day in changes
    )
    years = (("5y", ""), ("2y", _("2 years")), ("1y", _("1 year")))
    return Option("range", _("Range"), (("all", _("All")), *years, *baskets), below=True)


def start_of(span: str, changes: Changes, until: dt.date) -> dt.date | None:
    """The first day of a range that ends on `until`; None for all."""
    if span in _YEARS:
        return until - dt.timedelta(days=round(365.25 * _YEARS[span]))
    days = {f"basket-{number}": day for number, day in changes}
    return days.get(span)


def controls(options: Sequence[Option], chosen: Mapping[str, str]) -> tuple[Control, ...]:
    """The options of a chart with what was chosen of each."""
    return tuple(Control(option, chosen[option.name]) for option in options)


def stated(options: Sequence[Option], chosen: Mapping[str, str]) -> dict[str, str]:
    """The chosen values as an address needs them: the series, and what is not the default."""
    return {
        option.name: chosen[option.name]
        for option in options
        if option.name == "series" or chosen[option.name] != option.standard
    }
