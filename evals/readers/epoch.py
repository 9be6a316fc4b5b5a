"""CSV files of Epoch's benchmark hub: internal runs, results read elsewhere, and model versions.

`benchmarks_runs.csv` gives a record for each row: the eval is the task, the value the best score
across scorers, a proportion, with the error of the scorer that reached it. Where several scorers
were used each also gives a record of its own, "task scorer", from the `score±error` that is printed
to two places. An error printed as 0 was rounded away and is left out; the text stays.

`external_benchmark_<name>.csv` gives a record for each score column that `_epoch_columns` names for
it; the eval is that name, with the column where there are several. Some of these files have one
header, so they are told apart by their name where the header alone does not do it. The empty score
cells of a row are named in one rejected row. Dates are day/month/year where a file has them; most
have none, and the caller gives `dated`.

`model_versions.csv` has no scores: each of its rows is a name with what the hub knows of it.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from evals.readers import _epoch_columns as columns
from evals.readers import _rows, _source
from evals.readers._fields import day_of, external_id, shown, spelled, value_in
from evals.readers._uncertainty import leading_integer
from evals.records import NameRecord, Record, RejectedRow, ScoreRecord, UnreadableFile

NAME = "epoch"
VERSION = 2
RANK = 30

RUNS = ("id", "task", "model", "Best score (across scorers)", "Scores", "started_at", "Status")
VERSIONS = ("id", "Model", "Version release date", "Hugging Face developer id")

_FILE = re.compile(r"external_benchmark_([a-z0-9_]+)\.csv(?:\.gz|\.zst)?", re.IGNORECASE)
_SCORE = re.compile(r"([A-Za-z0-9_]+):(-?[0-9]+(?:\.[0-9]+)?)±([0-9]+(?:\.[0-9]+)?)")
_MOMENT = re.compile(r"([0-9]{1,2}) ([A-Z][a-z]+) ([0-9]{4}) [0-9]{1,2}:[0-9]{2}[ap]m")
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def sniff(path: Path) -> bool:
    """Whether the header is of one of the hub's files."""
    first = _source.head(path).removeprefix("\ufeff").splitlines()[:1]
    try:
        header = {cell.strip() for cell in next(csv.reader(first), [])}
    except csv.Error:
        return False
    return set(RUNS) <= header or set(VERSIONS) <= header or bool(_benchmark(path.name, header))


def read(path: Path, *, dated: dt.date | None = None) -> Iterator[Record]:
    """At least one record for each row."""
    table = _rows.table(path.name, _source.open_bytes(path))
    header = set(table.header)
    results: Callable[[int, _rows.Row], Iterator[ScoreRecord | NameRecord | str]]
    if set(RUNS) <= header:
        results = partial(_run, dated=dated)
    elif set(VERSIONS) <= header:
        results = _name
    elif benchmark := _benchmark(path.name, header):
        results = partial(_row, benchmark, dated=dated)
    else:
        raise UnreadableFile(
            f"{path.name}: the header is of several of the hub's files, or of none; they are told "
            "apart by their names, such as external_benchmark_boolq.csv."
        )
    for found in table.rows:
        if isinstance(found, RejectedRow):
            yield found
            continue
        line, row = found
        for result in results(line, row):
            if isinstance(result, str):
                yield _rows.rejected(path.name, line, result, list(row.values()))
            else:
                yield result


def _name(line: int, row: _rows.Row) -> Iterator[NameRecord | str]:
    if not row["id"]:
        yield "id is empty"
        return
    shown_as = (row.get("Display name", ""), row.get("Unique display name", ""))
    yield NameRecord(
        line=line,
        name=row["id"],
        aliases=tuple(dict.fromkeys(name for name in shown_as if name not in ("", row["id"]))),
        developer=row["Hugging Face developer id"],
        family=row["Model"],
        released_on=_released(row["Version release date"]),
        source_url=row.get("Link", ""),
        note=row.get("Notes", ""),
    )


def _released(text: str) -> dt.date | None:
    try:
        return day_of(text)
    except ValueError:
        return None


def _run(line: int, row: _rows.Row, *, dated: dt.date | None) -> Iterator[ScoreRecord | str]:
    try:
        if row["Status"] != "Success":
            raise ValueError(f"the status of the run is {shown(row['Status'])}")
        scorers = [_printed(text) for text in row["Scores"].split(",")]
        best, _ = value_in(row["Best score (across scorers)"], "Best score (across scorers)")
        reached = max(scorers, key=lambda scorer: scorer[1])
        record = ScoreRecord(
            line=line,
            system=_stated(row, "model"),
            eval=_stated(row, "task"),
            value=best,
            stderr=reached[2],
            uncertainty=row["Scores"] if len(row["Scores"]) <= 120 else "",
            observed_on=_started(row["started_at"], dated),
            reported_by="third_party",
            elicitation=spelled({"task_version": row.get("task version", "")}),
            source_url=row.get("log viewer", "") or row.get("logs", ""),
            note="Epoch AI",
            external_id=external_id(row["id"]),
            unit="proportion",
        )
    except ValueError as error:
        yield str(error)
        return
    yield record
    for name, value, stderr in scorers if len(scorers) > 1 else ():
        yield _replaced(record, f"{record.eval} {name}", value, stderr)


