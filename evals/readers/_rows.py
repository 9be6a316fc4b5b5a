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


@dataclass(frozen=True)
class Table:
    """The header of a text and its rows, which are read as they are asked for."""

    header: tuple[str, ...]
    rows: Iterator[tuple[int, Row] | RejectedRow]


def table(name: str, binary: BinaryIO, delimiter: str = ",") -> Table:
    """The table in a text; UnreadableFile where its header cannot be used."""
    rows = csv.reader(_source.lines(name, binary), delimiter=delimiter, strict=True)
    header = tuple(cell.strip() for cell in _next(name, rows) or ())
    if not any(header):
        raise UnreadableFile(f"{name}, line 1: there is no header.")
    if len(header) > MOST_COLUMNS:
        raise UnreadableFile(f"{name}, line 1: more than {MOST_COLUMNS} columns.")
    named = [cell for cell in header if cell]
    if len(set(named)) != len(named):
        twice = next(cell for cell in named if named.count(cell) > 1)
        raise UnreadableFile(f"{name}, line 1: the column {twice!r:.80} stands there twice.")
    return Table(header, _cells(name, rows, header))


def _next(name: str, rows: Iterator[list[str]]) -> list[str] | None:
    try:
        return next(rows, None)
    except csv.Error as error:
        line = getattr(rows, "line_num", 0)
        raise UnreadableFile(f"{name}, line {line}: not a table ({error}).") from error


def _cells(
    name: str, rows: Iterator[list[str]], header: tuple[str, ...]
) -> Iterator[tuple[int, Row] | RejectedRow]:
    before: int = rows.line_num  # type: ignore[attr-defined]
    while (cells := _next(name, rows)) is not None:
        line, before = before + 1, rows.line_num  # type: ignore[attr-defined]
        if not cells:
            continue
        try:
            if len(cells) != len(header):
                raise ValueError(f"{len(cells)} cells where the header has {len(header)}")
            # Decoded text holds no half of a character pair, so this is the whole of `storable`.
            if "\0" in "".join(cells):
                raise ValueError("a cell holds a NUL character, which the database cannot hold")
        except ValueError as error:
            yield rejected(name, line, str(error), cells)
            continue
        yield line, {key: cell.strip() for key, cell in zip(header, cells, strict=True) if key}


def rejected(name: str, line: int, why: str, cells: list[str]) -> RejectedRow:
    """A line that cannot be used, with its text as far as it can be stored."""
    raw = ",".join(cells).encode(errors="replace").decode()
    return RejectedRow(
        line=line,
        reason=f"{name}, line {line}: {why}",
        raw=raw.replace("\0", "\N{REPLACEMENT CHARACTER}"),
    )
