"""Rows of a table whatever it is stored as: delimited text, lines of JSON, or Parquet."""

from __future__ import annotations

import csv
import datetime as dt
import importlib.util
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Literal

from evals.readers import _json, _rows, _source
from evals.readers._fields import storable
from evals.records import RejectedRow, UnreadableFile

Kind = Literal["text", "jsonl", "parquet", ""]

DELIMITERS = (",", "\t", ";", "|")
MOST_NESTED = 3
# A row group is unpacked whole; its writer says how large it will be.
LARGEST_GROUP = 512 << 20

_PARQUET = b"PAR1"
_BATCH = 1_000


def kind(path: Path) -> Kind:
    """What the file stores its table as, by its first bytes; empty for no table."""
    try:
        with _source.open_file(path) as file:
            if file.read(4) == _PARQUET:
                return "parquet"
    except UnreadableFile:
        return ""
    first = _first_lines(path)
    if not first or "\0" in first[0]:
        return ""
    if first[0].lstrip("\ufeff \t").startswith("{"):
        return "jsonl" if _is_object(first[0]) else ""
    return "text" if len(_split(first[:1], delimiter_of(path))[0]) > 1 else ""


def opened(path: Path, delimiter: str = "") -> _rows.Table:
    """The table; its header is what the text, the first object or the Parquet schema names."""
    found = kind(path)
    if found == "parquet":
        return _parquet(path)
    if found == "jsonl":
        return _jsonl(path)
    if found == "text":
        delimiter = delimiter or delimiter_of(path)
        return _rows.table(path.name, _source.open_bytes(path), delimiter)
    raise UnreadableFile(f"{path.name}: is not a table of several columns.")


def delimiter_of(path: Path) -> str:
    """The delimiter that splits the first lines into most cells, equally many on each."""
    lines = _first_lines(path)

    def goodness(delimiter: str) -> tuple[bool, int]:
        widths = [len(cells) for cells in _split(lines, delimiter) if cells] or [0]
        return len(set(widths)) == 1 and widths[0] > 1, widths[0]

    return max(DELIMITERS, key=goodness)


def _first_lines(path: Path) -> list[str]:
    text = _source.head(path).removeprefix("\ufeff")
    lines = text.splitlines(keepends=True)
    # The last one may have been cut.
    return lines[: max(1, min(len(lines) - 1, 10))]


def _split(lines: list[str], delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=delimiter)) or [[]]
    except csv.Error:
        return [[]]


def _is_object(line: str) -> bool:
    try:
        found = _json.loads(line)
    except ValueError:
        return False
    return isinstance(found, dict) and bool(found)


def _jsonl(path: Path) -> _rows.Table:
    rows = _objects(path)
    first: list[tuple[int, _rows.Row] | RejectedRow] = []
    header: tuple[str, ...] = ()
    for found in rows:
        first.append(found)
        if not isinstance(found, RejectedRow):
            header = tuple(found[1])
            break
    return _rows.Table(header, chain(first, rows))


def _objects(path: Path) -> Iterator[tuple[int, _rows.Row] | RejectedRow]:
    lines = _source.lines(path.name, _source.open_bytes(path))
    for number, line in enumerate(lines, start=1):
        text = line.removeprefix("\ufeff") if number == 1 else line
        if not text.strip():
            continue
        try:
            row = cells_of(_json.loads(text))
        except ValueError as error:
            yield _rows.rejected(path.name, number, str(error), [text.rstrip("\r\n")[:2000]])
            continue
        yield number, row


def cells_of(value: object) -> _rows.Row:
    """The cells of an object, with those of objects in it under "outer.inner"."""
    if not isinstance(value, dict):
        raise ValueError("the row is not an object")
    cells: _rows.Row = {}
    _fill(cells, "", value, 1)
    return cells


def _fill(cells: _rows.Row, prefix: str, value: dict[str, object], level: int) -> None:
    for key, inner in value.items():
        name = f"{prefix}{key}"
        if isinstance(inner, dict) and level < MOST_NESTED:
            _fill(cells, f"{name}.", inner, level + 1)
        elif name in cells:
            raise ValueError(f"the column {name!r:.80} stands there twice")
        else:
            cells[storable(name, "a name")] = storable(_cell(inner), name)
        if len(cells) > _rows.MOST_COLUMNS:
            raise ValueError(f"more than {_rows.MOST_COLUMNS} columns")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, default=str)
    return str(value).strip()


def _parquet(path: Path) -> _rows.Table:
    if importlib.util.find_spec("pyarrow") is None:
        raise UnreadableFile(
            f"{path.name}: is a Parquet file, and the package pyarrow that reads it is not "
            "installed; install agi-index[parquet]."
        )
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(path)
        groups = [file.metadata.row_group(at) for at in range(file.metadata.num_row_groups)]
        header = tuple(file.schema_arrow.names)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise UnreadableFile(f"{path.name}: the Parquet file cannot be read ({error}).") from error
    if any(group.total_byte_size > LARGEST_GROUP for group in groups):
        raise UnreadableFile(f"{path.name}: a row group is larger than {LARGEST_GROUP} bytes.")
    if len(set(header)) != len(header):
        raise UnreadableFile(f"{path.name}: a column name stands there twice.")

    def rows() -> Iterator[tuple[int, _rows.Row] | RejectedRow]:
        number = 0
        try:
            for batch in file.iter_batches(batch_size=_BATCH):
                for value in batch.to_pylist():
                    number += 1
                    try:
                        yield number, cells_of(value)
                    except ValueError as error:
                        yield _rows.rejected(path.name, number, str(error), [])
        except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
            raise UnreadableFile(f"{path.name}, after row {number}: {error}.") from error

    return _rows.Table(header, rows())
