"""The problems and peers that the engine is measured on and against."""

from __future__ import annotations

import pytest

from baskets.engine import Problem, compute, prepare
from tests.bench.engine_scale import run
from tests.bench.engine_speed import matrix
from tests.bench.synthetic import EVALS, problem


@pytest.mark.parametrize("missing", [0.0, 0.6])
def test_a_synthetic_problem_is_what_reading_its_json_gives(missing: float) -> None:
    given = problem(30, versions=2, missing=missing, replicates=5)
    assert Problem.from_json(given.to_json()) == given
    share = 1 - len(given.scores) / (30 * EVALS)
    # The base and the twenty systems of the overlap miss nothing.
    assert share == pytest.approx(missing * 9 / 30, abs=0.02)


def test_the_bare_matrix_product_gives_the_indices_of_the_engine() -> None:
    state = prepare(problem(40))
    (table,) = state.tables
    assert len(table.version.nodes) == 34
    levels = matrix(table.version) @ table.points[:, :, 0]
    for row, node in enumerate(table.version.nodes):
        index = 100 * levels[row] / levels[row, 0]
        assert state.chain.index[node.series, 0][:, 0] == pytest.approx(index, rel=1e-12)


def test_a_recompute_of_the_scale_does_all_that_an_answer_holds() -> None:
    answer = compute(problem(30, versions=2))
    found = run(30 * EVALS, 0.0)
    assert found["cells"] == 30 * EVALS and found["peak"] > 0
    parts = sum(found[name] for name in ("prepare", "points", "links", "contributions"))
    assert parts == pytest.approx(found["seconds"])
    assert len(answer.contributions) == 2 * 30 * EVALS and answer.links and answer.points
