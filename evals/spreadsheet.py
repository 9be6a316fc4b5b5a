"""CSV that no spreadsheet runs: every table that leaves the site as CSV is written here."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator

Cell = str | float | int | bool | dt.date | dt.datetime | None

# What a spreadsheet takes for the beginning of a formula, in both widths.
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
ROWS_AT_A_TIME = 500


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def harmless(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text


def plain(cell: Cell) -> str | float | int:
    """A cell as CSV has it: texts harmless, dates in ISO form, yes and no, empty for None."""
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return "" if cell is None else cell


def lines(head: Iterable[str], rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """CSV (RFC 4180) of a head and rows, some rows at a time, for an answer that is streamed."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    part = [writer.writerow(list(head))]
    for row in rows:
        part.append(writer.writerow([plain(cell) for cell in row]))
        if len(part) == ROWS_AT_A_TIME:
            yield "".join(part)
            part = []
    if part:
        yield "".join(part)


def table(head: Iterable[str], rows: Iterable[Iterable[Cell]]) -> str:
    """The whole of a short table."""
    return "".join(lines(head, rows))
