"""The engine's output as frozen values, and its JSON form (methodology section 15)."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import Any, TypeVar

from baskets.engine.environment import ENGINE_VERSION
from baskets.engine.impute import Imputed
from baskets.engine.measurement import MeasurementError

Row = TypeVar("Row", "Point", "Link", "Contribution", "SeriesLevel", Imputed, MeasurementError)


@dataclass(frozen=True)
class Point:
    """A system on a series of a basket version.

    `official` holds on the version in force at the system's release and only with enough
    coverage; `in_force` marks that version whether or not the coverage is there, so a provisional
    value can be shown in its place. `back_cast`: the system is older than the version, or the
    series uses an eval published after the version took effect.
    """

    system: str
    series: str
    basket: str
    value: float | None
    low: float | None
    high: float | None
    coverage: float
    imputed_share: float | None
    worst: float | None
    best: float | None
    official: bool
    back_cast: bool
    in_force: bool


@dataclass(frozen=True)
class Link:
    """A link of one series: usable overlap, and the newest overlap system's level under each
    way of linking (None where that way has no number)."""

    series: str
    from_basket: str
    to_basket: str
    overlap: tuple[str, ...]
    additive: float | None
    ratio: float | None
    odds: float | None

    def to_json(self) -> dict[str, object]:
        """The row with the keys of section 15."""
        row = asdict(self)
        row["from"], row["to"] = row.pop("from_basket"), row.pop("to_basket")
        row["overlap"] = list(self.overlap)
        return row


@dataclass(frozen=True)
class Contribution:
    """Index points that one eval adds to the difference `system` minus `against`."""

    system: str
    against: str
    basket: str
    eval: str
    points: float


@dataclass(frozen=True)
class SeriesLevel:
    """How a series turns weighted level L into index points on a version:
    at + slope (L - anchor). `slope` is k of section 4 on the points scale."""

    series: str
    basket: str
    at: float
    slope: float
    anchor: float
    overlap: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """Everything that one computation says; see section 15 for the JSON form.

    `imputation` records per domain which model filled and how it did on held-out cells.
    `levels` lets contributions and rates in goalpost points be taken without recomputing.
    `errors` are the measurement errors that the intervals assume, empty without replicates.
    `made_with` has the versions of engine, python, numpy and scipy; answers of the time before
    they were recorded have none.
    """

    points: tuple[Point, ...]
    links: tuple[Link, ...]
    contributions: tuple[Contribution, ...]
    imputed: tuple[Imputed, ...]
    sha256: str
    imputation: Mapping[str, object] = field(default_factory=dict)
    levels: tuple[SeriesLevel, ...] = ()
    errors: tuple[MeasurementError, ...] = ()
    engine: str = ENGINE_VERSION
    made_with: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """The JSON object, not rounded; `round_floats` makes the form that bundles store."""
        return {
            "points": [vars(point).copy() for point in self.points],
            "links": [link.to_json() for link in self.links],
            "contributions": [vars(row).copy() for row in self.contributions],
            "imputed": [vars(cell).copy() for cell in self.imputed],
            "imputation": dict(self.imputation),
            "levels": [{**vars(row), "overlap": list(row.overlap)} for row in self.levels],
            "errors": [vars(row).copy() for row in self.errors],
            "engine": self.engine,
            "made_with": dict(self.made_with),
            "sha256": self.sha256,
        }

    @staticmethod
    def from_json(obj: Mapping[str, Any]) -> "Answer":
        """The answer that `to_json` wrote; a bundle's comes back rounded."""
        links = [
            {**row, "from_basket": row["from"], "to_basket": row["to"]} for row in obj["links"]
        ]
        return Answer(
            points=_all(Point, obj["points"]),
            links=_all(Link, links),
            contributions=_all(Contribution, obj["contributions"]),
            imputed=_all(Imputed, obj["imputed"]),
            sha256=obj["sha256"],
            imputation=obj["imputation"],
            levels=_all(SeriesLevel, obj["levels"]),
            errors=_all(MeasurementError, obj["errors"]),
            engine=obj["engine"],
            made_with=obj.get("made_with", {}),
        )

    @cached_property
    def point_at(self) -> dict[tuple[str, str, str], Point]:
        """Points by (system, series, basket)."""
        return {(p.system, p.series, p.basket): p for p in self.points}

    @cached_property
    def filled(self) -> dict[tuple[str, str, str], float]:
        """Filled points by (system, eval, basket)."""
        return {(c.system, c.eval, c.basket): c.points for c in self.imputed}

    @cached_property
    def level_of(self) -> dict[tuple[str, str], SeriesLevel]:
        """Levels by (series, basket)."""
        return {(row.series, row.basket): row for row in self.levels}


def _all(kind: type[Row], rows: Iterable[Mapping[str, Any]]) -> tuple[Row, ...]:
    """Frozen rows of JSON objects; lists become tuples and unknown keys are left out."""
    names = [field.name for field in fields(kind)]

    def values(row: Mapping[str, Any]) -> dict[str, Any]:
        return {n: tuple(row[n]) if isinstance(row[n], list) else row[n] for n in names}

    return tuple(kind(**values(row)) for row in rows)
