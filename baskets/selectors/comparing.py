"""Two to six systems side by side in one release: values, shared evals, who leads where."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from baskets.engine.sheet import Cell
from baskets.engine.uncertainty import Comparison
from baskets.models import IndexPoint, Release
from baskets.selectors.catalog import EvalName, SystemName, eval_names, system_name
from baskets.selectors.moves import Driver, drivers_of
from baskets.selectors.remembered import remembered
from baskets.selectors.sheets import MAIN, Sheets, sheets_of
from baskets.selectors.waterfall import Waterfall, between_systems
from evals.models import System

NORMAL = 1.959964
"""Half the width of a 95% interval of a normal error, in standard errors."""

DOMAINS = ("capability", "safety", "alignment")


@dataclass(frozen=True)
class Standing:
    """A system's value in one series on the version in force for it."""

    value: float
    low: float | None
    high: float | None
    coverage: float
    official: bool
    version: int


@dataclass(frozen=True)
class Compared:
    """One of the systems, with its values by series; empty where the release has none."""

    name: SystemName
    values: Mapping[str, Standing]


@dataclass(frozen=True)
class SharedRow:
    """An eval that at least two of the systems were measured on.

    cells: in the order of the systems. leader: the system with most points, None where two share
    the lead or the eval has no goalposts. lead, low, high: points between goalposts above the
    second, with the 95% interval from both errors of measurement.
    """

    eval: EvalName
    cells: tuple[Cell | None, ...]
    leader: SystemName | None
    lead: float | None
    low: float | None
    high: float | None

    @property
    def apart(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low is not None and self.low > 0


@dataclass(frozen=True)
class LeadRow:
    """Who stands highest in one series; `apart` where no other's interval reaches the leader's."""

    series: str
    values: tuple[Standing | None, ...]
    leader: SystemName | None
    apart: bool

    @property
    def whole(self) -> bool:
        """Whether it is a headline or a whole domain."""
        return "/" not in self.series


@dataclass(frozen=True)
class Comparing:
    """Everything that a page shows of some systems beside each other.

    ahead: per system, the comparison with every other on paired replicates, None with itself or
    where the release stored none. recorded: whether the release has sheets of the systems.
    waterfall: from the second system to the first, None where it cannot be taken apart.
    """

    series: str
    systems: tuple[Compared, ...]
    recorded: bool
    ahead: tuple[tuple[Comparison | None, ...], ...]
    shared: tuple[SharedRow, ...]
    leads: tuple[LeadRow, ...]
    drivers: tuple[Driver, ...]
    waterfall: Waterfall | None

    @property
    def offered(self) -> tuple[str, ...]:
        """The main series in which at least two systems have a value."""
        return tuple(name for name in MAIN if sum(name in one.values for one in self.systems) >= 2)


def compared_systems(release: Release, systems: Sequence[System]) -> tuple[Compared, ...]:
    """The systems in the order given, with every value the release has of them."""
    points = IndexPoint.objects.filter(
        release=release, system__in=systems, on_official_version=True
    )
    values: dict[int, dict[str, Standing]] = {}
    for point in points.select_related("version"):
        values.setdefault(point.system_id, {})[point.series] = Standing(
            point.value, point.low, point.high, point.coverage, point.official, point.version.number
        )
    return tuple(Compared(system_name(one), values.get(one.pk, {})) for one in systems)


def comparing(release: Release, systems: Sequence[System], series: str) -> Comparing:
    """The comparison of some systems; `series` for the probabilities and the waterfall."""
    return _comparing(release, tuple(systems), series)


@remembered(16)
def _comparing(release: Release, systems: tuple[System, ...], series: str) -> Comparing:
    found = compared_systems(release, systems)
    slugs = [one.name.slug for one in found]
    sheets, evals = sheets_of(release, slugs), eval_names()
    names = [one.name for one in found]
    drivers = _drivers(sheets, slugs, series, evals)
    return Comparing(
        series=series,
        systems=found,
        recorded=bool(sheets.own),
        ahead=tuple(
            tuple(sheets.compared(one, other, series) if one != other else None for other in slugs)
            for one in slugs
        ),
        shared=shared_rows(sheets, names, evals),
        leads=lead_rows(found),
        drivers=drivers,
        waterfall=_waterfall(found, series, drivers),
    )


def _drivers(
    sheets: Sheets, slugs: Sequence[str], series: str, evals: Mapping[str, EvalName]
) -> tuple[Driver, ...]:
    """What each eval adds to the first system's index less the second's."""
    if len(slugs) < 2:
        return ()
    terms = sheets.terms(slugs[0], slugs[1], series) or {}
    rows = [{"eval": name, "points": points} for (_, name), points in terms.items()]
    return drivers_of(rows, evals)


def _waterfall(
    found: Sequence[Compared], series: str, drivers: Sequence[Driver]
) -> Waterfall | None:
    if len(found) < 2 or not drivers:
        return None
    one, other = found[0], found[1]
    values = (one.values[series].value, other.values[series].value)
    return between_systems(
        drivers, series=series, system=one.name, against=other.name, values=values
    )


def shared_rows(
    sheets: Sheets, names: Sequence[SystemName], evals: Mapping[str, EvalName]
) -> tuple[SharedRow, ...]:
    """The evals that at least two of the systems have, by domain and subdomain."""
    cells = [
        sheets.own[name.slug].cell_of if name.slug in sheets.own else dict[str, Cell]()
        for name in names
    ]
    every = dict.fromkeys(slug for own in cells for slug in own)
    rows = [
        _shared(evals[slug], tuple(own.get(slug) for own in cells), names)
        for slug in every
        if sum(slug in own for own in cells) >= 2
    ]
    return tuple(sorted(rows, key=lambda row: (*_place(row.eval.domain), row.eval.name)))


def _place(domain: str) -> tuple[int, str]:
    return (DOMAINS.index(domain) if domain in DOMAINS else len(DOMAINS), domain)


def _shared(
    item: EvalName, cells: tuple[Cell | None, ...], names: Sequence[SystemName]
) -> SharedRow:
    known = [
        (cell.points, n)
        for n, cell in enumerate(cells)
        if cell is not None and cell.points is not None
    ]
    if len(known) < 2:
        return SharedRow(item, cells, None, None, None, None)
    known.sort(key=lambda pair: (-pair[0], pair[1]))
    (best, first), (next_best, second) = known[:2]
    lead = best - next_best
    errors = [cell.stderr for n in (first, second) if (cell := cells[n]) is not None]
    half = None
    if all(error is not None for error in errors):
        half = NORMAL * math.hypot(*(error or 0.0 for error in errors))
    return SharedRow(
        eval=item,
        cells=cells,
        leader=names[first] if lead > 0 else None,
        lead=lead,
        low=None if half is None else lead - half,
        high=None if half is None else lead + half,
    )


def lead_rows(found: Sequence[Compared]) -> tuple[LeadRow, ...]:
    """Every series in which at least two of the systems have a value, domains first."""
    every = dict.fromkeys(series for one in found for series in one.values)
    rows = [
        _lead(series, found)
        for series in sorted(every, key=_series_place)
        if sum(series in one.values for one in found) >= 2
    ]
    return tuple(rows)


def _series_place(series: str) -> tuple[int, int, str]:
    order = ("headline", "balanced", *DOMAINS)
    top = series.split("/")[0]
    return (order.index(top) if top in order else len(order), "/" in series, series)


def _lead(series: str, found: Sequence[Compared]) -> LeadRow:
    values = tuple(one.values.get(series) for one in found)
    there = [(value, one) for value, one in zip(values, found, strict=True) if value is not None]
    there.sort(key=lambda pair: -pair[0].value)
    (best, leader), (second, _other) = there[:2]
    others = [value.high for value, _one in there[1:]]
    apart = best.low is not None and all(high is not None and high < best.low for high in others)
    return LeadRow(series, values, leader.name if best.value > second.value else None, apart)
