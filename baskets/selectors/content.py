"""What a version says, as one value: to be hashed, compared and saved whole."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from baskets.models import Basket, BasketVersion, Weight

OWN = ("effective_on", "coverage_floor", "domain_coverage_floor", "min_evals", "link",
       "rationale", "lost_status_reason")  # fmt: skip
# What an eval is, beside its domain: a published version holds it fast, or counts scores by it.
MEANING = ("subdomain", "scale", "direction", "lower", "upper")


@dataclass(frozen=True)
class WeightContent:
    """One eval in a version; goalposts that are None are the eval's own."""

    eval: str
    weight: float
    selection: str
    owner: str
    rationale: str
    floor: float | None = None
    ceiling: float | None = None
    reference: float | None = None
    protocol: str = ""
    goalpost_reason: str = ""


@dataclass(frozen=True)
class Content:
    """All that is decided in a version; `departures` pairs an eval that left with the reason."""

    effective_on: dt.date
    coverage_floor: float
    domain_coverage_floor: float
    min_evals: int
    link: str
    rationale: str
    lost_status_reason: str
    overlap: tuple[str, ...]
    weights: tuple[WeightContent, ...]
    departures: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        """In one order, whatever order they came in."""
        object.__setattr__(self, "overlap", tuple(sorted(self.overlap)))
        object.__setattr__(self, "weights", tuple(sorted(self.weights, key=lambda w: w.eval)))
        object.__setattr__(self, "departures", tuple(sorted(self.departures)))


@dataclass(frozen=True)
class Difference:
    """A fact that two contents state differently; `eval` is blank for those of the version.

    A value is None where an eval, or its departure, is missing on that side.
    """

    eval: str
    field: str
    stored: object
    yours: object


def content_of(version: BasketVersion) -> Content:
    """The content as it is stored now."""
    return Content(
        **{name: getattr(version, name) for name in OWN},
        overlap=tuple(version.overlap.order_by("slug").values_list("slug", flat=True)),
        weights=tuple(_weight(row) for row in _weights(version)),
        departures=tuple(
            version.departures.order_by("eval__slug").values_list("eval__slug", "reason")
        ),
    )


def content_sha256(version: BasketVersion) -> str:
    """The hash to which an approval is bound: all that was decided, and what it was decided about.

    A goalpost that is left to the eval counts with the eval's present value, and with the weights
    count the basket's base system and every eval's domain, subdomain, scale, direction and bounds,
    so that a later change of any of them is a change of what was approved. Steps recorded before
    the migration `bind_wider` have a hash without these; that migration sent what was in review
    back to be proposed again, and left the record of published versions as it was.
    """
    content = content_of(version)
    rows = {row.eval.slug: row for row in _weights(version)}
    resolved = (_resolved(weight, rows[weight.eval]) for weight in content.weights)
    plain: dict[str, Any] = asdict(replace(content, weights=tuple(resolved)))
    base = Basket.objects.filter(pk=version.basket_id)
    plain["base"] = base.values_list("base__slug", flat=True).get()
    plain["evals"] = {slug: _meaning(row) for slug, row in rows.items()}
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, default=dt.date.isoformat)
    return hashlib.sha256(text.encode()).hexdigest()


def differences(stored: Content, yours: Content) -> tuple[Difference, ...]:
    """Where two contents differ: the version's own facts first, then eval by eval."""
    return tuple(_differences(stored, yours))


def _differences(stored: Content, yours: Content) -> Iterator[Difference]:
    for name in (*OWN, "overlap"):
        if getattr(stored, name) != getattr(yours, name):
            yield Difference("", name, getattr(stored, name), getattr(yours, name))
    one = {weight.eval: weight for weight in stored.weights}
    other = {weight.eval: weight for weight in yours.weights}
    for item in sorted(one.keys() | other.keys()):
        for name in Weight.DECIDED:
            values = _value(one, item, name), _value(other, item, name)
            if values[0] != values[1]:
                yield Difference(item, name, *values)
    left, gone = dict(stored.departures), dict(yours.departures)
    for item in sorted(left.keys() | gone.keys()):
        if left.get(item) != gone.get(item):
            yield Difference(item, "departure", left.get(item), gone.get(item))


def _value(weights: Mapping[str, WeightContent], item: str, name: str) -> Any:
    return getattr(weights[item], name) if item in weights else None


def _weights(version: BasketVersion) -> list[Weight]:
    return list(version.weights.select_related("eval__domain").order_by("eval__slug"))


def _weight(row: Weight) -> WeightContent:
    return WeightContent(row.eval.slug, **{name: getattr(row, name) for name in Weight.DECIDED})


def _meaning(row: Weight) -> list[object]:
    return [row.eval.domain.slug, *(getattr(row.eval, name) for name in MEANING)]


def _resolved(weight: WeightContent, row: Weight) -> WeightContent:
    return replace(
        weight,
        floor=row.eval.floor if weight.floor is None else weight.floor,
        ceiling=row.eval.ceiling if weight.ceiling is None else weight.ceiling,
    )
