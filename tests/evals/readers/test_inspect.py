"""The reader of Inspect's logs, on logs that Inspect wrote and on what can be wrong with them."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import pytest

from evals.readers import inspect_log
from evals.records import UnreadableFile
from tests.evals.readers.files import (
    LOGS,
    load_json,
    reasons,
    records,
    scores,
    shared,
    write_json,
    zipped,
)


@pytest.fixture
def log() -> Any:
    """The JSON log, to be changed."""
    return load_json(LOGS / "inspect.json")


def test_it_reads_every_scorer_of_an_archive_packed_with_zstandard() -> None:
    first, second = scores(LOGS / "inspect.eval")
    assert (first.line, first.eval, first.value) == (1, "sums match accuracy", 1 / 3)
    assert (second.line, second.eval, second.value) == (2, "sums includes accuracy", 2 / 3)
    assert first.stderr == second.stderr == pytest.approx(1 / 3)
    assert (first.n_items, first.n_items_text) == (3, "6 completed samples in 2 epochs")
    assert first.system == "mockllm/model"
    assert first.observed_on == dt.date(2026, 11, 21)
    assert first.elicitation == (
        "reasoning_effort=high; temperature=0.5; max_tokens=64; epochs=2; solver=generate; "
        "task_args.kind=small"
    )
    assert first.harness == "inspect_ai 0.3.285"


def test_it_reads_the_same_from_json() -> None:
    in_archive, in_json = scores(LOGS / "inspect.eval"), scores(LOGS / "inspect.json")
    assert [(r.eval, r.value, r.stderr) for r in in_archive] == [
        (r.eval, r.value, r.stderr) for r in in_json
    ]


def test_it_names_a_result_by_run_scorer_and_metric_and_guesses_no_unit(log: Any) -> None:
    found = scores(LOGS / "inspect.json")[1]
    assert found.external_id == f"{log['eval']['eval_id']}/includes/accuracy"
    assert (found.unit, found.higher_is_better, found.reported_by) == ("", None, "")


def test_it_reads_the_values_of_a_log_of_another_laboratory() -> None:
    (found,) = scores(shared("fixtures", "inspect", "llm_scoring.json"))
    assert found.eval == "simpleqa_verified simpleqa_scorer accuracy"
    assert (found.system, found.value) == ("anthropic/claude-opus-4-6", 0.431)
    assert (found.stderr, found.n_items) == (0.01566794448817344, 1000)
    assert found.observed_on == dt.date(2026, 2, 6)
    assert found.elicitation == "max_tokens=128000; epochs=1; solver=generate"


def test_it_passes_over_the_samples_of_a_log() -> None:
    (found,) = scores(shared("fixtures", "inspect", "arc_qwen.json"))
    assert found.eval == "inspect_evals/arc_easy choice accuracy"
    assert (found.value, found.stderr) == (1 / 3, 0.33333333333333337)
    assert (found.n_items, found.elicitation) == (3, "epochs=1; limit=3; solver=multiple_choice")
    assert found.observed_on == dt.date(2025, 10, 21)
    assert found.note == "dataset allenai/ai2_arc"


def test_it_does_not_open_samples_that_would_fill_the_memory(log: Any, tmp_path: Path) -> None:
    path = write_json(tmp_path / "log.json", log)
    text = path.read_text()
    sample = '{"id": 1, "text": "' + "x" * 1_000_000 + '"}'
    path.write_text(text[:-1] + ', "samples": [' + ",".join([sample] * 20) + "]}")
    assert len(scores(path)) == 2


def test_it_gives_the_error_of_a_mean_to_nothing_else(log: Any, tmp_path: Path) -> None:
    metrics = log["results"]["scores"][0]["metrics"]
    metrics["std"] = {"name": "std", "value": 0.5}
    del log["results"]["scores"][1]["metrics"]["accuracy"]
    found = scores(write_json(tmp_path / "log.json", log))
    assert [(r.eval, r.stderr is not None) for r in found] == [
        ("sums match accuracy", True),
        ("sums match std", False),
        ("sums includes stderr", False),
    ]


def test_it_keeps_reducers_apart(log: Any, tmp_path: Path) -> None:
    for score, reducer in zip(log["results"]["scores"], ("mean", "pass_at_2"), strict=True):
        score.update(name="match", reducer=reducer)
    found = scores(write_json(tmp_path / "log.json", log))
    assert [r.eval for r in found] == ["sums match mean accuracy", "sums match pass_at_2 accuracy"]


@pytest.mark.parametrize("status", ["error", "cancelled", "started"])
def test_it_rejects_every_metric_of_a_run_without_success(
    log: Any, tmp_path: Path, status: str
) -> None:
    log.update(status=status, error={"message": "out of tokens"})
    assert reasons(write_json(tmp_path / "log.json", log)) == [
        f"log.json, record {line}: the status of the run is '{status}': out of tokens"
        for line in (1, 2)
    ]


def test_it_rejects_a_log_that_was_marked_as_invalid(log: Any, tmp_path: Path) -> None:
    log["invalidated"] = True
    path = write_json(tmp_path / "log.json", log)
    assert reasons(path)[0] == "log.json, record 1: the log is marked as invalidated"


def test_it_says_that_a_run_was_broken_off(tmp_path: Path) -> None:
    start = '{"version": 2, "eval": {"task": "sums", "model": "m"}}'
    path = zipped(tmp_path / "half.eval", {"_journal/start.json": start})
    assert reasons(path) == ["half.eval, record 1: the status of the run is 'started'"]


def test_it_rejects_one_metric_that_is_not_finite_and_keeps_the_other(
    log: Any, tmp_path: Path
) -> None:
    log["results"]["scores"][0]["metrics"]["accuracy"]["value"] = float("nan")
    bad, good = records(write_json(tmp_path / "log.json", log))
    assert bad.line == 1
    assert getattr(bad, "reason", "") == (
        "log.json, record 1: results.scores[0].metrics.accuracy.value is nan, not a finite number"
    )
    assert getattr(good, "value", None) == 2 / 3


def test_it_takes_the_callers_date_only_where_the_log_has_none(log: Any, tmp_path: Path) -> None:
    dated = dt.date(2026, 1, 2)
    path = write_json(tmp_path / "log.json", log)
    assert {r.observed_on for r in scores(path, dated=dated)} == {dt.date(2026, 11, 21)}
    del log["stats"], log["eval"]["created"]
    path = write_json(tmp_path / "log.json", log)
    assert "neither stats.completed_at nor eval.created" in reasons(path)[0]
    assert {r.observed_on for r in scores(path, dated=dated)} == {dated}


def test_it_refuses_a_log_of_a_version_to_come(log: Any, tmp_path: Path) -> None:
    log["version"] = 3
    path = write_json(tmp_path / "log.json", log)
    with pytest.raises(UnreadableFile, match=r"log\.json: an Inspect log of version 3; known"):
        list(inspect_log.read(path))


def test_it_refuses_an_archive_whose_header_was_changed(tmp_path: Path) -> None:
    data = bytearray((LOGS / "inspect.eval").read_bytes())
    with zipfile.ZipFile(LOGS / "inspect.eval") as archive:
        info = archive.getinfo("header.json")
    data[info.header_offset + 30 + len(info.filename) + info.compress_size // 2] ^= 0xFF
    path = tmp_path / "log.eval"
    path.write_bytes(data)
    with pytest.raises(UnreadableFile, match=r"log\.eval: header\.json: cannot be unpacked"):
        list(inspect_log.read(path))
