"""The catalog's own form: `observations.csv`, beside it the tables of what it names, if wanted.

`systems.csv` and `evals.csv` declare systems and evals, `flags.csv` doubts about evals.

A path may be the folder, a zip archive of it, or an `observations.csv` alone.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

from evals.readers import _rows as rows
from evals.readers import _source, _tree
from evals.readers._uncertainty import finite, leading_integer, read_uncertainty
from evals.records import (
    EvalRecord,
    FlagRecord,
    Record,
    RejectedRow,
    ScoreRecord,
    SystemRecord,
    UnreadableFile,
)

NAME = "catalog"
VERSION = 2
RANK = 10

OBSERVATIONS = ("system", "eval", "value", "reported_by", "observed_on")
SYSTEMS = ("slug", "name", "developer", "generation", "released_on")
EVALS = ("slug", "name", "domain", "subdomain", "unit", "scale", "direction")
# What a score may say, in the order in which `_score` takes it; a column may be missing.
SCORE = (
    *("value", "uncertainty", "n_items", "system", "eval", "reported_by", "observed_on"),
    *("elicitation", "source_url", "note", "external_id"),
)
FLAGS = ("eval", "kind", "since", "reason")
NAMES = ("systems.csv", "evals.csv", "flags.csv", "observations.csv")

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Row = rows.Row


def sniff(path: Path) -> bool:
    """Whether the path is such a folder, archive or file, by names and first line."""
    if _tree.is_tree(path):
        return _tree.is_of(path, claims)
    # Text in another encoding is ours by its header; reading it then says what is wrong.
    first = _source.head(path).removeprefix("\ufeff").splitlines()[:1]
    try:
        return set(OBSERVATIONS) <= {cell.strip() for cell in next(csv.reader(first), [])}
    except csv.Error:
        return False


def claims(names: frozenset[str]) -> frozenset[str]:
    """Which files of a tree are ours: the tables at its top."""
    return names & set(NAMES)


def read(path: Path, *, dated: dt.date | None = None) -> Iterator[Record]:
    """Systems, evals, flags, then observations, so that every name is known in time.

    A row without `observed_on` is rejected unless `dated` is given.
    """
    if not _tree.is_tree(path):
        yield from _scores(path.name, _source.open_bytes(path), dated)
        return
    with _tree.opened(path) as tree:
        yield from read_tree(tree, dated=dated)
        if not path.is_dir():
            yield from _tree.unread(tree, NAMES)


def read_tree(tree: _tree.Tree, *, dated: dt.date | None = None) -> Iterator[Record]:
    """The tables at the top of a tree."""
    present = claims(frozenset(tree.names()))
    if not present:
        raise tree.lacks(f"none of {', '.join(NAMES)}")
    for name, columns, build in (
        ("systems.csv", SYSTEMS, _system),
        ("evals.csv", EVALS, _eval),
        ("flags.csv", FLAGS, _flag),
    ):
        if name in present:
            yield from _rows(name, tree.open(name), columns, build)
    if "observations.csv" in present:
        yield from _scores("observations.csv", tree.open("observations.csv"), dated)


def _rows(
    name: str, binary: BinaryIO, columns: tuple[str, ...], build: Callable[[int, Row], Record]
) -> Iterator[Record]:
    table = rows.table(name, binary)
    _check(name, table.header, columns)
    for found in table.rows:
        if isinstance(found, RejectedRow):
            yield found
            continue
        line, row = found
        try:
            yield build(line, row)
        except ValueError as error:
            yield rows.rejected(name, line, str(error), list(row.values()))


def _scores(name: str, binary: BinaryIO, dated: dt.date | None) -> Iterator[Record]:
    header, lines = rows.cells(name, binary)
    _check(name, header, OBSERVATIONS)
    # A column that is missing is an empty cell behind the last one.
    taken = itemgetter(*(header.index(c) if c in header else len(header) for c in SCORE))
    for found in lines:
        if isinstance(found, RejectedRow):
            yield found
            continue
        line, cells = found
        cells.append("")
        try:
            yield _score(line, *map(str.strip, taken(cells)), dated=dated)
        except ValueError as error:
            cells.pop()
            yield rows.rejected(name, line, str(error), list(rows.named(header, cells).values()))


def _check(name: str, header: tuple[str, ...], columns: tuple[str, ...]) -> None:
    missing = [column for column in columns if column not in header]
    if missing:
        raise UnreadableFile(f"{name}, line 1: missing columns: {', '.join(missing)}.")


def _score(
    line: int,
    value_text: str,
    uncertainty: str,
    n_items_text: str,
    system: str,
    item: str,
    reported_by: str,
    day: str,
    elicitation: str,
    source_url: str,
    note: str,
    external_id: str,
    *,
    dated: dt.date | None,
) -> ScoreRecord:
    value = finite(_stated(value_text, "value"), "value")
    stderr, low, high = read_uncertainty(value, uncertainty)
    if not (system and item and reported_by):
        given = {"system": system, "eval": item, "reported_by": reported_by}
        raise ValueError(f"{next(name for name, text in given.items() if not text)} is empty")
    return ScoreRecord(
        line,
        system,
        item,
        value,
        _day(day, "observed_on") if day or not dated else dated,
        reported_by,
        stderr,
        low,
        high,
        uncertainty,
        leading_integer(n_items_text),
        n_items_text,
        elicitation,
        source_url,
        note,
        external_id,
    )


def _system(line: int, row: Row) -> SystemRecord:
    return SystemRecord(
        line=line,
        slug=_required(row, "slug"),
        name=_required(row, "name"),
        developer=_required(row, "developer"),
        generation=_required(row, "generation"),
        released_on=_date(row, "released_on"),
        aliases=tuple(name.strip() for name in row.get("aliases", "").split("|") if name.strip()),
    )


def _eval(line: int, row: Row) -> EvalRecord:
    return EvalRecord(
        line=line,
        slug=_required(row, "slug"),
        name=_required(row, "name"),
        domain=_required(row, "domain"),
        subdomain=_required(row, "subdomain"),
        unit=_required(row, "unit"),
        scale=_required(row, "scale"),
        direction=_required(row, "direction"),
        released_on=_date(row, "released_on") if row.get("released_on") else None,
        lower=_number(row, "lower"),
        upper=_number(row, "upper"),
        floor=_number(row, "floor"),
        ceiling=_number(row, "ceiling"),
        ceiling_note=row.get("ceiling_note", ""),
        human_baseline=_number(row, "human_baseline"),
        human_baseline_who=row.get("human_baseline_who", ""),
        human_baseline_source=row.get("human_baseline_source", ""),
        n_items=row.get("n_items", ""),
        measures=row.get("measures", ""),
        access=row.get("access", ""),
        grading=row.get("grading", ""),
        source_url=row.get("source_url", ""),
    )


def _flag(line: int, row: Row) -> FlagRecord:
    return FlagRecord(
        line=line,
        eval=_required(row, "eval"),
        kind=_required(row, "kind"),
        since=_date(row, "since"),
        reason=_required(row, "reason"),
        source_url=row.get("source_url", ""),
    )


def _required(row: Row, column: str) -> str:
    return _stated(row[column], column)


def _stated(text: str, column: str) -> str:
    if not text:
        raise ValueError(f"{column} is empty")
    return text


def _number(row: Row, column: str) -> float | None:
    text = row.get(column, "")
    return finite(text, column) if text else None


def _date(row: Row, column: str) -> dt.date:
    return _day(row[column], column)


def _day(text: str, column: str) -> dt.date:
    _stated(text, column)
    try:
        return _day_of(text)
    except ValueError:
        raise ValueError(f"{column} {text!r} is not a date (YYYY-MM-DD)") from None


# Files have few days and many rows. Only days are kept: a text that is none raises.
@lru_cache(maxsize=4096)
def _day_of(text: str) -> dt.date:
    if _DAY.fullmatch(text) is None:
        raise ValueError(text)
    return dt.date.fromisoformat(text)
