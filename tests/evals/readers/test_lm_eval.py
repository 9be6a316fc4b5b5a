"""The reader of lm-evaluation-harness results."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.evals.readers.files import LOGS, load_json, reasons, records, scores, shared, write_json


@pytest.fixture
def results() -> Any:
    """The results that the harness wrote, to be changed."""
    return load_json(LOGS / "lm_eval.json")


def test_it_reads_every_metric_of_every_task_and_each_group_once() -> None:
    found = scores(LOGS / "lm_eval.json")
    assert [(r.line, r.eval, r.value, r.n_items) for r in found] == [
        (1, "tiny_sums acc", 0.5, 4),
        (2, "tiny_sums acc_norm", 0.5, 4),
        (3, "tiny_more_sums acc", 0.0, 4),
        (4, "tiny_more_sums acc_norm", 0.0, 4),
        (5, "tiny_group acc", 0.25, 8),
    ]
    assert [r.stderr for r in found][::4] == [0.28867513459481287, 0.14433756729740643]
    assert {r.higher_is_better for r in found} == {True}
    assert {r.harness for r in found} == {"lm_eval 0.4.13"}
    assert {r.observed_on for r in found} == {dt.date(2026, 11, 21)}


def test_it_says_how_the_model_was_asked() -> None:
    found = scores(LOGS / "lm_eval.json")[0]
    assert found.elicitation == "num_fewshot=0; repeats=1; model=dummy; task_version=1.0"


def test_it_reads_the_values_of_results_of_another_laboratory() -> None:
    perturbed, rephrased = scores(shared("fixtures", "lm_eval", "results.json"))
    assert (perturbed.eval, perturbed.value) == ("math_perturbed_full exact_match", 0.0)
    assert (rephrased.eval, rephrased.value) == ("math_rephrased_full exact_match", 0.0004)
    assert (rephrased.stderr, rephrased.n_items) == (0.0002828144211304471, 5000)
    assert rephrased.system.startswith("RylanSchaeffer/mem_Qwen3-93M_minerva_math")
    assert rephrased.observed_on == dt.date(2026, 1, 21)
    assert "temperature=0.0; do_sample=false; max_gen_toks=512" in rephrased.elicitation


def test_it_keeps_filters_apart(results: Any, tmp_path: Path) -> None:
    task: dict[str, float] = {}
    results["results"] = {"gsm8k": task}
    for name in ("strict-match", "flexible-extract"):
        task |= {f"exact_match,{name}": 0.5, f"exact_match_stderr,{name}": 0.01}
    results["groups"] = {}
    found = scores(write_json(tmp_path / "r.json", results))
    assert [(r.eval, r.stderr) for r in found] == [
        ("gsm8k exact_match strict-match", 0.01),
        ("gsm8k exact_match flexible-extract", 0.01),
    ]


def test_it_takes_nothing_without_a_filter_for_a_metric_beside_those_with_one(
    results: Any, tmp_path: Path
) -> None:
    results["results"]["tiny_sums"]["to_come"] = 7
    assert len(scores(write_json(tmp_path / "r.json", results))) == 5


def test_it_reads_a_group_that_stands_only_among_the_groups(results: Any, tmp_path: Path) -> None:
    del results["results"]["tiny_group"]
    found = scores(write_json(tmp_path / "r.json", results))
    assert [r.eval for r in found].count("tiny_group acc") == 1


@pytest.mark.parametrize("error", ["N/A", float("nan"), None])
def test_it_keeps_a_score_whose_error_nobody_knows(
    results: Any, tmp_path: Path, error: object
) -> None:
    results["results"]["tiny_sums"]["acc_stderr,none"] = error
    assert scores(write_json(tmp_path / "r.json", results))[0].stderr is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "0.5", True, None, [1], 10**400])
def test_it_rejects_a_value_that_is_no_finite_number(
    results: Any, tmp_path: Path, value: object
) -> None:
    results["results"]["tiny_sums"]["acc,none"] = value
    bad = records(write_json(tmp_path / "r.json", results))[0]
    assert getattr(bad, "reason", "").startswith("r.json, record 1: results.tiny_sums")


def test_it_reads_files_from_before_filters_where_a_date_is_given(tmp_path: Path) -> None:
    old = {
        "results": {"hellaswag": {"acc": 0.4, "acc_stderr": 0.02, "acc_norm": 0.5}},
        "versions": {"hellaswag": 0},
        "config": {"model": "hf-causal", "model_args": "pretrained=EleutherAI/pythia-1b,dtype=x"},
    }
    path = write_json(tmp_path / "old.json", old)
    assert "does not say when it was measured" in reasons(path)[0]
    first, second = scores(path, dated=dt.date(2023, 5, 6))
    assert (first.system, first.eval) == ("EleutherAI/pythia-1b", "hellaswag acc")
    assert (first.stderr, second.eval, second.stderr) == (0.02, "hellaswag acc_norm", None)


def test_it_says_that_a_file_holds_no_metric(results: Any, tmp_path: Path) -> None:
    results.update(results={}, groups={})
    path = write_json(tmp_path / "r.json", results)
    assert reasons(path) == ["r.json, record 1: results holds no metric"]
