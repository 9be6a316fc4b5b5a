"""Section 8: what must hold for every pair of releases, by random search and brute force."""

import copy
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baskets.engine import Problem, Vintage, compute, contributions, prepare, revisions
from baskets.engine.along import Along
from tests.engine.problems import Json, cells, changed, item, there
from tests.engine.test_contributions import METHODS, three_versions
from tests.engine.vintages import ALL, vintage

DOMAIN = {"a": "capability", "b": "capability", "c": "capability", "s": "safety", "t": "safety"}
SYSTEMS = ("old", "one", "two", "three", "four")
FILLS = ("model", "parental", "strict")
SERIES = (*ALL, "capability/r")
search = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def scores(draw: st.DrawFn, keep: int) -> list[Json]:
    """A random table in which some systems and of others some cells are missing; two have all."""
    rows: dict[str, dict[str, float | None]] = {}
    for system in SYSTEMS:
        numbers = {name: draw(st.integers(25, 90)) for name in DOMAIN}
        whole = system in ("old", "one")
        measured = whole or draw(st.integers(0, keep))
        rows[system] = {
            n: v for n, v in numbers.items() if measured and (whole or draw(st.integers(0, keep)))
        }
    return cells(rows)


def baskets(draw: st.DrawFn, versions: int) -> list[Json]:
    weights = [{name: draw(st.integers(1, 9)) for name in DOMAIN} for _ in range(versions)]
    days = ("2024-01-01", "2025-01-01", "2026-01-01")
    overlap = ["old", "one", *draw(st.sets(st.sampled_from(SYSTEMS[2:])))]
    goalposts = draw(st.sampled_from(({}, {"a": [0, 95], "t": [10, 100]})))
    return [
        {"id": f"v{n}", "effective_on": day, "weights": some, "goalposts": goalposts}
        | {"overlap": overlap if n else []}
        for n, (day, some) in enumerate(zip(days, weights, strict=False))
    ]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Json, Json]:
    """Two releases of which everything may differ: scores, systems, weights, versions, method."""
    releases = []
    for versions in (draw(st.integers(1, 3)), draw(st.integers(1, 3))):
        years = [draw(st.integers(2023, 2026)) for _ in SYSTEMS]
        method: Json = draw(st.sampled_from(METHODS))
        method = method | {"base": "old", "imputation": draw(st.sampled_from(FILLS))}
        releases.append(
            {
                "method": method,
                "evals": [item(name, DOMAIN[name], subdomain="r") for name in DOMAIN],
                "systems": [
                    {"id": name, "released_on": f"{year}-06-01"}
                    for name, year in zip(SYSTEMS, years, strict=True)
                ],
                "scores": scores(draw, keep=3),
                "baskets": baskets(draw, versions),
            }
        )
    return releases[0], releases[1]


@search
@given(pairs())
def test_terms_and_their_evals_sum_to_the_change(pair: tuple[Json, Json]) -> None:
    before, after = (vintage(problem) for problem in pair)
    for found in revisions(before, after, series=SERIES):
        assert [t.kind for t in found.terms] == list(KINDS)
        change = found.after - found.before
        assert math.fsum(t.points for t in found.terms) == pytest.approx(change, abs=1e-9)
        for one in found.terms:
            assert math.fsum(e.points for e in one.evals) == pytest.approx(one.points, abs=1e-9)
            assert one.scores_total >= len(one.scores) == len(set(one.scores))


KINDS = ("new_scores", "revised_scores", "weights", "fill", "link", "method")


@search
@given(pairs())
def test_before_and_after_are_the_releases_own_values(pair: tuple[Json, Json]) -> None:
    before, after = (vintage(problem) for problem in pair)
    answers = [compute(v.problem, filled=v.filled) for v in (before, after)]
    values = {
        (r.system, r.series): (r.before, r.after) for r in revisions(before, after, series=ALL)
    }
    both: list[dict[tuple[str, str], float | None]] = [
        {(p.system, p.series): p.value for p in answer.points if p.in_force} for answer in answers
    ]
    expected = {
        key: (old, both[1].get(key))
        for key, old in both[0].items()
        if key[1] in ALL and old is not None and both[1].get(key) is not None
    }
    assert values == expected


