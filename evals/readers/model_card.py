"""Model cards of the hub: the `model-index` in the front matter of a README.

Every metric of every result is a record; its eval is the dataset with its config, and the metric,
as in "gsm8k main exact_match". The card has no dates: the caller gives `dated`. `line` counts the
records from 1.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from evals.readers import _source, _yaml
from evals.readers._fields import Field, record_or_reason, rejected, spelled, value_of
from evals.records import Record, ScoreRecord, UnreadableFile

NAME = "model_card"
VERSION = 1
RANK = 50

CARD = "README.md"
_FRONT = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)
_INDEX = re.compile(r"^model-index:", re.MULTILINE)


def sniff(path: Path) -> bool:
    """Whether the file begins with a front matter that holds a `model-index`."""
    start = "" if path.is_dir() else _source.head(path, _yaml.LARGEST)
    front = _FRONT.match(start)
    return bool(front and _INDEX.search(front[1]))


def read(path: Path, *, dated: dt.date | None = None) -> Iterator[Record]:
    """A record for each metric."""
    index = _index(path.name, _source.document(path.name, _source.open_bytes(path)))
    line = 0
    try:
        metrics = list(_metrics(index))
    except ValueError as error:
        raise UnreadableFile(f"{path.name}: {error}.") from error
    for line, (model, result, metric) in enumerate(metrics, start=1):
        build = partial(_record, model, result, metric, line, dated)
        yield record_or_reason(path.name, line, build, metric.value)
    if not metrics:
        yield rejected(path.name, 1, "model-index holds no metric")


def named(text: str) -> str:
    """The one name that a model card gives its model; empty where there is none."""
    try:
        models = list(_index(CARD, text).items())
        return models[0].at("name").text() if len(models) == 1 else ""
    except (UnreadableFile, ValueError):
        return ""


def _index(name: str, text: str) -> Field:
    front = _FRONT.match(text)
    if front is None:
        raise UnreadableFile(f"{name}: has no front matter.")
    card = Field(_yaml.document(name, front[1]))
    try:
        return card.at("model-index")
    except ValueError as error:
        raise UnreadableFile(f"{name}: {error}.") from error


def _metrics(index: Field) -> Iterator[tuple[Field, Field, Field]]:
    for model in index.items():
        for result in model.at("results").items():
            for metric in result.at("metrics").items():
                yield model, result, metric


def _record(
    model: Field, result: Field, metric: Field, line: int, dated: dt.date | None
) -> ScoreRecord:
    if dated is None:
        raise ValueError("a model card does not say when it was measured; give the date")
    dataset, source = result.at("dataset"), result.at("source")
    of = (dataset.at("name").text() or dataset.at("type").required(), dataset.at("config").text())
    measure = metric.at("name").text() or metric.at("type").required()
    value, unit = value_of(metric.at("value"))
    return ScoreRecord(
        line=line,
        system=model.at("name").required(),
        eval=" ".join(filter(None, (*of, measure))),
        value=value,
        unit=unit,
        observed_on=dated,
        reported_by="",
        elicitation=spelled(
            {
                "split": dataset.at("split").value,
                "revision": dataset.at("revision").value,
                "dataset_args": dataset.at("args").value,
                "metric_args": metric.at("args").value,
            }
        ),
        source_url=source.at("url").text(),
        note="; ".join(filter(None, (source.at("name").text(), _verified(metric)))),
    )


def _verified(metric: Field) -> str:
    return "marked as verified" if metric.at("verified").truth() else ""
