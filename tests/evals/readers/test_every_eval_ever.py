"""The reader of Every Eval Ever."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from evals.readers import every_eval_ever
from evals.records import RejectedRow, ScoreRecord, UnreadableFile
from tests.evals.readers.files import reasons, records, scores, shared, write_json


def aggregate(**changes: Any) -> dict[str, Any]:
    """An aggregate of one result with all that the schema has a place for."""
    return {
        "schema_version": "0.3.0",
        "evaluation_id": "lab/model/1",
        "evaluation_timestamp": "2026-04-05T23:30:00+02:00",
        "retrieved_timestamp": "1777613486.9",
        "source_metadata": {
            "source_type": "evaluation_run",
            "source_name": "Board",
            "source_organization_name": "Lab",
            "evaluator_relationship": "first_party",
        },
        "eval_library": {"name": "inspect_ai", "version": "0.3.9"},
        "model_info": {"name": "Model", "id": "lab/model", "developer": "Lab"},
        "evaluation_results": [result()],
        **changes,
    }


def result(**changes: Any) -> dict[str, Any]:
    """One result."""
    return {
        "evaluation_result_id": "gpqa",
        "evaluation_name": "GPQA",
        "source_data": {"dataset_name": "gpqa", "source_type": "url", "url": ["https://x.org/g"]},
        "metric_config": {
            "metric_name": "pass@1",
            "metric_unit": "proportion",
            "lower_is_better": False,
            "score_type": "continuous",
            "min_score": 0,
            "max_score": 1,
        },
        "score_details": {
            "score": 0.75,
            "uncertainty": {
                "standard_error": {"value": 0.03},
                "confidence_interval": {"lower": 0.7, "upper": 0.8, "confidence_level": 0.95},
                "num_samples": 198,
            },
        },
        "generation_config": {"generation_args": {"temperature": 0.5, "reasoning": True}},
        **changes,
    }


STATED = ScoreRecord(
    line=1,
    system="lab/model",
    eval="GPQA pass@1",
    value=0.75,
    stderr=0.03,
    low=0.7,
    high=0.8,
    n_items=198,
    observed_on=dt.date(2026, 4, 5),
    reported_by="first_party",
    elicitation="reasoning=true; temperature=0.5",
    source_url="https://x.org/g",
    note="Board, Lab; scale 0 to 1",
    external_id="lab/model/1/gpqa",
    unit="proportion",
    higher_is_better=True,
    harness="inspect_ai 0.3.9",
    developer="Lab",
)


def test_it_reads_everything_that_a_result_states(tmp_path: Path) -> None:
    assert scores(write_json(tmp_path / "a.json", aggregate())) == [STATED]


def test_it_reads_the_values_of_schema_0_2() -> None:
    path = shared("fixtures", "eee", "676f4465-ce78-411a-9f5a-c97b3d2eac4f.json")
    found = scores(path)
    assert len(found) == 15
    assert {r.system for r in found} == {"01-ai/yi-1.5-34b-chat"}
    values = {r.eval: r.value for r in found}
    assert values["MMLU-Pro (overall)"] == 0.5229
    assert values["MMLU-Pro (Engineering)"] == 0.3437
    assert found[0].observed_on == dt.date(2026, 5, 1)
    assert found[0].note.endswith("dated by when it was retrieved")


def test_it_reads_the_values_of_schema_0_3() -> None:
    (found,) = scores(shared("fixtures", "eee", "f3a1c0de-4b2e-4c1a-9f6d-1b7e5a2c8d40.json"))
    assert (found.system, found.eval) == ("demo-org/demo-model", "demo-source.demo_bench accuracy")
    assert (found.value, found.unit) == (0.75, "proportion")
    assert found.observed_on == dt.date(2025, 6, 15)


def test_it_refuses_the_samples_beside_an_aggregate() -> None:
    path = shared("fixtures", "eee", "f3a1c0de-4b2e-4c1a-9f6d-1b7e5a2c8d40_samples.jsonl")
    assert every_eval_ever.sniff(path)
    with pytest.raises(UnreadableFile, match=r"_samples\.jsonl: holds samples; only aggregates"):
        list(every_eval_ever.read(path))


def test_it_reads_an_aggregate_from_each_line_and_rejects_a_bad_one(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    other = aggregate(evaluation_results=[result(), result(evaluation_name="MMLU")])
    lines = [json.dumps(aggregate()), "", json.dumps(other), '{"schema_version": "0.3.0"', "[]"]
    path.write_text("\r\n".join(lines))
    found = records(path)
    assert [r.line for r in found] == [1, 3, 3, 4, 5]
    bad = [r.reason for r in found if isinstance(r, RejectedRow)]
    assert bad[0].startswith("a.jsonl, record 4: not JSON")
    assert bad[1] == "a.jsonl, record 5: the whole is a list, where an object is expected"


def test_it_reads_one_line_and_many_as_the_same_aggregate(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(aggregate(), indent=4))
    assert scores(path) == scores(write_json(tmp_path / "b.json", aggregate()))


@pytest.mark.parametrize("version", ["0.1.0", "0.4.0", "1.0.0", "0.33", "latest"])
def test_it_refuses_a_schema_that_it_does_not_know(tmp_path: Path, version: str) -> None:
    path = write_json(tmp_path / "a.json", aggregate(schema_version=version))
    with pytest.raises(UnreadableFile, match=rf"a\.json: schema_version is '{version}'; known"):
        list(every_eval_ever.read(path))


def test_it_rejects_a_bad_result_and_keeps_the_others(tmp_path: Path) -> None:
    bad = result(score_details={"score": "high"})
    path = write_json(tmp_path / "a.json", aggregate(evaluation_results=[bad, result()]))
    rejected, kept = records(path)
    assert isinstance(rejected, RejectedRow) and isinstance(kept, ScoreRecord)
    assert rejected.reason == (
        "a.json, record 1: evaluation_results[0].score_details.score is 'high', "
        "where a number is expected"
    )
    assert kept.line == 2


def test_it_rejects_the_level_that_stands_for_unknown(tmp_path: Path) -> None:
    levels = {"score_type": "levels", "has_unknown_level": True, "lower_is_better": True}
    one = result(metric_config=levels, score_details={"score": -1})
    path = write_json(tmp_path / "a.json", aggregate(evaluation_results=[one]))
    assert "the level that stands for unknown" in reasons(path)[0]


def test_it_takes_no_interval_of_another_level(tmp_path: Path) -> None:
    one = result()
    one["score_details"]["uncertainty"]["confidence_interval"]["confidence_level"] = 0.9
    path = write_json(tmp_path / "a.json", aggregate(evaluation_results=[one]))
    assert scores(path)[0].low is None


def test_it_says_that_there_are_no_results(tmp_path: Path) -> None:
    path = write_json(tmp_path / "a.json", aggregate(evaluation_results=[]))
    assert reasons(path) == ["a.json, record 1: evaluation_results is empty"]
