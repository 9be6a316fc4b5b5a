"""The catalog's own form: `observations.csv`, beside it the tables of what it names, if wanted.

`systems.csv` and `evals.csv` declare systems and evals, `flags.csv` doubts about evals.

A path may be the folder, a zip archive of it, or an `observations.csv` alone.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import lzma
import math
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from evals.records import (
    EvalRecord,
    FlagRecord,
    Record,
    RejectedRow,
    ScoreRecord,
    SystemRecord,
    UnreadableFile,
)

OBSERVATIONS = ("system", "eval", "value", "reported_by", "observed_on")
SYSTEMS = ("slug", "name", "developer", "generation", "released_on")
EVALS = ("slug", "name", "domain", "subdomain", "unit", "scale", "direction")
FLAGS = ("eval", "kind", "since", "reason")
NAMES = ("systems.csv", "evals.csv", "flags.csv", "observations.csv")
LARGEST_FIELD = 1_000_000
# What the standard library raises for an archive that is damaged, encrypted or of another method.
BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError)

_NUMBER = r"(-?\d+(?:\.\d+)?(?:e-?\d+)?)"
_PLUS_MINUS = re.compile(rf"±\s*{_NUMBER}(?:\s*(?:SEM|SE))?")
_HALF_WIDTH = re.compile(rf"±\s*{_NUMBER}\s*\(95%\)")
_INTERVAL = re.compile(rf"{_NUMBER}\s*-\s*{_NUMBER}")
_OFFSETS = re.compile(rf"\+\s*{_NUMBER}\s*/\s*-\s*{_NUMBER}")

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Row = dict[str, str]


def sniff(path: Path) -> bool:
    """Whether the path is such a folder, archive or file, by names and first line."""
    if path.is_dir():
        return any((path / name).is_file() for name in NAMES)
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                return bool(set(archive.namelist()) & set(NAMES))
        except BROKEN_ARCHIVE:
            return False
    try:
        # Text in another encoding is ours by its header; reading it then says what is wrong.
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            header = next(csv.reader([file.readline(LARGEST_FIELD)]), [])
    except (OSError, csv.Error):
        return False
    return set(OBSERVATIONS) <= set(header)


def read(path: Path) -> Iterator[Record]:
    """Systems, evals, flags, then observations, so that every name is known in time."""
    if path.is_file() and not zipfile.is_zipfile(path):
        yield from _table(path.name, _open_plain(path), OBSERVATIONS, _score)
        return
    with _members(path) as open_member:
        found = False
        for name, columns, build in (
            ("systems.csv", SYSTEMS, _system),
            ("evals.csv", EVALS, _eval),
            ("flags.csv", FLAGS, _flag),
            ("observations.csv", OBSERVATIONS, _score),
        ):
            file = open_member(name)
            if file is not None:
                found = True
                yield from _table(name, file, columns, build)
        if not found:
            raise UnreadableFile(f"{path.name}: holds none of {', '.join(NAMES)}.")


def _open_plain(path: Path) -> io.TextIOBase:
    return path.open(encoding="utf-8-sig", newline="")


@contextmanager
def _members(path: Path) -> Iterator[Callable[[str], io.TextIOBase | None]]:
    if path.is_dir():

        def open_file(name: str) -> io.TextIOBase | None:
            member = path / name
            return _open_plain(member) if member.is_file() else None

        yield open_file
        return
    try:
        yield from _archive_members(path)
    except BROKEN_ARCHIVE as error:
        raise UnreadableFile(f"{path.name}: the archive cannot be read ({error}).") from error


def _archive_members(path: Path) -> Iterator[Callable[[str], io.TextIOBase | None]]:
    with zipfile.ZipFile(path) as archive:

        def open_member(name: str) -> io.TextIOBase | None:
            if name not in archive.namelist():
                return None
            return io.TextIOWrapper(archive.open(name), encoding="utf-8-sig", newline="")

        yield open_member


def _table(
    name: str, file: io.TextIOBase, columns: tuple[str, ...], build: Callable[[int, Row], Record]
) -> Iterator[Record]:
    with file:
        try:
            yield from _rows(name, file, columns, build)
        except UnicodeDecodeError as error:
            raise UnreadableFile(f"{name}: not UTF-8 text ({error.reason}).") from error
        except csv.Error as error:
            raise UnreadableFile(f"{name}: not a CSV file ({error}).") from error


def _rows(
    name: str, file: io.TextIOBase, columns: tuple[str, ...], build: Callable[[int, Row], Record]
) -> Iterator[Record]:
    rows = csv.reader(file, strict=True)
    header = next(rows, [])
    missing = [column for column in columns if column not in header]
    if missing:
        raise UnreadableFile(f"{name}, line 1: missing columns: {', '.join(missing)}.")
    if len(set(header)) != len(header):
        raise UnreadableFile(f"{name}, line 1: a column name stands there twice.")
    before = rows.line_num
    for cells in rows:
        line, before = before + 1, rows.line_num
        if not cells:
            continue
        try:
            yield build(line, _row(header, cells))
        except ValueError as error:
            raw = ",".join(cells).replace("\0", "\N{REPLACEMENT CHARACTER}")
            yield RejectedRow(line=line, reason=f"{name}, line {line}: {error}", raw=raw)


def _row(header: list[str], cells: list[str]) -> Row:
    if len(cells) != len(header):
        raise ValueError(f"{len(cells)} cells where the header has {len(header)}")
    if any("\0" in cell for cell in cells):
        raise ValueError("a NUL character, which the database cannot hold")
    return {key: cell.strip() for key, cell in zip(header, cells, strict=True)}


def _score(line: int, row: Row) -> ScoreRecord:
    value = _number(row, "value")
    if value is None:
        raise ValueError("value is empty")
    uncertainty = row.get("uncertainty", "")
    stderr, low, high = read_uncertainty(value, uncertainty)
    n_items_text = row.get("n_items", "")
    return ScoreRecord(
        line=line,
        system=_required(row, "system"),
        eval=_required(row, "eval"),
        value=value,
        stderr=stderr,
        low=low,
        high=high,
        uncertainty=uncertainty,
        n_items=leading_integer(n_items_text),
        n_items_text=n_items_text,
        elicitation=row.get("elicitation", ""),
        reported_by=_required(row, "reported_by"),
        observed_on=_date(row, "observed_on"),
        source_url=row.get("source_url", ""),
        note=row.get("note", ""),
        external_id=row.get("external_id", ""),
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


def read_uncertainty(value: float, text: str) -> tuple[float | None, float | None, float | None]:
    """(standard error, low, high) from `±x`, `±x (95%)`, `lo-hi` or `+a/-b`; all None for no text.

    `±x` alone is a standard error, the others bound a 95% interval. ValueError for another form.
    """
    if not text:
        return None, None, None
    if found := _PLUS_MINUS.fullmatch(text):
        return finite(found[1], "uncertainty"), None, None
    if found := _HALF_WIDTH.fullmatch(text):
        return None, value - float(found[1]), value + float(found[1])
    if found := _OFFSETS.fullmatch(text):
        above, below = (finite(number, "uncertainty") for number in found.groups())
        return None, value - below, value + above
    if found := _INTERVAL.fullmatch(text):
        return None, finite(found[1], "uncertainty"), finite(found[2], "uncertainty")
    raise ValueError(f"uncertainty {text!r} is none of ±x, ±x (95%), lo-hi, +a/-b")


def leading_integer(text: str) -> int | None:
    """The whole number a free text begins with ("1320 tasks" gives 1320), or None.

    None also for one of more than nine digits, which no eval has and the column cannot hold.
    """
    found = re.match(r"[0-9]{1,9}(?![0-9.,])", text)
    return int(found[0]) if found else None


def _required(row: Row, column: str) -> str:
    value = row[column]
    if not value:
        raise ValueError(f"{column} is empty")
    return value


def _number(row: Row, column: str) -> float | None:
    text = row.get(column, "")
    return finite(text, column) if text else None


def finite(text: str, column: str) -> float:
    """The text as a finite number; ValueError, naming the column, for anything else."""
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{column} {text!r} is not a number") from None
    if not math.isfinite(number):
        raise ValueError(f"{column} {text!r} is not a finite number")
    return number


def _date(row: Row, column: str) -> dt.date:
    text = _required(row, column)
    try:
        if _DAY.fullmatch(text) is None:
            raise ValueError(text)
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{column} {text!r} is not a date (YYYY-MM-DD)") from None
