"""The readers of the Hugging Face hub's eval results and model cards."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from evals import readers
from evals.readers import hub, model_card
from evals.records import Record, RejectedRow, ScoreRecord, UnreadableFile
from tests.evals.readers.files import DATED, zipped

FULL = """\
# What the hub's documentation calls a full entry.
- dataset:
    id: cais/hle
    task_id: default
    revision: 5503434ddd753f426f4b38109466949a1217c2bb
  value: 20.90
  verifyToken: abc.def
  date: "2025-01-15"
  source:
    url: https://huggingface.co/spaces/x/traces
    name: Eval traces
    user: someone
  evaluation_framework: inspect-ai
  notes: "no-tools"
- dataset:
    id: Idavidrein/gpqa
    task_id: gpqa_diamond
  value: 0.412
"""
CARD = """\
---
license: apache-2.0
model-index:
- name: lab/model-7b
  results:
  - task:
      type: text-generation
    dataset:
      name: GSM8K
      type: gsm8k
      config: main
      split: test
    metrics:
    - type: exact_match
      value: 51.5%
      verified: true
    - type: f1
      name: F1 (macro)
      value: "0.5"
    source:
      url: https://x.org/board
      name: Board
---
# A model
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of two entries."""
    path = tmp_path / "hle.yaml"
    path.write_text(FULL)
    return path


def reason_of(record: Record) -> str:
    assert isinstance(record, RejectedRow)
    return record.reason


def test_it_reads_everything_that_an_entry_states(file: Path) -> None:
    assert readers.choose(file) == "hub"
    found, _ = hub.read(file, system="lab/model", dated=DATED)
    assert found == ScoreRecord(
        line=1,
        system="lab/model",
        eval="cais/hle default",
        value=20.9,
        observed_on=dt.date(2025, 1, 15),
        reported_by="",
        elicitation="notes=no-tools; revision=5503434ddd753f426f4b38109466949a1217c2bb",
        source_url="https://huggingface.co/spaces/x/traces",
        note="Eval traces, someone; with a verify token",
        harness="inspect-ai",
    )


def test_it_rejects_an_entry_without_a_date_unless_one_is_given(file: Path) -> None:
    _, undated = hub.read(file, system="lab/model")
    assert reason_of(undated) == "hle.yaml, record 2: [1].date is not stated; give the date"
    _, dated = hub.read(file, system="lab/model", dated=DATED)
    assert isinstance(dated, ScoreRecord)
    assert (dated.eval, dated.value, dated.observed_on) == (
        "Idavidrein/gpqa gpqa_diamond",
        0.412,
        DATED,
    )


def test_it_rejects_every_entry_where_nobody_names_the_model(file: Path) -> None:
    for record in hub.read(file, dated=DATED):
        assert "the file names no model" in reason_of(record)


def test_it_takes_the_model_of_a_repository_from_its_card(file: Path, tmp_path: Path) -> None:
    repository = tmp_path / "model"
    (repository / ".eval_results").mkdir(parents=True)
    file.rename(repository / ".eval_results" / "hle.yaml")
    (repository / "README.md").write_text(CARD)
    assert readers.choose(repository) == "hub"
    found = list(hub.read(repository, dated=DATED))
    assert [r.line for r in found] == [1, 2]
    assert {getattr(r, "system", "") for r in found} == {"lab/model-7b"}
    packed = zipped(tmp_path / "m.zip", {"m/.eval_results/hle.yaml": FULL})
    assert len(list(hub.read(packed, dated=DATED, system="m"))) == 2


@pytest.mark.parametrize("value", ["high", "[1]", "true", ".nan", "-.inf", "1_0.5.0", "null"])
def test_it_rejects_a_value_that_is_no_number(tmp_path: Path, value: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"- dataset:\n    id: cais/hle\n  value: {value}\n  date: 2025-01-15\n")
    (found,) = hub.read(path, system="m")
    assert reason_of(found).startswith("a.yaml, record 1: [0].value")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("- dataset: &a\n    id: x\n  value: 1\n- dataset: *a\n  value: 2\n", r"line 4: .*alias"),
        ("- dataset:\n    id: x\n  value: 1\n  value: 2\n", r"line 4: .*twice"),
        ("- dataset:\n    id: x\n  value: !!python/name:os.system 1\n", r"line 3: .*constructor"),
        ("- dataset:\n    id: x\n  value: [1\n", "not YAML that is read"),
        ("- dataset:\n  value: " + "[" * 10_000 + "\n", "nested too deeply"),
        ("- dataset:\n  value: 1\n" * 20_000, "longer than"),
        ("dataset: 1\n", "is not a list of eval results"),
    ],
)
def test_it_refuses_what_is_not_plain_yaml(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(UnreadableFile, match=rf"a\.yaml.*{why}"):
        list(hub.read(path, system="m"))


def test_it_reads_the_results_of_a_model_card(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(CARD)
    assert readers.choose(path) == "model_card"
    first, second = model_card.read(path, dated=DATED)
    assert isinstance(first, ScoreRecord) and isinstance(second, ScoreRecord)
    assert (first.system, first.eval) == ("lab/model-7b", "GSM8K main exact_match")
    assert (first.value, first.unit) == (51.5, "percent")
    assert (first.elicitation, first.source_url) == ("split=test", "https://x.org/board")
    assert first.note == "Board; marked as verified"
    assert (second.eval, second.value, second.unit) == ("GSM8K main F1 (macro)", 0.5, "")


def test_it_rejects_the_results_of_a_card_where_no_date_is_given(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(CARD)
    for record in model_card.read(path):
        assert "does not say when it was measured" in reason_of(record)


def test_it_knows_a_card_without_results_from_one_with_them(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text("---\nlicense: mit\n---\nmodel-index: none\n")
    assert not model_card.sniff(path)
