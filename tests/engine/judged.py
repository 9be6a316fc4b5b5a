"""A problem with gaps, two domains and two linked versions, for tests of section 10."""

import copy

import numpy as np

from baskets.engine import Answer, Basket, Problem, compute_with_replicates, prepare
from baskets.engine.compute import State
from tests.engine.problems import Json, item

CAPABILITY, SAFETY = ("a", "b", "c", "d"), ("s", "t", "u")
FIRST = {"a": 0.2, "b": 0.2, "c": 0.1, "s": 0.3, "t": 0.2}
SECOND = {"b": 0.1, "c": 0.2, "d": 0.3, "t": 0.2, "u": 0.2}


def gappy(**method: object) -> Json:
    """Twelve systems of three developers over seven evals; a fifth of the cells are missing."""
    random = np.random.default_rng(7)
    names = [f"m{n:02}" for n in range(12)]
    ability = np.linspace(-0.6, 1.6, 12) + 0.2 * random.standard_normal(12)
    ease = dict(zip(CAPABILITY + SAFETY, (0.5, 0.2, -0.3, -0.8, 0.6, 0.1, 0.3), strict=True))
    shares = {
        (s, e): 1 / (1 + np.exp(-(t + ease[e] + 0.3 * random.standard_normal())))
        for s, t in zip(names, ability, strict=True)
        for e in ease
    }
    kept = {cell for n, cell in enumerate(shares) if n % 5 != 3 or cell[0] == "m00"}
    return {
        "method": {"base": "m00", "min_evals": 1, "coverage_floor": 0.2} | method,
        "evals": [item(e) for e in CAPABILITY] + [item(e, "safety") for e in SAFETY],
        "systems": [
            {"id": s, "released_on": f"2024-{n + 1:02}-01", "developer": "PQR"[n % 3]}
            for n, s in enumerate(names)
        ],
        "scores": [
            {"system": s, "eval": e, "value": round(100 * share, 2), "n_items": 200}
            for (s, e), share in shares.items()
            if (s, e) in kept
        ],
        "baskets": [
            {"id": "v1", "effective_on": "2024-01-01", "weights": FIRST},
            {
                "id": "v2",
                "effective_on": "2024-07-01",
                "weights": SECOND,
                "overlap": ["m03", "m04", "m05", "m06"],
            },
        ],
    }


def worked(problem: Json) -> tuple[State, Answer]:
    """The state of a problem and its answer, on the same fills."""
    read = Problem.from_json(problem)
    state = prepare(read)
    return state, compute_with_replicates(read, filled=state.fill.imputed)[0]


def reweighted(problem: Json, weights: list[dict[str, float]], **method: object) -> Json:
    """The problem with other weights per version and other options."""
    other = copy.deepcopy(problem)
    other["method"] |= method
    for basket, new in zip(other["baskets"], weights, strict=True):
        basket["weights"] = new
    return other


def basket(**weights: float) -> Basket:
    """A basket version with some weights."""
    return Basket("v", weights)