@search
@given(pairs())
def test_the_way_back_is_minus_the_way_there_in_all(pair: tuple[Json, Json]) -> None:
    before, after = (vintage(problem) for problem in pair)
    there_ = {(r.system, r.series): r for r in revisions(before, after, series=ALL)}
    back = {(r.system, r.series): r for r in revisions(after, before, series=ALL)}
    assert there_.keys() == back.keys()
    for key, found in there_.items():
        total = math.fsum(t.points for t in (*found.terms, *back[key].terms))
        assert total == pytest.approx(0, abs=1e-9)


@st.composite
def on_one_version(draw: st.DrawFn) -> tuple[Json, Json]:
    """Two releases of one version whose scores were only added to and revised, and its weights."""
    before: Json = {
        "method": {"base": "old"},
        "evals": [item(name, DOMAIN[name]) for name in DOMAIN],
        "systems": [{"id": name} for name in SYSTEMS],
        "scores": scores(draw, keep=2),
        "baskets": baskets(draw, 1),
    }
    after = copy.deepcopy(before)
    later = {(s["system"], s["eval"]): s for s in scores(draw, keep=2)}
    had = {(s["system"], s["eval"]): s for s in before["scores"]}
    after["scores"] = list((had | later).values())
    # The goalposts stay, so that recorded fills need no conversion.
    after["baskets"] = [before["baskets"][0] | {"weights": baskets(draw, 1)[0]["weights"]}]
    return before, after


@search
@given(on_one_version())
def test_each_step_is_the_index_of_a_whole_problem(pair: tuple[Json, Json]) -> None:
    before, after = pair
    had = {(s["system"], s["eval"]) for s in before["scores"]}
    known = {system for system, _ in had}
    mixed = copy.deepcopy(before)
    mixed["scores"] += [
        s for s in after["scores"] if (s["system"], s["eval"]) not in had and s["system"] in known
    ]
    revised = before | {"scores": [s for s in after["scores"] if s["system"] in known]}
    reweighted = revised | {"baskets": after["baskets"]}
    old, new = vintage(before), vintage(after)
    mixtures = (before, mixed, revised, reweighted)
    values = [compute(Problem.from_json(p), filled=old.filled).point_at for p in mixtures]
    for found in revisions(old, new, series=ALL):
        place = (found.system, found.series, "v0")
        expected: list[Any] = [points[place].value for points in values]
        steps = [two - one for one, two in zip(expected, [*expected[1:], found.after], strict=True)]
        assert [t.points for t in found.terms] == pytest.approx([*steps, 0, 0], abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_parts_along_the_chain_sum_to_the_distance_from_100(method: Json) -> None:
    along = Along(prepare(Problem.from_json(changed(three_versions(), **method))))
    for (series, position), index in along.state.chain.index.items():
        total = along.parts(series, position).points.sum(axis=0)
        there_ = ~(index[:, 0] != index[:, 0])
        assert total[there_] == pytest.approx(index[there_, 0] - 100, abs=1e-9)


@pytest.mark.parametrize("method", METHODS[:3])
def test_parts_are_the_contributions_against_the_base_on_the_first_version(method: Json) -> None:
    problem = Problem.from_json(changed(three_versions(), **method))
    answer, along = compute(problem), Along(prepare(problem))
    rows = contributions(
        answer, problem, system="late", against="old", basket="v3", against_basket="v1"
    )
    parts = along.parts("headline", 2)
    found = dict(zip(parts.rows, parts.points[:, problem.row_of["late"]], strict=True))
    assert found == {(r.basket, r.eval): pytest.approx(r.points, abs=1e-9) for r in rows}
    assert there(answer, "late", basket="v3") == pytest.approx(100 + sum(found.values()))


def test_a_vintage_needs_no_fit_when_its_fills_are_recorded() -> None:
    first = vintage(changed(three_versions(), imputation="model"))
    again = Vintage(first.problem, first.filled[::-1])
    assert all(not t.points for r in revisions(first, again, series=ALL) for t in r.terms)
