"""Section 6: replicates against a plain implementation, and what their bits may depend on."""

import random
from typing import Any

import numpy as np
import pytest

from baskets.engine import Problem, Replicates, prepare, replicates_of
from baskets.engine.compute import State
from baskets.engine.draws import REACH, Source, normal_grid, source_of
from baskets.engine.measurement import measurement_errors
from baskets.engine.redraw import ENOUGH, Plan, Worker, plan_of
from baskets.engine.uncertainty import replicate
from tests.engine.problems import Json, answer_to, cells, changed, item, linked
from tests.engine.test_imputation import sigmoid_world

COUNT = 40
# What centring on the mean of so many takes from the spread.
STRETCH = (COUNT / (COUNT - 1)) ** 0.5


def uncertain(problem: Json, stderr: float = 3, **method: object) -> Json:
    """The problem with an error for every score, and replicates."""
    problem = changed(problem, replicates=COUNT, seed=5, **method)
    for score in problem["scores"]:
        score["stderr"] = stderr
    return problem


def large() -> Json:
    """Complete, two domains, enough numbers for several threads."""
    names, systems = [f"e{n:02}" for n in range(60)], [f"s{n:02}" for n in range(40)]
    rng = np.random.default_rng(0)
    table = {s: {e: float(rng.uniform(1, 99)) for e in names} for s in systems}
    return {
        "method": {"base": "s00", "imputation": "strict", "replicates": 1000, "seed": 5},
        "evals": [item(e, "ab"[n % 2], subdomain=f"t{n % 5}") for n, e in enumerate(names)],
        "systems": [{"id": s} for s in systems],
        "scores": cells(table),
        "baskets": [{"id": "v1", "weights": {e: 1 + n % 3 for n, e in enumerate(names)}}],
    }


def plan(state: State) -> Plan:
    problem = state.problem
    errors = measurement_errors(problem)
    return plan_of(problem, state.tables, errors, state.fill.fits, source_of(problem))


def same(one: Replicates, other: Replicates) -> bool:
    return set(one.index) == set(other.index) and all(
        np.array_equal(one.index[key], other.index[key], equal_nan=True) for key in one.index
    )


@pytest.mark.parametrize("method", [{}, {"link": "ratio"}, {"scale": "odds"}])
def test_a_replicate_is_the_index_of_the_redrawn_scores(method: dict[str, Any]) -> None:
    problem = uncertain(linked(), **method)
    found = replicates_of(prepare(Problem.from_json(problem)))
    noise = {
        (s["system"], s["eval"]): Source("5", COUNT).normals("score", s["system"], s["eval"])
        for s in problem["scores"]
    }
    for number in range(COUNT):
        drawn = changed(problem, replicates=0)
        for score in drawn["scores"]:
            moves = 3 * STRETCH * noise[score["system"], score["eval"]]
            score["value"] += moves[number] - moves.mean()
        for point in answer_to(drawn).points:
            if point.value is not None:
                key = (point.series, [b["id"] for b in problem["baskets"]].index(point.basket))
                row = found.problem.row_of[point.system]
                assert found.index[key][row, number] == pytest.approx(point.value, rel=1e-9)


def test_a_draw_is_held_within_the_goalposts_and_keeps_its_mean() -> None:
    problem = Problem.from_json(uncertain(linked(), stderr=30))
    state = prepare(problem)
    worker = Worker(plan(state))
    for column, system in enumerate(problem.systems):
        for table, drawn in zip(state.tables, worker.points(column), strict=True):
            for row in np.flatnonzero(table.observed[:, column]):
                centre = table.points[row, column, 0]
                noise = source_of(problem).normals("score", system.id, table.version.evals[row])
                held = np.clip(centre + 30 * noise, 0, 100)
                moved = STRETCH * (held - held.mean())
                assert drawn[row] == pytest.approx(centre + moved, abs=1e-9)


