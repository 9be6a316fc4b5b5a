"""Reading and writing a problem as JSON, with every check that needs no arithmetic."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from itertools import pairwise

from baskets.engine import reading as r
from baskets.engine.errors import (
    BadGoalposts,
    BadWeight,
    BaseMissing,
    DuplicateCell,
    DuplicateId,
    EmptyBasket,
    MalformedProblem,
    OutOfBounds,
    UnknownId,
)
from baskets.engine.points import SCALES, Goalposts, check_goalposts
from baskets.engine.problem import (
    RESERVED_SERIES,
    Basket,
    Eval,
    Method,
    Problem,
    Score,
    System,
)

LINKS = ("additive", "ratio")
INDEX_SCALES = ("points", "odds")
DOMAIN_MEANS = ("arithmetic", "geometric")
IMPUTATIONS = ("model", "parental", "strict")

# Weights that sum to 1 this closely are kept as written, so that a written problem reads back
# bit for bit.
NORMALISED = 1e-12


def read_problem(obj: object) -> Problem:
    """The validated problem of a JSON object."""
    top = r.mapping(obj, at="problem")
    method = _method(r.mapping(top.get("method"), at="method"))
    evals = tuple(
        sorted((_eval(row) for row in r.rows(top, "evals")), key=lambda e: e.id)
    )
    systems = tuple(
        sorted((_system(row) for row in r.rows(top, "systems")), key=lambda s: s.id)
    )
    _unique((e.id for e in evals), kind="eval")
    _unique((s.id for s in systems), kind="system")
    known = {e.id: e for e in evals}
    names = {s.id for s in systems}
    if method.base not in names:
        raise BaseMissing(f"the base system {method.base} is not among the systems")
    read = [
        score for row in r.rows(top, "scores") if (score := _score(row, known, names))
    ]
    scores = tuple(sorted(read, key=lambda s: (s.system, s.eval)))
    for score, following in pairwise(scores):
        if (score.system, score.eval) == (following.system, following.eval):
            raise DuplicateCell(f"{score.system} has two scores on {score.eval}")
    baskets = tuple(_basket(row, known, names) for row in r.rows(top, "baskets"))
    problem = Problem(method, evals, systems, scores, baskets)
    _check_baskets(problem)
    return problem


def write_problem(problem: Problem) -> dict[str, object]:
    """The JSON object of a problem, every default written out."""
    return {
        "method": asdict(problem.method),
        "evals": [_eval_json(e) for e in problem.evals],
        "systems": [_row(s) for s in problem.systems],
        "scores": [_row(s) for s in problem.scores],
        "baskets": [_basket_json(b) for b in problem.baskets],
    }


def _method(obj: r.Json) -> Method:
    # An option that is not known would change nothing while its author believes it does.
    unknown = sorted(set(obj) - {f.name for f in fields(Method)})
    if unknown:
        raise MalformedProblem(f"method has no option {', '.join(map(str, unknown))}")
    if obj.get("base") is None:
        raise BaseMissing("method.base must name the base system")
    at = "method"
    return Method(
        base=r.text(obj, "base", at=at),
        link=r.choice(obj, "link", LINKS, at=at),
        scale=r.choice(obj, "scale", INDEX_SCALES, at=at),
        domain_mean=r.choice(obj, "domain_mean", DOMAIN_MEANS, at=at),
        imputation=r.choice(obj, "imputation", IMPUTATIONS, at=at),
        coverage_floor=r.share(obj, "coverage_floor", default=0.5, at=at) or 0.0,
        domain_coverage_floor=r.share(obj, "domain_coverage_floor", default=0.0, at=at)
        or 0.0,
        min_evals=r.whole(obj, "min_evals", default=2, at=at),
        replicates=r.whole(obj, "replicates", default=0, at=at),
        seed=r.whole(obj, "seed", default=0, at=at),
    )


def _eval(obj: r.Json) -> Eval:
    name = r.text(obj, "id", at="eval")
    at = f"eval {name}"
    domain = r.text(obj, "domain", at=at)
    if domain in RESERVED_SERIES or "/" in domain:
        raise MalformedProblem(f"{at}: {domain} cannot be the name of a domain")
    ends = {
        key: r.optional_number(obj, key, at=at)
        for key in ("floor", "ceiling", "reference")
    }
    stderr = r.optional_number(obj, "stderr", at=at)
    if stderr is not None and stderr < 0:
        raise MalformedProblem(f"{at}.stderr must not be negative")
    scale = r.choice(obj, "scale", SCALES, at=at)
    goalposts = Goalposts(**ends)
    check_goalposts(goalposts, scale=scale, at=at)
    return Eval(
        id=name,
        domain=domain,
        subdomain=r.optional_text(obj, "subdomain", at=at),
        scale=scale,
        lower=r.optional_number(obj, "lower", at=at),
        upper=r.optional_number(obj, "upper", at=at),
        goalposts=goalposts,
        released_on=r.optional_date(obj, "released_on", at=at),
        stderr=stderr,
    )


def _system(obj: r.Json) -> System:
    name = r.text(obj, "id", at="system")
    at = f"system {name}"
    return System(
        id=name,
        released_on=r.optional_date(obj, "released_on", at=at),
        generation=r.optional_text(obj, "generation", at=at),
        developer=r.optional_text(obj, "developer", at=at),
    )


def _score(obj: r.Json, evals: Mapping[str, Eval], systems: set[str]) -> Score | None:
    """A score, or None where the value is null: a missing cell, which is not a zero."""
    system, name = r.text(obj, "system", at="score"), r.text(obj, "eval", at="score")
    at = f"score of {system} on {name}"
    if system not in systems:
        raise UnknownId(f"{at}: the system is not known")
    if name not in evals:
        raise UnknownId(f"{at}: the eval is not known")
    if "value" in obj and obj["value"] is None:
        return None
    value = r.number(obj.get("value"), at=f"{at}: value")
    lower, upper = evals[name].lower, evals[name].upper
    low, high = lower is not None and value < lower, upper is not None and value > upper
    if not math.isfinite(value) or low or high:
        raise OutOfBounds(
            f"{at}: {value:g} lies outside the bounds {_bounds(lower, upper)}"
        )
    stderr = r.optional_number(obj, "stderr", at=at)
    n_items = r.optional_number(obj, "n_items", at=at)
    if (stderr is not None and stderr < 0) or (n_items is not None and n_items <= 0):
        raise MalformedProblem(
            f"{at}: stderr must not be negative and n_items must be positive"
        )
    return Score(system=system, eval=name, value=value, stderr=stderr, n_items=n_items)


def _bounds(lower: float | None, upper: float | None) -> str:
    low = "open" if lower is None else f"{lower:g}"
    return f"[{low}, {'open' if upper is None else f'{upper:g}'}]"


def _basket(obj: r.Json, evals: Mapping[str, Eval], systems: set[str]) -> Basket:
    name = r.text(obj, "id", at="basket")
    at = f"basket {name}"
    goalposts = r.mapping(obj.get("goalposts") or {}, at=f"{at}.goalposts")
    references = r.mapping(obj.get("references") or {}, at=f"{at}.references")
    overlap = [str(s) for s in r.sequence(obj.get("overlap") or [], at=f"{at}.overlap")]
    for key in (*goalposts, *references):
        if key not in evals:
            raise UnknownId(f"{at}: the eval {key} is not known")
    for system in overlap:
        if system not in systems:
            raise UnknownId(f"{at}: the overlap system {system} is not known")
    _unique(overlap, kind=f"overlap system of {at}")
    min_evals = (
        None
        if obj.get("min_evals") is None
        else r.whole(obj, "min_evals", default=0, at=at)
    )
    return Basket(
        id=name,
        weights=_weights(
            r.mapping(obj.get("weights") or {}, at=f"{at}.weights"), evals, at=at
        ),
        effective_on=r.optional_date(obj, "effective_on", at=at),
        goalposts={
            key: _pair(goalposts[key], at=f"{at}.goalposts.{key}")
            for key in sorted(goalposts)
        },
        references={
            key: _finite(references[key], at=f"{at}.references.{key}")
            for key in sorted(references)
        },
        overlap=tuple(sorted(overlap)),
        coverage_floor=r.share(obj, "coverage_floor", default=None, at=at),
        domain_coverage_floor=r.share(
            obj, "domain_coverage_floor", default=None, at=at
        ),
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
            raise BadWeight(
                f"{at}: the weight of {key} is {weight:g}, it must be positive"
            )
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


def _check_baskets(problem: Problem) -> None:
    if not problem.baskets:
        raise EmptyBasket("the problem has no basket")
    _unique((b.id for b in problem.baskets), kind="basket")
    for basket, following in pairwise(problem.baskets):
        later = following.effective_on
        if later is None or (basket.effective_on and later <= basket.effective_on):
            raise MalformedProblem(
                f"basket {following.id} must take effect after {basket.id}"
            )
    for basket in problem.baskets:
        for key in basket.weights:
            scale = problem.eval_by_id[key].scale
            goalposts, at = (
                problem.goalposts(basket, key),
                f"basket {basket.id}, eval {key}",
            )
            check_goalposts(goalposts, scale=scale, at=at)
            if not goalposts.usable(scale):
                raise BadGoalposts(f"{at}: no usable goalposts")


def _unique(ids: Iterable[str], *, kind: str) -> None:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise DuplicateId(f"there are two of the {kind} {name}")
        seen.add(name)


def _row(item: System | Score) -> dict[str, object]:
    row = asdict(item)
    if isinstance(item, System):
        row["released_on"] = item.released_on and item.released_on.isoformat()
    return row


def _eval_json(item: Eval) -> dict[str, object]:
    row = asdict(item)
    row.update(row.pop("goalposts"))
    row["released_on"] = item.released_on and item.released_on.isoformat()
    return row


def _basket_json(item: Basket) -> dict[str, object]:
    row = asdict(item)
    row["effective_on"] = item.effective_on and item.effective_on.isoformat()
    row["goalposts"] = {key: list(ends) for key, ends in item.goalposts.items()}
    row["overlap"] = list(item.overlap)
    return row
