"""Rows of a delimited text, one at a time: (line, cells by column), or why a line is none."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from evals.readers import _source
from evals.records import RejectedRow, UnreadableFile

MOST_COLUMNS = 2_000

Row = dict[str, str]


Cells = list[str]


@dataclass(frozen=True)
class Table:
    """The header of a text and its rows, which are read as they are asked for."""

    header: tuple[str, ...]
    rows: Iterator[tuple[int, Row] | RejectedRow]


def table(name: str, binary: BinaryIO, delimiter: str = ",") -> Table:
    """The table in a text; UnreadableFile where its header cannot be used."""
    header, lines = cells(name, binary, delimiter)
    return Table(header, _named(header, lines))


def cells(
    name: str, binary: BinaryIO, delimiter: str = ","
) -> tuple[tuple[str, ...], Iterator[tuple[int, Cells] | RejectedRow]]:
    """The header of a text and its rows, each with a cell a column; raises as `table`.

    For who reads by the million and knows where its columns stand. The cells are as they stand in
    the text, with the spaces around them; a row is its reader's own.
    """
    rows = csv.reader(_source.lines(name, binary), delimiter=delimiter, strict=True)
    header = tuple(cell.strip() for cell in _first(name, rows))
    if not any(header):
        raise UnreadableFile(f"{name}, line 1: there is no header.")
    if len(header) > MOST_COLUMNS:
        raise UnreadableFile(f"{name}, line 1: more than {MOST_COLUMNS} columns.")
    named = [cell for cell in header if cell]
    if len(set(named)) != len(named):
        twice = next(cell for cell in named if named.count(cell) > 1)
        raise UnreadableFile(f"{name}, line 1: the column {twice!r:.80} stands there twice.")
    return header, _cells(name, rows, len(header))


def named(header: tuple[str, ...], row: Cells) -> Row:
    """The cells of a row by their columns; what has no column's name is left out."""
    return {key: cell.strip() for key, cell in zip(header, row, strict=True) if key}


def _named(
    header: tuple[str, ...], lines: Iterator[tuple[int, Cells] | RejectedRow]
) -> Iterator[tuple[int, Row] | RejectedRow]:
    for found in lines:
        yield found if isinstance(found, RejectedRow) else (found[0], named(header, found[1]))


def _first(name: str, rows: Iterator[list[str]]) -> list[str]:
    try:
        return next(rows, [])
    except csv.Error as error:
        raise _no_table(name, rows, error) from error


def _no_table(name: str, rows: Iterator[list[str]], error: csv.Error) -> UnreadableFile:
    line = getattr(rows, "line_num", 0)
    return UnreadableFile(f"{name}, line {line}: not a table ({error}).")


def _cells(
    name: str, rows: Iterator[list[str]], width: int
) -> Iterator[tuple[int, Cells] | RejectedRow]:
    before: int = rows.line_num  # type: ignore[attr-defined]
    try:
        for row in rows:
            line, before = before + 1, rows.line_num  # type: ignore[attr-defined]
            if not row:
                continue
            if why := _unusable(row, width):
                yield rejected(name, line, why, row)
                continue
            yield line, row
    except csv.Error as error:
        raise _no_table(name, rows, error) from error


def _unusable(row: Cells, width: int) -> str:
    """Why a line is no row of the table, in words; empty where it is one."""
    if len(row) != width:
        return f"{len(row)} cells where the header has {width}"
    # Decoded text holds no half of a character pair, so this is the whole of `storable`.
    if "\0" in "".join(row):
        return "a cell holds a NUL character, which the database cannot hold"
    return ""


def rejected(name: str, line: int, why: str, row: Cells) -> RejectedRow:
    """A line that cannot be used, with its text as far as it can be stored."""
    raw = ",".join(row).encode(errors="replace").decode()
    return RejectedRow(
        line=line,
        reason=f"{name}, line {line}: {why}",
        raw=raw.replace("\0", "\N{REPLACEMENT CHARACTER}"),
    )