def _replaced(record: ScoreRecord, named: str, value: float, stderr: float | None) -> ScoreRecord:
    whole = {name: getattr(record, name) for name in record.__struct_fields__}
    return ScoreRecord(**{**whole, "eval": named, "value": value, "stderr": stderr})


def _printed(text: str) -> tuple[str, float, float | None]:
    """(scorer, score, standard error) of `scorer:score±error`."""
    found = _SCORE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"Scores holds {shown(text)}, where scorer:score±error is expected")
    score, error = (value_in(number, "Scores")[0] for number in found.groups()[1:])
    return found[1], score, error or None


def _started(text: str, dated: dt.date | None) -> dt.date:
    if not text:
        return _given(dated, "started_at is empty")
    found = _MOMENT.fullmatch(text)
    if found is None or found[2] not in _MONTHS:
        raise ValueError(f"started_at {shown(text)} is not a time as in '17 November 2025 4:28pm'")
    return _date(int(found[3]), _MONTHS.index(found[2]) + 1, int(found[1]), text)


def _date(year: int, month: int, day: int, text: str) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise ValueError(f"{shown(text)} is not a date") from None


def _given(dated: dt.date | None, why: str) -> dt.date:
    if dated is None:
        raise ValueError(f"{why}; give the date")
    return dated


def _benchmark(name: str, header: set[str]) -> str:
    """Whose file this is, by its header and, where that is not enough, its name; else empty."""
    if "Model version" not in header or not header & set(columns.LINKS):
        return ""
    fitting = {
        benchmark: len(scores)
        for benchmark, scores in columns.BENCHMARKS.items()
        if all({score.name, *filter(None, score[2:])} <= header for score in scores)
    }
    named = _FILE.fullmatch(name)
    if named and named[1].lower() in fitting:
        return named[1].lower()
    most = max(fitting.values(), default=0)
    best = [benchmark for benchmark, count in fitting.items() if count == most]
    return best[0] if len(best) == 1 else ""


def _row(
    benchmark: str, line: int, row: _rows.Row, *, dated: dt.date | None
) -> Iterator[ScoreRecord | str]:
    scores = columns.BENCHMARKS[benchmark]
    try:
        facts = _facts(benchmark, line, row, dated)
    except ValueError as error:
        yield str(error)
        return
    for score in scores:
        if not row[score.name]:
            continue
        named = f"{benchmark} {score.name}" if len(scores) > 1 else benchmark
        try:
            yield _score(facts, named, score, row)
        except ValueError as error:
            yield str(error)
    empty = [score.name for score in scores if not row[score.name]]
    if empty:
        yield f"no score stands in {', '.join(empty)}"


def _facts(benchmark: str, line: int, row: _rows.Row, dated: dt.date | None) -> dict[str, object]:
    places = columns.OTHER_SYSTEM.get(benchmark, columns.SYSTEM)
    found = [row[place] for place in places if row.get(place)]
    if not found:
        raise ValueError(f"no system stands in {' or '.join(p for p in places if p in row)}")
    also = [name for name in (row.get("Name", ""),) if name and name != found[0]]
    notes = [row[column] for column in columns.NOTES if row.get(column)]
    return {
        "line": line,
        "system": found[0],
        "observed_on": _added(row, dated),
        "reported_by": "",
        "elicitation": spelled({name: row.get(name, "") for name in columns.ELICITATION}),
        "source_url": _first(row, columns.LINKS),
        "note": "; ".join([*also, *notes]),
        "n_items": leading_integer(row.get(columns.ITEMS, "")),
        "n_items_text": f"{row[columns.VOTES]} votes" if row.get(columns.VOTES) else "",
    }


def _score(
    facts: dict[str, object], named: str, score: columns.Column, row: _rows.Row
) -> ScoreRecord:
    value, unit = value_in(row[score.name], score.name)
    stderr, low, high = (
        value_in(row[place], place)[0] if place and row[place] else None for place in score[2:]
    )
    identity = external_id(_first(row, columns.IDS), score.name)
    return ScoreRecord(
        **facts,  # type: ignore[arg-type]
        eval=named,
        value=value,
        stderr=stderr,
        low=low,
        high=high,
        unit=unit or score.unit,
        external_id=identity,
    )


def _added(row: _rows.Row, dated: dt.date | None) -> dt.date:
    text = _first(row, columns.DATES)
    if not text:
        return _given(dated, "the file does not say when it was measured")
    if found := _SLASHED.fullmatch(text):
        return _date(int(found[3]), int(found[2]), int(found[1]), text)
    raise ValueError(f"{shown(text)} is not a date as in '23/7/2024'")


def _first(row: _rows.Row, places: tuple[str, ...]) -> str:
    return next((row[place] for place in places if row.get(place)), "")


def _stated(row: _rows.Row, column: str) -> str:
    if not row[column]:
        raise ValueError(f"{column} is empty")
    return row[column]
