"""Two systems taken apart from their sheets: the same terms as from the whole problem."""

import json
from itertools import permutations
from typing import Any

import pytest

from baskets.engine import Answer, Problem, compute, contributions
from baskets.engine.errors import UndefinedComparison
from baskets.engine.sheet import Sheet, frame_of, sheet_from, sheets_of, terms_between
from tests.engine.problems import changed, dense, linked

Values = dict[str, tuple[float, float]]


def sheets(problem: Problem, answer: Answer) -> tuple[dict[str, Any], dict[str, Sheet]]:
    """Frame and sheets, by way of their JSON."""
    frame = json.loads(json.dumps(frame_of(problem, answer)))
    found = json.loads(json.dumps(sheets_of(problem, answer)))
    return frame, {name: sheet_from(row) for name, row in found.items()}


def values(problem: Problem, answer: Answer, *systems: str) -> Values:
    """The index of two systems in every series in which both have one."""
    found: dict[str, list[float]] = {}
    for name in systems:
        place = problem.version_in_force(problem.system_by_id[name]).id
        for point in answer.points:
            if (point.system, point.basket) == (name, place) and point.value is not None:
                found.setdefault(point.series, []).append(point.value)
    return {series: (pair[0], pair[1]) for series, pair in found.items() if len(pair) == 2}


@pytest.mark.parametrize("series", ["headline", "capability", "safety"])
@pytest.mark.parametrize(("one", "other"), list(permutations(["old", "mid", "top", "new"], 2)))
def test_it_finds_the_terms_of_the_whole_problem(series: str, one: str, other: str) -> None:
    problem = Problem.from_json(linked())
    answer = compute(problem)
    frame, found = sheets(problem, answer)
    pair = values(problem, answer, one, other)
    terms = terms_between(frame, found[one], found[other], series=series, values=pair)
    wanted = contributions(answer, problem, system=one, against=other, series=series)
    expected = {(row.basket, row.eval): row.points for row in wanted}
    for place in {*terms, *expected}:
        assert terms.get(place, 0.0) == pytest.approx(expected.get(place, 0.0), abs=1e-9)
    assert sum(terms.values()) == pytest.approx(pair[series][0] - pair[series][1], abs=1e-9)


def test_it_takes_a_subdomain_apart() -> None:
    given = dense()
    for row, name in zip(given["evals"], ("one", "two", "one"), strict=True):
        row["subdomain"] = name
    problem = Problem.from_json(given)
    answer = compute(problem)
    frame, found = sheets(problem, answer)
    pair = values(problem, answer, "new", "old")
    terms = terms_between(frame, found["new"], found["old"], series="capability/one", values=pair)
    assert terms == pytest.approx({("v1", "a"): 60.0})
    assert pair["capability/one"] == pytest.approx((160.0, 100.0))


def test_it_takes_a_balanced_series_apart_by_logarithmic_means() -> None:
    problem = Problem.from_json(dense())
    answer = compute(problem)
    frame, found = sheets(problem, answer)
    pair = values(problem, answer, "new", "old")
    terms = terms_between(frame, found["new"], found["old"], series="balanced", values=pair)
    wanted = contributions(answer, problem, system="new", against="old", series="balanced")
    assert terms == pytest.approx({(row.basket, row.eval): row.points for row in wanted})


def test_it_has_no_balanced_terms_across_versions() -> None:
    problem = Problem.from_json(linked())
    answer = compute(problem)
    frame, found = sheets(problem, answer)
    pair = values(problem, answer, "new", "old")
    with pytest.raises(UndefinedComparison):
        terms_between(frame, found["new"], found["old"], series="balanced", values=pair)


def test_it_has_no_terms_where_the_method_has_no_sums() -> None:
    problem = Problem.from_json(changed(dense(), scale="odds"))
    answer = compute(problem)
    frame, found = sheets(problem, answer)
    assert frame == {"series": {}, "shares": {}}
    with pytest.raises(UndefinedComparison):
        terms_between(frame, found["new"], found["old"], series="headline", values={})


def test_it_holds_every_score_in_points_with_its_error() -> None:
    problem = dense()
    problem["scores"][0]["stderr"] = 2.0
    read = Problem.from_json(problem)
    _frame, found = sheets(read, compute(read))
    cells = {cell.eval: cell for cell in found["old"].cells}
    assert (cells["a"].points, cells["a"].stderr, cells["a"].known) == (50.0, 2.0, True)
    # Between the goalposts 20 and 100 an item of 60 has half the points; a lower value is better.
    assert (cells["b"].points, cells["c"].points, cells["c"].known) == (50.0, 60.0, False)


def test_it_leaves_out_what_a_system_lacks() -> None:
    problem = Problem.from_json(linked())
    _frame, found = sheets(problem, compute(problem))
    assert found["new"].basket == "v2"
    assert found["new"].points == {"b": 70.0, "t": 60.0}
    assert found["old"].basket == "v1"
