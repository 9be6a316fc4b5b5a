"""Run folders of HELM: `run_spec.json` and `stats.json`, one folder, a suite of them, or a zip.

HELM writes some hundred and fifty numbers for a run, most of them about tokens and run time. Read
are the means of those that are MAIN or that the run itself asks for in `metric_specs`, unperturbed
and of no sub-split, on the split "test", or on "valid" where a run has no test split. The others
are no results and are passed over.

The eval is the scenario with its arguments and the metric, as in "mmlu:subject=philosophy
exact_match"; how it was asked is the elicitation. A run folder says neither when it was run nor
how sure its means are. `line` counts the records of a run from 1.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from evals.readers import _json, _tree
from evals.readers._fields import Field, record_or_reason, rejected, spelled
from evals.records import Record, RejectedRow, ScoreRecord, UnreadableFile

NAME = "helm"
VERSION = 1
RANK = 20

SPEC, STATS = "run_spec.json", "stats.json"
TOP = PurePosixPath()
# What HELM writes beside the two that are read here; the results are in none of it.
RUN = frozenset(
    (
        *(SPEC, STATS, "scenario.json", "scenario_state.json", "instances.json"),
        *("per_instance_stats.json", "display_requests.json", "display_predictions.json"),
    )
)
SUITE = frozenset(
    (
        *("runs.json", "run_specs.json", "summary.json", "schema.json", "costs.json"),
        *("groups.json", "groups_metadata.json", "runs_to_run_suites.json"),
    )
)
SPLITS = ("test", "valid")
MAIN = (
    "exact_match",
    "quasi_exact_match",
    "prefix_exact_match",
    "quasi_prefix_exact_match",
    "final_number_exact_match",
    "math_equiv",
    "math_equiv_chain_of_thought",
    "chain_of_thought_correctness",
    "f1_score",
    "classification_macro_f1",
    "classification_micro_f1",
    "rouge_1",
    "rouge_2",
    "rouge_l",
    "bleu_1",
    "bleu_4",
    "NDCG@10",
    "RR@10",
    "test_avg",
    "strict_acc",
    "pass",
    "ifeval_strict_accuracy",
    "omni_math_accuracy",
    "wildbench_score",
    "wildbench_score_rescaled",
    "safety_score",
    "air_score",
    "toxic_frac",
)
ADAPTER = (
    "method",
    "temperature",
    "max_tokens",
    "num_outputs",
    "max_train_instances",
    "num_train_trials",
    "max_eval_instances",
    "model_deployment",
)


def sniff(path: Path) -> bool:
    """Whether the path is a run, or a folder or archive of nothing but runs.

    A folder that holds other files too is not ours as a whole: they would be left unread.
    """
    found = _tree.names(path)
    runs = _runs(found)
    if not runs:
        return False
    return (path.is_dir() and runs[0] == TOP) or _tree.visible(found) <= claims(found)


def claims(names: frozenset[str]) -> frozenset[str]:
    """Which files of a tree are ours: what HELM writes for a run, and for suites of them."""
    runs = set(_runs(names))
    suites = {parent for run in runs for parent in run.parents}
    return frozenset(name for name in names if _is_ours(PurePosixPath(name), runs, suites))


def _is_ours(
    path: PurePosixPath, runs: Collection[PurePosixPath], suites: Collection[PurePosixPath]
) -> bool:
    if path.parent in runs:
        return path.name in RUN
    if path.parent in suites:
        return path.name in SUITE
    return any(parent.name == "groups" and parent.parent in suites for parent in path.parents)


def read(path: Path, *, dated: dt.date | None = None) -> Iterator[Record]:
    """The main metrics of each run, in the order of the runs' names."""
    with _tree.opened(path) as tree:
        yield from read_tree(tree, dated=dated)
        if not path.is_dir():
            yield from _tree.unread(tree, claims(frozenset(tree.names())))


