"""Reading and writing one basket version of a problem."""

import math
from collections.abc import Mapping
from dataclasses import fields

from baskets.engine import reading as r
from baskets.engine.errors import BadWeight, EmptyBasket, MalformedProblem, UnknownId
from baskets.engine.parts import Basket, Eval

# Weights that sum to 1 this closely are kept as written, so that a written problem reads back
# bit for bit.
NORMALISED = 1e-12


def read_basket(obj: r.Json, evals: Mapping[str, Eval], systems: set[str]) -> Basket:
    """A basket version whose ids are known and whose weights are normalised."""
    name = r.text(obj, "id", at="basket")
    at = f"basket {name}"
    r.only(obj, (f.name for f in fields(Basket)), at=at)
    goalposts = r.mapping(obj.get("goalposts") or {}, at=f"{at}.goalposts")
    references = r.mapping(obj.get("references") or {}, at=f"{at}.references")
    overlap = r.texts(obj.get("overlap") or [], at=f"{at}.overlap")
    for key in (*goalposts, *references):
        if key not in evals:
            raise UnknownId(f"{at}: the eval {key} is not known")
    for system in overlap:
        if system not in systems:
            raise UnknownId(f"{at}: the overlap system {system} is not known")
    r.unique(overlap, kind=f"overlap system of {at}")
    min_evals = (
        None if obj.get("min_evals") is None else r.whole(obj, "min_evals", default=0, at=at)
    )
    return Basket(
        id=name,
        weights=_weights(r.mapping(obj.get("weights") or {}, at=f"{at}.weights"), evals, at=at),
        effective_on=r.optional_date(obj, "effective_on", at=at),
        goalposts={
            key: _pair(goalposts[key], at=f"{at}.goalposts.{key}") for key in sorted(goalposts)
        },
        references={
            key: _finite(references[key], at=f"{at}.references.{key}") for key in sorted(references)
        },
        overlap=tuple(sorted(overlap)),
        coverage_floor=r.share(obj, "coverage_floor", default=None, at=at),
        domain_coverage_floor=r.share(obj, "domain_coverage_floor", default=None, at=at),
        min_evals=min_evals,
    )


def _weights(obj: r.Json, evals: Mapping[str, Eval], *, at: str) -> dict[str, float]:
    """Weights normalised to 1, ordered by eval."""
    if not obj:
        raise EmptyBasket(f"{at} has no weights")
    weights = {}
    for key in sorted(obj):
        if key not in evals:
            raise UnknownId(f"{at}: the eval {key} is not known")
        weight = r.number(obj[key], at=f"{at}.weights.{key}")
        if not math.isfinite(weight) or weight <= 0:
            raise BadWeight(f"{at}: the weight of {key} is {weight:g}, it must be positive")
        weights[key] = weight
    largest = max(weights.values())
    total = math.fsum(weight / largest for weight in weights.values()) * largest
    if not math.isfinite(total):
        raise BadWeight(f"{at}: the weights are too large to be added")
    if abs(total - 1) <= NORMALISED:
        return weights
    normal = {key: weight / total for key, weight in weights.items()}
    if min(normal.values()) <= 0:
        raise BadWeight(f"{at}: a weight is too small beside the others")
    return normal


def _pair(value: object, *, at: str) -> tuple[float | None, float | None]:
    ends = r.sequence(value, at=at)
    if len(ends) != 2:
        raise MalformedProblem(f"{at} must be [floor, ceiling]")
    floor, ceiling = (None if end is None else _finite(end, at=at) for end in ends)
    return floor, ceiling


def _finite(value: object, *, at: str) -> float:
    result = r.number(value, at=at)
    if not math.isfinite(result):
        raise MalformedProblem(f"{at} must be finite")
    return result


def write_basket(item: Basket) -> dict[str, object]:
    """The JSON object of a basket version."""
    row = vars(item).copy()
    row["weights"], row["references"] = dict(item.weights), dict(item.references)
    row["effective_on"] = item.effective_on and item.effective_on.isoformat()
    row["goalposts"] = {key: list(ends) for key, ends in item.goalposts.items()}
    row["overlap"] = list(item.overlap)
    return row