@pytest.mark.parametrize("imputation", ["model", "parental"])
def test_a_filled_cell_keeps_its_mean_too(imputation: str) -> None:
    problem = changed(sigmoid_world()[0], imputation="model", replicates=COUNT)
    if imputation == "parental":
        problem = uncertain(large() | {"scores": large()["scores"][:-7]}, imputation=imputation)
    state = prepare(Problem.from_json(problem))
    worker = Worker(plan(state))
    for column in range(len(state.problem.systems)):
        (drawn,) = worker.points(column)
        centre = state.tables[0].points[:, column, 0]
        off = 0.0 if imputation == "model" else 1.0
        assert np.abs(drawn.mean(axis=1) - centre).max() <= off + 1e-9


@pytest.mark.parametrize("count", [2, 3])
def test_few_replicates_vary_as_much_as_many(count: int) -> None:
    # 300 cells of the same error: their mean variance over so few draws is that error's square.
    names = [f"e{n:03}" for n in range(300)]
    problem: Json = {
        "method": {"base": "s0", "imputation": "strict", "replicates": count},
        "evals": [item(name) for name in names],
        "systems": [{"id": "s0"}],
        "scores": cells({"s0": dict.fromkeys(names, 50)}),
        "baskets": [{"id": "v1", "weights": dict.fromkeys(names, 1)}],
    }
    for score in problem["scores"]:
        score["stderr"] = 3
    (drawn,) = Worker(plan(prepare(Problem.from_json(problem)))).points(0)
    # Its relative error is sqrt(2 / (count - 1) / 300): 8% of two draws. Unstretched: half of it.
    assert drawn.var(axis=1).mean() == pytest.approx(9, rel=0.25)


@pytest.mark.parametrize("count", [2, 3])
def test_few_draws_of_a_filled_cell_vary_as_much_as_many(count: int) -> None:
    def spread(replicates: int) -> float:
        problem = changed(sigmoid_world()[0], replicates=replicates)
        state = prepare(Problem.from_json(problem))
        worker, gaps = Worker(plan(state)), ~state.tables[0].observed
        found = [worker.points(n)[0].var(axis=1)[gaps[:, n]] for n in range(len(gaps[0]))]
        return float(np.concatenate(found).mean())

    assert spread(count) == pytest.approx(spread(1000), rel=0.25)


def test_the_number_of_threads_changes_no_bit() -> None:
    state = prepare(Problem.from_json(large()))
    assert state.tables[0].observed.sum() * 1000 >= ENOUGH
    parts = (state.problem, state.tables, state.standings, state.chain, state.fill.fits)
    alone = replicate(*parts, threads=1)
    assert same(alone, replicate(*parts, threads=3))
    assert same(alone, replicate(*parts))


def test_the_order_of_a_problem_changes_no_bit_of_a_replicate() -> None:
    problem = uncertain(sigmoid_world()[0])
    before = replicates_of(prepare(Problem.from_json(problem)))
    for key in ("evals", "systems", "scores"):
        random.Random(1).shuffle(problem[key])
    assert same(before, replicates_of(prepare(Problem.from_json(problem))))


def test_a_system_that_enters_changes_no_bit_of_the_others() -> None:
    problem = large()
    before = replicates_of(prepare(Problem.from_json(problem)))
    problem["systems"].append({"id": "r"})
    problem["scores"] += cells({"r": {e["id"]: 50 for e in problem["evals"]}})
    after = replicates_of(prepare(Problem.from_json(problem)))
    for key, values in before.index.items():
        assert np.array_equal(values, after.index[key][1:])


def test_no_number_reaches_beyond_what_is_promised() -> None:
    assert normal_grid()[-1] < REACH


def test_percentiles_are_those_of_numpy() -> None:
    found = replicates_of(prepare(Problem.from_json(large())))
    for key, (low, high) in found.intervals().items():
        expected = np.percentile(found.index[key], (2.5, 97.5), axis=1)
        assert np.array([low, high]) == pytest.approx(expected, rel=1e-12)
