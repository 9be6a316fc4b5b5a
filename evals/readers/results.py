"""Results by the names of the record itself: a JSON object a line, or one JSON array of objects.

It is what the API takes and what this project writes. An object has the members of `ScoreRecord`
without `line`; a member that is none of them makes its row a rejected one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import msgspec

from evals.readers import _source
from evals.readers._fields import MOST_ITEMS, storable
from evals.records import Record, RejectedRow, ScoreRecord, UnreadableFile

NAME = "results"
VERSION = 1
RANK = 10

FIELDS = frozenset(ScoreRecord.__struct_fields__) - {"line"}
NEEDED = ("system", "eval", "value")
LONGEST_RAW = 2000

_decode = msgspec.json.Decoder().decode


def sniff(path: Path) -> bool:
    """Whether the first object has the members that a result needs, and none of another's."""
    head = _source.head(path).lstrip("\ufeff \t\r\n")
    if not head.startswith(("{", "[")):
        return False
    if head.startswith("["):
        end = head.find("}")
        line = head[1 : end + 1].strip() if end >= 0 else ""
    else:
        line = head.partition("\n")[0]
    try:
        first = _decode(line)
    except (msgspec.DecodeError, RecursionError):
        return False
    return isinstance(first, dict) and set(NEEDED) <= set(first) <= FIELDS


def read(path: Path, *, dated: dt.date | None = None) -> Iterator[Record]:
    """A record for each object; `line` is its line, or in an array its place, from 1."""
    if _source.head(path).lstrip("\ufeff \t\r\n").startswith("["):
        values = enumerate(_array(path), start=1)
        yield from (_read(path.name, number, value, dated) for number, value in values)
        return
    lines = _source.lines(path.name, _source.open_bytes(path))
    for number, line in enumerate(lines, start=1):
        text = line.removeprefix("\ufeff") if number == 1 else line
        if text.strip():
            yield _read(path.name, number, text, dated)


def _array(path: Path) -> list[object]:
    text = _source.document(path.name, _source.open_bytes(path)).removeprefix("\ufeff")
    try:
        found = _decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableFile(f"{path.name}: not JSON ({plain(error)}).") from error
    assert isinstance(found, list)
    return found


def _read(name: str, line: int, value: object, dated: dt.date | None) -> ScoreRecord | RejectedRow:
    try:
        if isinstance(value, str):
            value = value_of(value)
        return record_of(value, line, dated=dated)
    except ValueError as error:
        raw = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        return RejectedRow(
            line=line, reason=f"{name}, line {line}: {error}", raw=raw.strip()[:LONGEST_RAW]
        )


def value_of(text: str | bytes) -> object:
    """The value of a JSON text; ValueError in words where it is none."""
    try:
        return _decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"not JSON ({plain(error)})") from None


def record_of(value: object, line: int, *, dated: dt.date | None = None) -> ScoreRecord:
    """The record that an object states; ValueError in words where it states none."""
    if not isinstance(value, dict):
        raise ValueError("not an object")
    if strange := sorted(map(str, value.keys() - FIELDS)):
        raise ValueError(f"{strange[0]!r:.80} is no member of a result")
    given = {"reported_by": "", "line": line, **value}
    if dated is not None:
        given.setdefault("observed_on", dated)
    try:
        record = msgspec.convert(given, ScoreRecord)
    except msgspec.ValidationError as error:
        raise ValueError(plain(error)) from None
    for name in NEEDED[:2]:
        if not getattr(record, name).strip():
            raise ValueError(f"{name} is empty")
    for name, text in value.items():
        if isinstance(text, str):
            storable(text, name)
    if record.n_items is not None and abs(record.n_items) > MOST_ITEMS:
        raise ValueError(f"n_items {record.n_items} is more than {MOST_ITEMS}")
    return record


def plain(error: Exception) -> str:
    """The decoder's reason with the member first, as `value: expected float, got str`."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    reason, _at, member = str(error).partition(" - at `$.")
    reason = reason.replace("`", "")
    reason = reason[:1].lower() + reason[1:]
    return f"{member.rstrip('`')}: {reason}" if member else reason
