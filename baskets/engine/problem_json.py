"""Reading and writing a problem as JSON, with every check that needs no arithmetic."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from itertools import pairwise

from baskets.engine import reading as r
from baskets.engine.basket_json import read_basket, write_basket
from baskets.engine.errors import (
    BadGoalposts,
    BaseMissing,
    DuplicateCell,
    EmptyBasket,
    MalformedProblem,
    NotPositive,
    OutOfBounds,
    UnknownId,
)
from baskets.engine.parts import (
    RESERVED_SERIES,
    Basket,
    Eval,
    Method,
    Score,
    System,
)
from baskets.engine.points import SCALES, Goalposts, check_goalposts

LINKS = ("additive", "ratio")
INDEX_SCALES = ("points", "odds")
DOMAIN_MEANS = ("arithmetic", "geometric")
IMPUTATIONS = ("model", "parental", "strict")

Parts = tuple[Method, tuple[Eval, ...], tuple[System, ...], tuple[Score, ...], tuple[Basket, ...]]

# Every replicate of every cell is held in memory at once.
MOST_REPLICATES = 20_000
# One replicate has no spread, and an interval without width would be read as certainty.
FEWEST_REPLICATES = 2


def read_parts(obj: object) -> Parts:
    """The validated parts of a JSON object, in the order of the problem's fields."""
    top = r.mapping(obj, at="problem")
    method = _method(r.mapping(top.get("method"), at="method"))
    evals = tuple(sorted((_eval(row) for row in r.rows(top, "evals")), key=lambda e: e.id))
    systems = tuple(sorted((_system(row) for row in r.rows(top, "systems")), key=lambda s: s.id))
    r.unique((e.id for e in evals), kind="eval")
    r.unique((s.id for s in systems), kind="system")
    known = {e.id: e for e in evals}
    names = {s.id for s in systems}
    if method.base not in names:
        raise BaseMissing(f"the base system {method.base} is not among the systems")
    scores = _scores(r.rows(top, "scores"), known, names)
    baskets = tuple(read_basket(row, known, names) for row in r.rows(top, "baskets"))
    _check_baskets(baskets, known)
    return method, evals, systems, scores, baskets


def write_parts(
    method: Method,
    evals: Iterable[Eval],
    systems: Iterable[System],
    scores: Iterable[Score],
    baskets: Iterable[Basket],
) -> dict[str, object]:
    """The JSON object of a problem, every default written out."""
    return {
        "method": asdict(method),
        "evals": [_eval_json(e) for e in evals],
        "systems": [_row(s) for s in systems],
        "scores": [_row(s) for s in scores],
        "baskets": [write_basket(b) for b in baskets],
    }


def _method(obj: r.Json) -> Method:
    r.only(obj, (f.name for f in fields(Method)), at="method")
    if obj.get("base") is None:
        raise BaseMissing("method.base must name the base system")
    at = "method"
    replicates = r.whole(obj, "replicates", default=0, most=MOST_REPLICATES, at=at)
    if 0 < replicates < FEWEST_REPLICATES:
        raise MalformedProblem(f"{at}.replicates must be 0 or at least {FEWEST_REPLICATES}")
    return Method(
        base=r.text(obj, "base", at=at),
        link=r.choice(obj, "link", LINKS, at=at),
        scale=r.choice(obj, "scale", INDEX_SCALES, at=at),
        domain_mean=r.choice(obj, "domain_mean", DOMAIN_MEANS, at=at),
        imputation=r.choice(obj, "imputation", IMPUTATIONS, at=at),
        coverage_floor=r.share(obj, "coverage_floor", default=0.5, at=at) or 0.0,
        domain_coverage_floor=r.share(obj, "domain_coverage_floor", default=0.0, at=at) or 0.0,
        min_evals=r.whole(obj, "min_evals", default=2, at=at),
        replicates=replicates,
        seed=r.whole(obj, "seed", default=0, at=at),
    )


def _eval(obj: r.Json) -> Eval:
    name = r.text(obj, "id", at="eval")
    at = f"eval {name}"
    domain = r.text(obj, "domain", at=at)
    if domain in RESERVED_SERIES or "/" in domain:
        raise MalformedProblem(f"{at}: {domain} cannot be the name of a domain")
    ends = {key: r.optional_number(obj, key, at=at) for key in ("floor", "ceiling", "reference")}
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
        flags=tuple(sorted(set(r.texts(obj.get("flags") or [], at=f"{at}.flags")))),
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


def _scores(
    rows: Sequence[r.Json], evals: Mapping[str, Eval], systems: set[str]
) -> tuple[Score, ...]:
    """Scores by system and eval; a null beside a number is a second row of the cell too."""
    seen: set[tuple[str, str]] = set()
    read = []
    for row in rows:
        score = _score(row, evals, systems)
        cell = (
            (str(row["system"]), str(row["eval"])) if score is None else (score.system, score.eval)
        )
        if cell in seen:
            raise DuplicateCell(f"{cell[0]} has two scores on {cell[1]}")
        seen.add(cell)
        if score is not None:
            read.append(score)
    return tuple(sorted(read, key=lambda s: (s.system, s.eval)))


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
        raise OutOfBounds(f"{at}: {value:g} lies outside the bounds {_bounds(lower, upper)}")
    if evals[name].scale == "log" and value <= 0:
        # Whether or not a basket counts the eval: there is no such place on its scale.
        raise NotPositive(f"{at}: the logarithm of {value:g} does not exist")
    stderr = r.optional_number(obj, "stderr", at=at)
    n_items = r.optional_number(obj, "n_items", at=at)
    if (stderr is not None and stderr < 0) or (n_items is not None and n_items <= 0):
        raise MalformedProblem(f"{at}: stderr must not be negative and n_items must be positive")
    return Score(system=system, eval=name, value=value, stderr=stderr, n_items=n_items)


def _bounds(lower: float | None, upper: float | None) -> str:
    low = "open" if lower is None else f"{lower:g}"
    return f"[{low}, {'open' if upper is None else f'{upper:g}'}]"


def _check_baskets(baskets: Sequence[Basket], evals: Mapping[str, Eval]) -> None:
    if not baskets:
        raise EmptyBasket("the problem has no basket")
    r.unique((b.id for b in baskets), kind="basket")
    for basket, following in pairwise(baskets):
        later = following.effective_on
        if later is None or (basket.effective_on and later <= basket.effective_on):
            raise MalformedProblem(f"basket {following.id} must take effect after {basket.id}")
    for basket in baskets:
        for key in basket.weights:
            item = evals[key]
            goalposts, at = basket.goalposts_of(item), f"basket {basket.id}, eval {key}"
            check_goalposts(goalposts, scale=item.scale, at=at)
            if not goalposts.usable(item.scale):
                raise BadGoalposts(f"{at}: no usable goalposts")


def _row(item: System | Score) -> dict[str, object]:
    row = vars(item).copy()
    if isinstance(item, System):
        row["released_on"] = item.released_on and item.released_on.isoformat()
    return row


def _eval_json(item: Eval) -> dict[str, object]:
    row = vars(item).copy()
    row.update(vars(row.pop("goalposts")))
    row["flags"] = list(item.flags)
    row["released_on"] = item.released_on and item.released_on.isoformat()
    return row
