"""Section 10: the index with one eval, or one developer, left out."""

import copy
from dataclasses import replace

import numpy as np
import pytest

from baskets.engine import Problem, compute, frontier, sensitivity
from baskets.engine.leave_out import LeftOut
from baskets.engine.refit import points_without
from tests.engine.judged import gappy, reweighted, worked
from tests.engine.problems import Json, linked


def without_evals(problem: Json) -> dict[str, LeftOut]:
    return {row.left_out: row for row in sensitivity(*worked(problem), draws=1).without_eval}


def without_developers(problem: Json) -> dict[str, LeftOut]:
    return {row.left_out: row for row in sensitivity(*worked(problem), draws=1).without_developer}


@pytest.mark.parametrize("scale", ["points", "odds"])
def test_an_eval_left_out_is_the_index_of_the_smaller_basket(scale: str) -> None:
    problem = gappy(scale=scale)
    state, answer = worked(problem)
    found = without_evals(problem)
    assert set(found) == set("abcdstu")
    for name, row in found.items():
        weights = [
            {e: w for e, w in basket["weights"].items() if e != name}
            for basket in problem["baskets"]
        ]
        smaller = Problem.from_json(reweighted(problem, weights))
        again = compute(smaller, filled=state.fill.imputed).point_at
        assert row.refused is None and row.changes
        for change in row.changes:
            basket = smaller.version_in_force(smaller.system_by_id[change.system]).id
            key = (change.system, change.series, basket)
            new, old = again[key].value, answer.point_at[key].value
            assert old is not None
            assert change.points == (None if new is None else pytest.approx(new - old))


def test_the_changes_are_those_of_the_frontier() -> None:
    state, answer = worked(gappy())
    row = without_evals(gappy())["a"]
    for series in ("headline", "balanced", "capability"):
        steps = frontier(answer.points, state.problem.systems, series)
        assert [c.system for c in row.changes if c.series == series] == [s.system for s in steps]
    assert {c.series for c in row.changes} == {"headline", "balanced", "capability"}


def test_the_leader_is_ranked_again() -> None:
    problem = linked()
    for score in problem["scores"]:
        if (score["system"], score["eval"]) == ("new", "t"):
            score["value"] = 20
    problem["evals"].append(problem["evals"][2] | {"id": "z"})
    problem["scores"] += [
        {"system": name, "eval": "z", "value": value}
        for name, value in (("mid", 20), ("top", 60), ("new", 10))
    ]
    problem["baskets"][1]["weights"] = {"b": 0.8, "t": 0.1, "z": 0.1}
    found = without_evals(problem)
    # Without b, new has 15 of t and z where mid and top have 25 and 55, so that it stands at
    # 150 + 100 / 45 (15 - 40) = 94.4, below the base.
    assert (found["b"].first, found["b"].leader_rank) == ("top", 4)
    assert (found["z"].first, found["z"].leader_rank) == ("new", 1)


def test_a_refusal_without_an_eval_is_named() -> None:
    # Without a, capability starts on the second version, where the base has no score.
    row = without_evals(linked())["a"]
    assert (row.refused, row.leader_rank, row.first) == ("BaseMissing", None, None)
    assert row.changes == ()


def test_the_last_eval_cannot_be_left_out() -> None:
    problem = linked()
    del problem["baskets"][1]
    problem["baskets"][0]["weights"] = {"a": 1}
    assert without_evals(problem)["a"].refused == "EmptyBasket"


def test_a_system_that_loses_its_only_score_has_no_value() -> None:
    problem = gappy()
    gone = {("m11", "b"), ("m11", "c")}
    problem["scores"] = [s for s in problem["scores"] if (s["system"], s["eval"]) not in gone]
    problem["scores"] = [
        s | {"value": 99 if s["system"] == "m11" else s["value"]} for s in problem["scores"]
    ]
    row = without_evals(problem)["d"]
    assert {c.series for c in row.changes if c.points is None} >= {"headline", "capability"}


