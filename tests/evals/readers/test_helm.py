"""The reader of HELM's run folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evals.readers import helm
from evals.records import UnreadableFile
from tests.evals.readers.files import DATED, reasons, scores, shared, zipped

SPEC = {
    "name": "boolq:model=lab_m",
    "scenario_spec": {"args": {}},
    "adapter_spec": {"model": "lab/m", "method": "generation", "max_train_instances": 5},
    "metric_specs": [{"args": {"names": ["own_metric"]}}],
}


def stat(name: str, mean: float | None = 0.5, **place: object) -> dict[str, Any]:
    """One statistic, on the split test unless it is said otherwise."""
    return {"name": {"name": name, "split": "test"} | place, "count": 1, "mean": mean}


def run(path: Path, stats: list[dict[str, Any]]) -> Path:
    """A run folder."""
    path.mkdir()
    (path / "run_spec.json").write_text(json.dumps(SPEC))
    (path / "stats.json").write_text(json.dumps(stats))
    return path


def test_it_reads_the_main_metrics_of_every_run_of_a_suite() -> None:
    found = scores(shared("fixtures", "helm"), dated=DATED)
    assert [r.eval for r in found[:4]] == [
        f"mmlu:subject=philosophy {prefix}exact_match"
        for prefix in ("", "quasi_", "prefix_", "quasi_prefix_")
    ]
    assert {r.value for r in found[:4]} == {0.1111111111111111}
    values = {r.eval: r.value for r in found[4:]}
    assert values["narrative_qa f1_score"] == 0.17424242424242425
    assert values["narrative_qa rouge_l"] == 0.05365510777881912
    assert [r.line for r in found] == list(range(1, 11))
    assert {(r.system, r.harness) for r in found} == {("openai/gpt2", "helm")}
    assert [r.n_items for r in found] == [9] * 4 + [4] * 6


def test_it_says_how_the_model_was_asked() -> None:
    name = "mmlu-subject=philosophy,method=multiple_choice_joint,model=openai_gpt2"
    found = scores(shared("fixtures", "helm", name), dated=DATED)[0]
    assert found.elicitation.startswith("method=multiple_choice_joint; temperature=0.0; max_tok")
    assert found.elicitation.endswith("split=test")


def test_it_rejects_every_metric_where_no_date_is_given(tmp_path: Path) -> None:
    path = run(tmp_path / "r", [stat("exact_match")])
    assert reasons(path) == [
        "stats.json, record 1: a HELM run folder does not say when it was run; give the date"
    ]


def test_it_passes_over_perturbed_numbers_splits_and_book_keeping(tmp_path: Path) -> None:
    stats = [
        stat("exact_match", 0.1, perturbation={"name": "typos"}),
        stat("exact_match", 0.2, sub_split="hard"),
        stat("exact_match", 0.3, split="valid"),
        stat("num_prompt_tokens", 400),
        stat("exact_match@5", 0.4),
        stat("exact_match", 0.5),
        stat("own_metric", 0.6),
    ]
    found = scores(run(tmp_path / "r", stats), dated=DATED)
    assert [(r.eval, r.value) for r in found] == [
        ("boolq exact_match", 0.5),
        ("boolq own_metric", 0.6),
    ]


def test_it_reads_the_split_valid_where_there_is_no_test(tmp_path: Path) -> None:
    stats = [stat("exact_match", 0.3, split="valid"), stat("num_instances", 7, split="valid")]
    (found,) = scores(run(tmp_path / "r", stats), dated=DATED)
    assert (found.value, found.n_items) == (0.3, 7)
    assert found.elicitation.endswith("split=valid")


def test_it_rejects_a_metric_that_was_never_measured(tmp_path: Path) -> None:
    path = run(tmp_path / "r", [stat("exact_match") | {"count": 0, "mean": None}])
    assert "stats[0].count is 0: nothing was measured" in reasons(path, dated=DATED)[0]


def test_it_says_that_a_run_has_no_main_metric(tmp_path: Path) -> None:
    path = run(tmp_path / "r", [stat("num_bytes")])
    assert reasons(path) == ["stats.json, record 1: no main metric on the split test or valid"]


def test_it_reads_an_archive_as_it_reads_the_folder(tmp_path: Path) -> None:
    folder = run(tmp_path / "r", [stat("exact_match"), stat("f1_score", 0.25)])
    files = {f"suite/r/{path.name}": path.read_bytes() for path in folder.iterdir()}
    archive = zipped(tmp_path / "r.zip", files)
    values = [(r.eval, r.value) for r in scores(folder, dated=DATED)]
    assert [(r.eval, r.value) for r in scores(archive, dated=DATED)] == values


def test_it_does_not_follow_a_link_out_of_the_folder(tmp_path: Path) -> None:
    folder = run(tmp_path / "r", [stat("exact_match")])
    outside = (folder / "stats.json").rename(tmp_path / "secret.json")
    (folder / "stats.json").symlink_to(outside)
    with pytest.raises(UnreadableFile, match=r"stats\.json is a link, and links in a folder"):
        list(helm.read(folder, dated=DATED))


def test_it_refuses_an_archive_that_leads_outside(tmp_path: Path) -> None:
    folder = run(tmp_path / "r", [stat("exact_match")])
    files = {f"../{path.name}": path.read_bytes() for path in folder.iterdir()}
    archive = zipped(tmp_path / "r.zip", files)
    with pytest.raises(UnreadableFile, match=r"\.\./stats\.json leads outside of the archive"):
        list(helm.read(archive, dated=DATED))