def read_tree(tree: _tree.Tree, *, dated: dt.date | None = None) -> Iterator[Record]:
    """The runs of a tree; one among several that cannot be read is rejected by itself."""
    runs = _runs(frozenset(tree.names()))
    if not runs:
        raise tree.lacks(f"no {SPEC} with a {STATS} beside it")
    before = 0
    for run in runs:
        try:
            found = list(_run(tree, run, before, dated))
        except UnreadableFile as error:
            if len(runs) == 1:
                raise
            found = [RejectedRow(line=before + 1, reason=f"{run}: {error}")]
        for record in found:
            before = record.line
            yield record


def _runs(names: frozenset[str]) -> list[PurePosixPath]:
    folders = (PurePosixPath(name).parent for name in names if PurePosixPath(name).name == SPEC)
    return sorted(folder for folder in folders if str(folder / STATS) in names)


def _run(
    tree: _tree.Tree, run: PurePosixPath, before: int, dated: dt.date | None
) -> Iterator[Record]:
    place = str(run / STATS)
    spec = Field(_document(tree, str(run / SPEC)))
    stats = Field(_document(tree, place), "stats")
    try:
        chosen = list(_chosen(spec, list(stats.items())))
        count = _instances(stats, chosen)
    except ValueError as error:
        yield rejected(place, before + 1, str(error))
        return
    if not chosen:
        yield rejected(place, before + 1, "no main metric on the split test or valid")
    for line, stat in enumerate(chosen, start=before + 1):
        build = partial(_record, spec, stat, line, count, dated)
        yield record_or_reason(place, line, build, stat.value)


def _document(tree: _tree.Tree, name: str) -> object:
    return _json.document(name, tree.document(name))


def _chosen(spec: Field, stats: list[Field]) -> Iterator[Field]:
    """The main metrics of the first split that has any statistics."""
    asked = {
        name.text()
        for metric in spec.at("metric_specs").items()
        for name in metric.at("args").at("names").items()
    }
    plain = [stat for stat in stats if _plain(stat.at("name"))]
    present = {stat.at("name").at("split").text() for stat in plain}
    split = next((split for split in SPLITS if split in present), None)
    for stat in plain:
        name = stat.at("name")
        if name.at("split").text() == split and name.at("name").text() in asked | set(MAIN):
            yield stat


def _plain(name: Field) -> bool:
    return not name.at("perturbation").given() and not name.at("sub_split").given()


def _instances(stats: Field, chosen: list[Field]) -> int | None:
    """How many instances the split of the chosen metrics has."""
    if not chosen:
        return None
    split = chosen[0].at("name").at("split").value
    for stat in stats.items():
        name = stat.at("name")
        if name.at("name").value == "num_instances" and name.at("split").value == split:
            found = stat.at("mean").number()
            return int(found) if _plain(name) and found == int(found) else None
    return None


def _record(
    spec: Field, stat: Field, line: int, count: int | None, dated: dt.date | None
) -> ScoreRecord:
    if dated is None:
        raise ValueError("a HELM run folder does not say when it was run; give the date")
    adapter, name = spec.at("adapter_spec"), stat.at("name")
    if not stat.at("count").count():
        raise ValueError(f"{stat.path}.count is 0: nothing was measured")
    parts: dict[str, object] = {key: adapter.at(key).value for key in ADAPTER}
    parts["split"] = name.at("split").value
    return ScoreRecord(
        line=line,
        system=adapter.at("model").required(),
        eval=f"{_scenario(spec)} {name.at('name').required()}",
        value=stat.at("mean").number(),
        n_items=count,
        observed_on=dated,
        reported_by="",
        elicitation=spelled(parts),
        note=spec.at("name").text(),
        harness="helm",
    )


def _scenario(spec: Field) -> str:
    name = spec.at("name").required().partition(":")[0]
    arguments = spec.at("scenario_spec").at("args").members()
    stated = ",".join(
        f"{key}={field.value}" for key, field in sorted(arguments, key=lambda a: a[0])
    )
    return f"{name}:{stated}" if stated else name
