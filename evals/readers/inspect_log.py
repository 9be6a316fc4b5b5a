"""Logs of Inspect, `.eval` archives and `.json` files, versions 1 and 2: the header only.

The samples, which make most of a log, are neither unpacked nor read. Every metric of every scorer
is a record: its eval is the task, the scorer's name for the score, the reducer where the log names
one, and the metric, as in "gpqa choice accuracy". Inspect's `stderr` is the standard error of a
mean, so it goes with `accuracy` and `mean`; a scorer that has neither keeps it as a metric of its
own. `line` counts the records of the log from 1.

The number of items is the number of scored samples, in which the epochs of one sample are one.
The date is when the log says that the run was completed, or else created.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from evals.readers import _json, _source, _tree
from evals.readers._fields import Field, external_id, record_or_reason, rejected, shown, spelled
from evals.records import Record, ScoreRecord, UnreadableFile

NAME = "inspect"
VERSION = 1
RANK = 20

HEADER = "header.json"
START = "_journal/start.json"
WANTED = ("version", "status", "eval", "plan", "results", "stats", "error", "invalidated")
VERSIONS = (1, 2)
ERRORS = ("stderr", "bootstrap_stderr")
MEANS = ("accuracy", "mean")
GENERATION = (
    "reasoning_effort",
    "reasoning_tokens",
    "effort",
    "temperature",
    "top_p",
    "top_k",
    "max_tokens",
    "seed",
    "num_choices",
)
LIMITS = ("limit", "message_limit", "token_limit", "time_limit", "working_limit")

_PIECE = 64 << 10


class _Metric(NamedTuple):
    """One number of one scorer, and the error that goes with it."""

    score: Field
    name: str
    value: Field
    stderr: Field


def sniff(path: Path) -> bool:
    """Whether the path is an archive with such a header, or one object with an Inspect run."""
    if path.is_dir():
        return False
    if _tree.is_tree(path):
        return bool(_tree.names(path) & {HEADER, START})
    return {"status", "eval"} <= _json.keys(path)


def read(path: Path, *, dated: dt.date | None = None) -> Iterator[Record]:
    """A record for each metric of each scorer; for a run without success, why it counts nothing."""
    yield from _records(path, dated)
    if _tree.is_tree(path):
        with _tree.opened(path) as tree:
            # The samples are what an archive has most of; only what cannot be one is told.
            yield from _tree.unread(tree, tree.names())


def _records(path: Path, dated: dt.date | None) -> Iterator[Record]:
    log = Field(_header(path))
    version = log.at("version")
    if version.given() and version.value not in VERSIONS:
        known = " and ".join(map(str, VERSIONS))
        raise UnreadableFile(
            f"{path.name}: an Inspect log of version {shown(version.value)}; known are {known}."
        )
    try:
        why, metrics = _failure(log), list(_metrics(log))
    except ValueError as error:
        yield rejected(path.name, 1, str(error))
        return
    if not metrics:
        yield rejected(path.name, 1, why or "results.scores holds no metric")
    for line, metric in enumerate(metrics, start=1):
        if why:
            yield rejected(path.name, line, why, metric.value.value)
            continue
        build = partial(_record, log, metric, line, dated)
        yield record_or_reason(path.name, line, build, metric.value.value)


def _header(path: Path) -> dict[str, object]:
    if not _tree.is_tree(path):
        return _members(path.name, _source.open_bytes(path))
    with _tree.opened(path) as tree:
        # A log without a header is of a run that was broken off; its start tells which.
        name = HEADER if HEADER in (*tree.names(), *tree.refused()) else START
        found = _members(f"{path.name}: {name}", tree.open(name))
        return found if name == HEADER else {**found, "status": "started"}


def _members(name: str, binary: BinaryIO) -> dict[str, object]:
    with _source.open_text(binary) as text:
        return _json.members(name, _json.pieces(name, iter(lambda: text.read(_PIECE), "")), WANTED)


def _failure(log: Field) -> str:
    """Why the run counts nothing, in words; empty where it succeeded."""
    status = log.at("status").required()
    if log.at("invalidated").truth():
        return "the log is marked as invalidated"
    if status == "success":
        return ""
    message = log.at("error").at("message").text()
    return f"the status of the run is {shown(status)}" + (f": {message:.200}" if message else "")


def _metrics(log: Field) -> Iterator[_Metric]:
    for score in log.at("results").at("scores").items():
        metrics = dict(score.at("metrics").members())
        errors = [metrics[name].at("value") for name in ERRORS if name in metrics]
        means = [name for name in MEANS if name in metrics]
        for name, metric in metrics.items():
            if name in ERRORS and means:
                continue
            stderr = errors[0] if errors and name in means else Field(None)
            yield _Metric(score, name, metric.at("value"), stderr)


def _record(log: Field, metric: _Metric, line: int, dated: dt.date | None) -> ScoreRecord:
    run, score = log.at("eval"), metric.score
    day = log.at("stats").at("completed_at").day() or run.at("created").day() or dated
    if day is None:
        raise ValueError("neither stats.completed_at nor eval.created says when the run was")
    named = (run.at("task").required(), score.at("name").required())
    completed = log.at("results").at("completed_samples").count()
    epochs = run.at("config").at("epochs").count()
    return ScoreRecord(
        line=line,
        system=run.at("model").required(),
        eval=" ".join(filter(None, (*named, score.at("reducer").text(), metric.name))),
        value=metric.value.number(),
        stderr=metric.stderr.error(),
        n_items=score.at("scored_samples").count() or (completed if epochs in (None, 1) else None),
        n_items_text="" if completed is None else _counted(completed, epochs),
        observed_on=day,
        reported_by="",
        elicitation=_elicitation(log),
        note=_note(run),
        harness=" ".join(("inspect_ai", run.at("packages").at("inspect_ai").text())).strip(),
        external_id=external_id(run.at("eval_id").text(), score.at("name").text(), metric.name),
    )


def _counted(completed: int, epochs: int | None) -> str:
    runs = "" if epochs in (None, 1) else f" in {epochs} epochs"
    return f"{completed} completed samples{runs}"


def _elicitation(log: Field) -> str:
    run = log.at("eval")
    stated, planned = run.at("model_generate_config"), log.at("plan").at("config")
    parts: dict[str, object] = {
        name: (planned if planned.at(name).given() else stated).at(name).value
        for name in GENERATION
    }
    parts["epochs"] = run.at("config").at("epochs").value
    parts.update((name, run.at("config").at(name).value) for name in LIMITS)
    parts["solver"] = [step.at("solver").text() for step in log.at("plan").at("steps").items()]
    parts.update(
        (f"task_args.{name}", field.value) for name, field in run.at("task_args").members()
    )
    parts["task_version"] = run.at("task_version").value or None
    return spelled(parts)


def _note(run: Field) -> str:
    dataset = run.at("dataset").at("name").text()
    return f"dataset {dataset}" if dataset else ""
