"""Every Eval Ever: aggregate JSON, and JSONL with one aggregate on each line; schemas 0.2 and 0.3.

Every element of `evaluation_results` is a record. Its eval is the evaluation's name, and the
metric's where the name does not hold it already. `line` counts the records from 1 in a JSON file
and is the line in a JSONL file. The file of samples that may lie beside an aggregate is recognised
and refused: it holds no result, only what results are made of.

The date is the result's own `evaluation_timestamp`, else the file's, else `retrieved_timestamp`,
when the source was seen to state it; the note then says so. A standard error is taken as stated;
an interval only where its confidence level is 0.95. `min_score` and `max_score` go into the note.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from evals.readers import _json, _source
from evals.readers._fields import (
    Field,
    external_id,
    record_or_reason,
    rejected,
    shown,
    spelled,
)
from evals.records import Record, ScoreRecord, UnreadableFile

NAME = "every_eval_ever"
VERSION = 1
RANK = 20

KNOWN = ("0.2", "0.3")
# An aggregate with a few hundred results on one line is longer than any line of a table.
LONGEST_LINE = 16 << 20
SAMPLE_KEYS = {"schema_version", "sample_id"}
GENERATION = (
    "reasoning",
    "reasoning_effort",
    "temperature",
    "top_p",
    "top_k",
    "max_tokens",
    "max_attempts",
)


def sniff(path: Path) -> bool:
    """Whether the first object of the file is an aggregate or a sample of this schema."""
    keys = _json.keys(path)
    return {"schema_version", "evaluation_results"} <= keys or keys >= SAMPLE_KEYS


def read(path: Path, *, dated: dt.date | None = None) -> Iterator[Record]:
    """A record for each result of each aggregate."""
    if _json.keys(path) >= SAMPLE_KEYS:
        raise UnreadableFile(
            f"{path.name}: holds samples; only aggregates are imported, so give the file that "
            "lies beside it."
        )
    aggregates, by_line = _aggregates(path)
    line = 0
    for place, text in aggregates:
        try:
            aggregate = Field(_json.loads(text))
            _check_schema(aggregate)
            results = list(aggregate.at("evaluation_results").items())
        except ValueError as error:
            if not by_line:
                raise UnreadableFile(f"{path.name}: {error}.") from error
            yield rejected(path.name, place, str(error), text)
            continue
        if not results:
            line += 1
            yield rejected(path.name, place if by_line else line, "evaluation_results is empty")
        for result in results:
            line += 1
            number = place if by_line else line
            build = partial(_record, aggregate, result, number, dated)
            yield record_or_reason(path.name, number, build, result.value)


def _aggregates(path: Path) -> tuple[Iterator[tuple[int, str]], bool]:
    """(line, text) of each aggregate, and whether the lines of the file are aggregates."""
    lines = enumerate(_source.lines(path.name, _source.open_bytes(path), LONGEST_LINE), start=1)
    first = next(((place, text) for place, text in lines if text.strip("\ufeff \t\r\n")), (1, ""))
    try:
        _json.loads(first[1])
    except ValueError:
        whole = _source.document(path.name, _source.open_bytes(path))
        return iter([(1, whole)]), False
    rest = ((place, text) for place, text in lines if text.strip())
    second = next(rest, None)
    if second is None:
        return iter([first]), False

    def all_of() -> Iterator[tuple[int, str]]:
        yield first
        yield second
        yield from rest

    return all_of(), True


def _check_schema(aggregate: Field) -> None:
    version = aggregate.at("schema_version").required()
    if ".".join(version.split(".")[:2]) not in KNOWN:
        raise ValueError(f"schema_version is {shown(version)}; known are {' and '.join(KNOWN)}")


def _record(aggregate: Field, result: Field, line: int, dated: dt.date | None) -> ScoreRecord:
    metric, score = result.at("metric_config"), result.at("score_details")
    source, model = aggregate.at("source_metadata"), aggregate.at("model_info")
    day, note = _dated(aggregate, result, dated)
    low, high = _interval(score.at("uncertainty").at("confidence_interval"))
    lower = metric.at("lower_is_better").truth()
    if metric.at("has_unknown_level").truth() and score.at("score").value == -1:
        raise ValueError(f"{score.path}.score is -1, the level that stands for unknown")
    return ScoreRecord(
        line=line,
        system=model.at("id").text() or model.at("name").required(),
        eval=_named(result, metric),
        value=score.at("score").number(),
        stderr=score.at("uncertainty").at("standard_error").at("value").error(),
        low=low,
        high=high,
        n_items=score.at("uncertainty").at("num_samples").count(),
        observed_on=day,
        reported_by=source.at("evaluator_relationship").text(),
        elicitation=_elicitation(result),
        source_url=_url(result) or source.at("source_organization_url").text(),
        note="; ".join(filter(None, (_origin(source), _scale(metric), note))),
        external_id=external_id(
            aggregate.at("evaluation_id").text(), result.at("evaluation_result_id").text()
        ),
        unit=metric.at("metric_unit").text(),
        higher_is_better=None if lower is None else not lower,
        harness=_harness(aggregate.at("eval_library")),
        developer=model.at("developer").text(),
    )


def _named(result: Field, metric: Field) -> str:
    name = result.at("evaluation_name").required()
    measure = metric.at("metric_name").text() or metric.at("metric_id").text()
    if measure.casefold() in name.casefold():
        return name
    return f"{name} {measure}"


def _dated(aggregate: Field, result: Field, dated: dt.date | None) -> tuple[dt.date, str]:
    day = result.at("evaluation_timestamp").day() or aggregate.at("evaluation_timestamp").day()
    if day is not None:
        return day, ""
    if (seen := aggregate.at("retrieved_timestamp").day()) is not None:
        return seen, "dated by when it was retrieved"
    if dated is None:
        raise ValueError("neither evaluation_timestamp nor retrieved_timestamp is stated")
    return dated, ""


def _interval(field: Field) -> tuple[float | None, float | None]:
    if not field.given() or field.at("confidence_level").value != 0.95:
        return None, None
    return field.at("lower").number(), field.at("upper").number()


def _elicitation(result: Field) -> str:
    config = result.at("generation_config")
    stated = config.at("generation_args")
    parts: dict[str, object] = {name: stated.at(name).value for name in GENERATION}
    details = {key: field.value for key, field in config.at("additional_details").members()}
    data = result.at("source_data")
    parts["prompt_style"] = data.at("additional_details").at("prompt_style").value
    return spelled({**parts, **details})


def _url(result: Field) -> str:
    data = result.at("source_data")
    urls = data.at("url")
    if isinstance(urls.value, str):
        return urls.text()
    return next((url.text() for url in urls.items()), "")


def _origin(source: Field) -> str:
    parts = (source.at("source_name").text(), source.at("source_organization_name").text())
    return ", ".join(filter(None, parts))


def _scale(metric: Field) -> str:
    low, high = metric.at("min_score"), metric.at("max_score")
    if not (low.given() and high.given()):
        return ""
    return f"scale {low.number():g} to {high.number():g}"


def _harness(library: Field) -> str:
    parts = (library.at("name").text(), library.at("version").text())
    return " ".join(part for part in parts if part != "unknown").strip()