def test_a_developer_leaves_the_overlaps() -> None:
    # Strict: nothing is fitted, so only the overlap changes.
    problem = linked()
    for system, developer in zip(problem["systems"], "QPQP", strict=True):
        system["developer"] = developer
    problem["systems"].append({"id": "low", "released_on": "2024-10-01", "developer": "R"})
    problem["scores"] += [
        {"system": "low", "eval": e, "value": v}
        for e, v in zip("asbt", (50, 55, 25, 20), strict=True)
    ]
    problem["baskets"][1]["overlap"].append("low")
    row = without_developers(problem)["R"]
    changed = copy.deepcopy(problem)
    changed["baskets"][1]["overlap"] = ["mid", "top"]
    before, after = (compute(Problem.from_json(p)).point_at for p in (problem, changed))
    moved = {(c.system, c.series): c.points for c in row.changes}
    for series in ("headline", "safety"):
        old, new = (x["new", series, "v2"].value for x in (before, after))
        assert old is not None and new is not None and old != new
        assert moved["new", series] == pytest.approx(new - old)


def test_an_overlap_that_a_developer_empties_is_refused() -> None:
    problem = linked()
    for system, developer in zip(problem["systems"], "QPQP", strict=True):
        system["developer"] = developer
    # Without P only top is left to link on; old is the base and stays.
    row = without_developers(problem)["P"]
    assert (row.refused, row.changes) == ("OverlapTooSmall", ())


def test_a_developers_own_systems_are_not_reported() -> None:
    found = without_developers(gappy())
    assert set(found) == {"P", "Q", "R"}
    for name, row in found.items():
        others = {c.system for c in row.changes}
        assert others and not {s for s in others if s != "m00" and "PQR"[int(s[1:]) % 3] == name}


def test_the_leader_may_be_left_out_itself() -> None:
    _, answer = worked(gappy())
    values = {p.system: p.value for p in answer.points if p.series == "headline" and p.official}
    leader = max(values, key=lambda s: values[s] or 0)
    own = "PQR"[int(leader[1:]) % 3]
    for name, row in without_developers(gappy()).items():
        assert (row.leader_rank is None) == (name == own)
        assert row.first is not None and (
            row.first == leader or name == own or row.leader_rank != 1
        )


def test_the_refit_knows_nothing_of_the_systems_that_left() -> None:
    problem = gappy()
    state, _ = worked(problem)
    fit = next(f for f in state.fill.fits if f.domain == "capability")
    leaving = np.array([[s in ("m01", "m04") for s in fit.systems]])
    before = points_without(state.problem, fit, leaving)
    cells, moved = fit.cells, fit.cells.y.copy()
    moved[leaving[0, cells.system]] = 0.5
    other = replace(fit, cells=replace(cells, y=moved))
    after = points_without(state.problem, other, leaving)
    assert np.abs(before - after)[:, ~leaving[0]].max() < 1e-6


def test_the_refit_without_anyone_is_the_fit_itself() -> None:
    state, _ = worked(gappy())
    for fit in state.fill.fits:
        nobody = np.zeros((2, len(fit.systems)), dtype=bool)
        again = points_without(state.problem, fit, nobody)
        assert again[0] == pytest.approx(fit.predicted.points, abs=1e-3)
        assert again[1] == pytest.approx(again[0])


def test_developers_fitted_one_by_one_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    together = without_developers(gappy())
    monkeypatch.setattr("baskets.engine.leave_out.AT_ONCE", 1)
    apart = without_developers(gappy())
    for name, row in together.items():
        assert (apart[name].first, apart[name].leader_rank) == (row.first, row.leader_rank)
        pairs = zip(apart[name].changes, row.changes, strict=True)
        assert all(one.points == pytest.approx(other.points, abs=1e-3) for one, other in pairs)
