"""Small problems that the engine's tests share."""

import copy
from collections.abc import Mapping
from typing import Any

from baskets.engine import Answer, Problem, compute

Json = dict[str, Any]


def item(name: str, domain: str = "capability", **more: object) -> Json:
    """An eval between 0 and 100 points whose value is its points."""
    return {
        "id": name,
        "domain": domain,
        "floor": 0,
        "ceiling": 100,
        "lower": 0,
        "upper": 100,
    } | more


def cells(table: Mapping[str, Mapping[str, float | None]]) -> list[Json]:
    """Scores from {system: {eval: value}}."""
    return [
        {"system": system, "eval": name, "value": value}
        for system, row in table.items()
        for name, value in row.items()
    ]


def dense() -> Json:
    """Two systems, three evals, two domains, nothing missing; worked by hand in the tests."""
    return {
        "method": {"base": "old", "imputation": "strict"},
        "evals": [
            item("a"),
            item("b", floor=20),
            item("c", "safety", floor=100, ceiling=0),
        ],
        "systems": [
            {"id": "old", "released_on": "2024-05-01", "generation": "G1", "developer": "D"},
            {"id": "new", "released_on": "2025-05-01", "generation": "G2", "developer": "D"},
        ],
        "scores": cells({"old": {"a": 50, "b": 60, "c": 40}, "new": {"a": 80, "b": 100, "c": 10}}),
        "baskets": [
            {"id": "v1", "effective_on": "2024-01-01", "weights": {"a": 0.4, "b": 0.2, "c": 0.4}}
        ],
    }


def linked() -> Json:
    """Two versions with disjoint evals, linked on `mid` and `top`; worked by hand in the tests."""
    names = {"old": "2024-02-01", "mid": "2024-09-01", "top": "2025-01-01", "new": "2025-06-01"}
    return {
        "method": {"base": "old", "imputation": "strict", "min_evals": 1},
        "evals": [item("a"), item("s", "safety"), item("b"), item("t", "safety")],
        "systems": [{"id": name, "released_on": day} for name, day in names.items()],
        "scores": cells(
            {
                "old": {"a": 40, "s": 50},
                "mid": {"a": 60, "s": 60, "b": 20, "t": 30},
                "top": {"a": 80, "s": 70, "b": 40, "t": 50},
                "new": {"b": 70, "t": 60},
            }
        ),
        "baskets": [
            {"id": "v1", "effective_on": "2024-01-01", "weights": {"a": 0.5, "s": 0.5}},
            {
                "id": "v2",
                "effective_on": "2025-03-01",
                "weights": {"b": 0.5, "t": 0.5},
                "overlap": ["mid", "top"],
            },
        ],
    }


def changed(problem: Json, **method: object) -> Json:
    """A copy with other method options."""
    other = copy.deepcopy(problem)
    other["method"] |= method
    return other


def answer_to(problem: Json) -> Answer:
    """Read and compute."""
    return compute(Problem.from_json(problem))


def value(
    answer: Answer, system: str, series: str = "headline", basket: str = "v1"
) -> float | None:
    """The value of one point."""
    return answer.point_at[system, series, basket].value


def there(answer: Answer, system: str, series: str = "headline", basket: str = "v1") -> float:
    """The value of one point that must exist."""
    found = value(answer, system, series, basket)
    assert found is not None
    return found
