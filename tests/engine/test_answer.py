"""The answer as JSON and back."""

import json

import numpy

from baskets.engine import ENGINE_VERSION, Answer, canonical, round_floats
from tests.engine.problems import answer_to, changed, linked


def test_it_comes_back_from_json_as_it_was() -> None:
    answer = answer_to(changed(linked(), imputation="model", replicates=20))
    assert answer.imputed and answer.errors and answer.links
    written = json.loads(canonical(answer.to_json()))
    assert canonical(Answer.from_json(written).to_json()) == canonical(answer.to_json())
    assert Answer.from_json(answer.to_json()) == answer


def test_rounding_for_a_bundle_moves_no_value_by_more_than_half_a_millionth() -> None:
    answer = answer_to(linked())
    rounded = round_floats(answer.to_json())
    assert isinstance(rounded, dict)
    for point in Answer.from_json(rounded).points:
        exact = answer.point_at[point.system, point.series, point.basket].value
        assert (point.value is None) == (exact is None)
        assert abs((point.value or 0) - (exact or 0)) <= 5.000001e-7


def test_it_names_the_engine_that_made_it() -> None:
    assert answer_to(linked()).to_json()["engine"] == ENGINE_VERSION


def test_it_names_the_versions_that_it_was_made_with() -> None:
    made_with = answer_to(linked()).made_with
    assert list(made_with) == ["engine", "python", "numpy", "scipy"]
    assert made_with["engine"] == ENGINE_VERSION
    assert made_with["numpy"] == numpy.__version__


def test_it_reads_an_answer_without_versions() -> None:
    written = answer_to(linked()).to_json()
    del written["made_with"]
    assert Answer.from_json(written).made_with == {}
