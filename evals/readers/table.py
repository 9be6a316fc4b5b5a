"""Any table, CSV, TSV, JSONL or Parquet, through a mapping that says what its columns mean.

`read` streams: its memory does not grow with the file. `line` is the line of a text, or the row of
a Parquet file from 1. In JSONL a member of an object inside the row is the column "outer.inner".
A cell with a percent sign is in percent; any other unit is the one that the mapping gives.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from evals.readers import _columns, _rows
from evals.readers._fields import shown, spelled, value_in
from evals.readers._mapping import DATE_FORMS, FACTS, Mapping
from evals.readers._suggested import Preview, preview
from evals.readers._uncertainty import leading_integer, read_uncertainty
from evals.records import Record, RejectedRow, ScoreRecord, UnreadableFile

__all__ = ["NAME", "RANK", "VERSION", "Mapping", "Preview", "preview", "read", "sniff"]

NAME = "table"
VERSION = 1
RANK = 90

TEXTS = ("source_url", "note", "external_id", "developer", "harness", "reported_by")
_THOUSANDS = re.compile(r"[-+]?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?\s*%?")
DIRECTIONS = {"true": True, "yes": True, "false": False, "no": False, "": None}


def sniff(path: Path) -> bool:
    """Whether the file is a table of several columns."""
    return bool(_columns.kind(path))


def read(
    path: Path, mapping: Mapping | None = None, *, dated: dt.date | None = None
) -> Iterator[Record]:
    """A record for each row, or in a wide table for each eval of each row."""
    if mapping is None:
        raise UnreadableFile(f"{path.name}: it must be said first what its columns mean.")
    if why := _lacks(mapping, dated):
        raise UnreadableFile(f"{path.name}: {why}.")
    table = _columns.opened(path, mapping.delimiter)
    missing = [name for name in mapping.columns() if name not in table.header]
    # Objects may leave out a member; every other table has each column in every row.
    if missing and _columns.kind(path) != "jsonl":
        raise UnreadableFile(f"{path.name}, line 1: missing columns: {', '.join(missing)}.")
    for found in table.rows:
        if isinstance(found, RejectedRow):
            yield found
            continue
        line, row = found
        for result in _results(mapping, line, row, dated):
            if isinstance(result, str):
                yield _rows.rejected(path.name, line, result, list(row.values()))
            else:
                yield result


def _lacks(mapping: Mapping, dated: dt.date | None) -> str:
    """What keeps the mapping from being used, in words; empty where nothing does."""
    strange = [fact for fact in mapping.constants if fact not in FACTS]
    if strange:
        return f"the mapping gives constants for unknown facts: {', '.join(strange)}"
    if len(mapping.delimiter) > 1 or mapping.delimiter in {'"', "\r", "\n"}:
        return f"the delimiter {shown(mapping.delimiter)} is not one character"
    needed = ["system"] if mapping.wide else ["system", "eval", "value"]
    needed += [] if dated else ["observed_on"]
    lacking = [fact for fact in needed if not mapping.states(fact)]
    if lacking:
        return f"the mapping gives no column and no constant for {', '.join(lacking)}"
    if mapping.wide and (mapping.eval or mapping.value):
        return "the mapping gives both wide columns and a column for the eval or its value"
    return ""


def _results(
    mapping: Mapping, line: int, row: _rows.Row, dated: dt.date | None
) -> Iterator[ScoreRecord | str]:
    if not mapping.wide:
        value = _stated(mapping, row, "value")
        yield _attempt(partial(_record, mapping, line, row, "", value, dated))
        return
    for column in mapping.wide:
        if row.get(column):
            yield _attempt(partial(_record, mapping, line, row, column, row[column], dated))
    if empty := [column for column in mapping.wide if not row.get(column)]:
        yield f"no value stands in {', '.join(empty)}"


def _attempt(build: Callable[[], ScoreRecord]) -> ScoreRecord | str:
    try:
        return build()
    except ValueError as error:
        return str(error)


def _record(
    mapping: Mapping, line: int, row: _rows.Row, column: str, text: str, dated: dt.date | None
) -> ScoreRecord:
    value, unit = _number(mapping, text, column or mapping.value or "value")
    uncertainty = _stated(mapping, row, "uncertainty")
    stderr, low, high = read_uncertainty(value, _points(mapping, uncertainty, "uncertainty"))
    items = _stated(mapping, row, "n_items")
    return ScoreRecord(
        line=line,
        system=_needed(mapping, row, "system"),
        eval=column or _needed(mapping, row, "eval"),
        value=value,
        stderr=_side(mapping, row, "stderr", stderr),
        low=_side(mapping, row, "low", low),
        high=_side(mapping, row, "high", high),
        uncertainty=uncertainty,
        n_items=leading_integer(items),
        n_items_text=items,
        observed_on=_day(mapping, row, dated),
        elicitation=spelled({name: row.get(name, "") for name in mapping.elicitation}),
        unit=unit or _stated(mapping, row, "unit"),
        higher_is_better=_direction(mapping, row),
        **{fact: _stated(mapping, row, fact) for fact in TEXTS},
    )


def _stated(mapping: Mapping, row: _rows.Row, fact: str) -> str:
    """The cell of the fact's column, else its constant."""
    return row.get(getattr(mapping, fact), "") or mapping.constants.get(fact, "")


def _needed(mapping: Mapping, row: _rows.Row, fact: str) -> str:
    found = _stated(mapping, row, fact)
    if not found:
        raise ValueError(f"{getattr(mapping, fact) or fact} is empty")
    return found


def _points(mapping: Mapping, text: str, what: str) -> str:
    """The text of numbers with points for decimals; a point before was one of thousands."""
    if not mapping.decimal_comma:
        return text
    if "." in text and not _THOUSANDS.fullmatch(text):
        raise ValueError(f"{what} {shown(text)} has a point, where decimals follow a comma")
    return text.replace(".", "").replace(",", ".")


def _number(mapping: Mapping, text: str, what: str) -> tuple[float, str]:
    if not text:
        raise ValueError(f"{what} is empty")
    return value_in(_points(mapping, text, what), what)


def _side(mapping: Mapping, row: _rows.Row, fact: str, other: float | None) -> float | None:
    text = _stated(mapping, row, fact)
    return _number(mapping, text, getattr(mapping, fact) or fact)[0] if text else other


def _direction(mapping: Mapping, row: _rows.Row) -> bool | None:
    text = row.get(mapping.higher_is_better, "").casefold()
    if text not in DIRECTIONS:
        raise ValueError(f"{mapping.higher_is_better} {shown(text)} is neither true nor false")
    return DIRECTIONS[text]


def _day(mapping: Mapping, row: _rows.Row, dated: dt.date | None) -> dt.date:
    text = _stated(mapping, row, "observed_on")
    if not text:
        if dated is None:
            raise ValueError(f"{mapping.observed_on or 'observed_on'} is empty")
        return dated
    found = DATE_FORMS[mapping.dates].fullmatch(text)
    try:
        if found is None:
            raise ValueError(text)
        return dt.date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        what = mapping.observed_on or "observed_on"
        raise ValueError(f"{what} {shown(text)} is not a date ({mapping.dates})") from None
