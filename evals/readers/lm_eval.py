"""Results of lm-evaluation-harness, `results*.json`, from version 0.3 on.

Every metric under every filter of every task is a record; its eval is the task, the metric and the
filter where there is one, as in "gsm8k exact_match strict-match". `results` is the list of what was
measured. A group stands there under its own name beside its subtasks, and again in `groups`: it is
read once, from `results` where it stands there, and is an eval of its own like each subtask.
`line` counts the records from 1, those of tasks first.

The date is the file's own `date`; files of 0.3 have none. The model is what the file names it,
else what its arguments load.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from evals.readers import _json, _source
from evals.readers._fields import Field, record_or_reason, rejected, spelled
from evals.records import Record, ScoreRecord

NAME = "lm_eval"
VERSION = 1
RANK = 30

MARKS = {"configs", "versions", "n-shot", "lm_eval_version"}
# Members of a task's results that are about the task and not measured.
FACTS = ("alias", "name", "sample_len", "sample_count", "samples", " ")
LOADED = ("pretrained", "model", "engine", "path")
GENERATION = ("temperature", "top_p", "do_sample", "max_gen_toks")


class _Metric(NamedTuple):
    """One number: `filtered` is the filter's name, empty for none."""

    task: str
    metric: str
    filtered: str
    value: Field
    stderr: Field


def sniff(path: Path) -> bool:
    """Whether the file is one object with `results` and what the harness writes beside them."""
    keys = _json.keys(path)
    return "results" in keys and bool(keys & MARKS) and "evaluation_results" not in keys


def read(path: Path, *, dated: dt.date | None = None) -> Iterator[Record]:
    """A record for each task, metric and filter."""
    text = _source.document(path.name, _source.open_bytes(path))
    file = Field(_json.document(path.name, text))
    try:
        metrics = list(_metrics(file))
    except ValueError as error:
        yield rejected(path.name, 1, str(error))
        return
    if not metrics:
        yield rejected(path.name, 1, "results holds no metric")
    for line, metric in enumerate(metrics, start=1):
        build = partial(_record, file, metric, line, dated)
        yield record_or_reason(path.name, line, build, metric.value.value)


def _metrics(file: Field) -> Iterator[_Metric]:
    tasks = dict(file.at("results").members())
    for name, group in file.at("groups").members():
        tasks.setdefault(name, group)
    for task, measured in tasks.items():
        found = dict(measured.members())
        # From 0.4 on every metric names its filter, and what does not is no metric.
        filters = any("," in key for key in found)
        for key, value in found.items():
            metric, comma, filtered = key.partition(",")
            if key in FACTS or metric.endswith("_stderr") or (filters and not comma):
                continue
            error = f"{metric}_stderr,{filtered}" if filtered else f"{metric}_stderr"
            stderr = found.get(error, Field(None))
            yield _Metric(task, metric, "" if filtered == "none" else filtered, value, stderr)


def _record(file: Field, metric: _Metric, line: int, dated: dt.date | None) -> ScoreRecord:
    day = file.at("date").day() or dated
    if day is None:
        raise ValueError("the file does not say when it was measured")
    task = metric.task
    effective = file.at("n-samples").at(task).at("effective").count()
    higher = file.at("higher_is_better").at(task)
    version = file.at("lm_eval_version").text()
    return ScoreRecord(
        line=line,
        system=_model(file),
        eval=" ".join(filter(None, (task, metric.metric, metric.filtered))),
        value=metric.value.number(),
        stderr=metric.stderr.error(),
        n_items=effective or file.at("results").at(task).at("sample_len").count(),
        observed_on=day,
        reported_by="",
        elicitation=_elicitation(file, task),
        harness=f"lm_eval {version}".strip(),
        higher_is_better=higher.at(metric.metric).truth(),
    )


def _model(file: Field) -> str:
    config = file.at("config")
    if name := file.at("model_name").text():
        return name
    arguments = config.at("model_args")
    if isinstance(arguments.value, str):
        pairs = (pair.partition("=") for pair in arguments.text().split(","))
        stated = {key.strip(): value.strip() for key, _, value in pairs}
    else:
        stated = {key: field.text() for key, field in arguments.members() if key in LOADED}
    return next((stated[key] for key in LOADED if stated.get(key)), "") or (
        config.at("model").required()
    )


def _elicitation(file: Field, task: str) -> str:
    config = file.at("configs").at(task)
    parts: dict[str, object] = {"num_fewshot": file.at("n-shot").at(task).value}
    stated = file.at("config")
    for name in GENERATION:
        parts[name] = config.at("generation_kwargs").at(name).value
    parts["gen_kwargs"] = stated.at("gen_kwargs").value
    parts["limit"] = stated.at("limit").value
    parts["repeats"] = config.at("repeats").value
    parts["model"] = stated.at("model").value
    parts["model_revision"] = stated.at("model_revision").value
    parts["fewshot_as_multiturn"] = file.at("fewshot_as_multiturn").value
    parts["chat_template"] = "yes" if file.at("chat_template").given() else None
    parts["system_instruction"] = "yes" if file.at("system_instruction").given() else None
    parts["task_version"] = file.at("versions").at(task).value
    return spelled(parts)
