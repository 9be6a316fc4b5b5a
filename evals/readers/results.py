"""Results by the names of the record itself: a JSON object a line, or one JSON array of objects.

It is what the API takes and what this project writes. An object has the members of `ScoreRecord`
without `line`; a member that is none of them makes its row a rejected one.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from evals.readers import _source
from evals.readers._fields import MOST_ITEMS, storable
from evals.records import Record, RejectedRow, ScoreRecord, UnreadableFile

NAME = "results"
VERSION = 3
RANK = 10

FIELDS = frozenset(ScoreRecord.__struct_fields__) - {"line"}
NEEDED = ("system", "eval", "value")
LONGEST_RAW = 2000

BOM = b"\xef\xbb\xbf"

_decode = msgspec.json.Decoder().decode
_SPACE = re.compile(r"[ \t\r\n]*")


class Doubled(dict[str, object]):
    """An object in which a name stands twice, so that nobody knows which value is meant."""

    name = ""


class BrokenArray(ValueError):
    """An array that is not JSON; `row` is the element where that begins, 0 where none does."""

    def __init__(self, row: int, reason: str) -> None:
        super().__init__(reason)
        self.row = row


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
        return array_of(text)
    except BrokenArray as error:
        place = f", result {error.row}" if error.row else ""
        raise UnreadableFile(f"{path.name}{place}: {error}.") from error


def array_of(text: str | bytes) -> list[object]:
    """The elements of a JSON array. Raises BrokenArray where it is none."""
    text = text.removeprefix(BOM) if isinstance(text, bytes) else text
    try:
        found = value_of(text)
    except ValueError as error:
        raise BrokenArray(_broken_row(text), str(error)) from None
    if not isinstance(found, list):
        raise BrokenArray(0, "not a JSON array of results")
    return found


def _broken_row(text: str | bytes) -> int:
    """The element at which an array stops being JSON, from 1; 0 where that is outside of any."""
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    at, row = _spaced(text, 0), 0
    scan = json.JSONDecoder(parse_constant=_no_constant).raw_decode
    while text[at : at + 1] == ("," if row else "["):
        row += 1
        try:
            _element, at = scan(text, _spaced(text, at + 1))
        except (ValueError, RecursionError):
            return row
        at = _spaced(text, at)
    return row if text[at : at + 1] != "]" else 0


def _spaced(text: str, at: int) -> int:
    """Where the next thing stands after spaces."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


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
    """The value of a JSON text; ValueError in words where it is none.

    An object in which a name stands twice is a `Doubled`, which `record_of` refuses.
    """
    try:
        found = _decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"not JSON ({plain(error)})") from None
    marks = text.count('"') if isinstance(text, str) else text.count(b'"')
    if marks == _marks(found):
        return found
    # Escaped marks in a text lead here too.
    try:
        return json.loads(text, object_pairs_hook=_members)
    except RecursionError as error:
        raise ValueError(f"not JSON ({plain(error)})") from None


def _marks(value: object) -> int:
    """How many quotation marks results as plain as they should be are written with.

    A name that stands twice brings two more. It costs far less to count than to read again.
    """
    rows = value if isinstance(value, list) else [value]
    return sum(
        2 * len(row) + 2 * sum(isinstance(member, str) for member in row.values())
        for row in rows
        if isinstance(row, dict)
    )


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _value in pairs]
    doubled = Doubled(found)
    doubled.name = next(name for at, name in enumerate(names) if name in names[:at])
    return doubled


def record_of(value: object, line: int, *, dated: dt.date | None = None) -> ScoreRecord:
    """The record that an object states; ValueError in words where it states none."""
    if not isinstance(value, dict):
        raise ValueError("not an object")
    if isinstance(value, Doubled):
        raise ValueError(f"the member {value.name!r:.80} stands there twice")
    if strange := sorted(map(str, value.keys() - FIELDS)):
        raise ValueError(f"{strange[0]!r:.80} is no member of a result")
    given = {"reported_by": "", "line": line, **value}
    if dated is not None:
        given.setdefault("observed_on", dated)
    if isinstance(items := given.get("n_items"), float) and items.is_integer():
        # JSON has one kind of number: 400.0 is a whole one.
        given["n_items"] = int(items)
    try:
        record = msgspec.convert(given, ScoreRecord)
    except msgspec.ValidationError as error:
        raise ValueError(plain(error)) from None
    _check(record, value)
    return record


def _check(record: ScoreRecord, value: dict[str, object]) -> None:
    """ValueError in words where the members have their types and are no result for all that."""
    for name in NEEDED[:2]:
        if not getattr(record, name).strip():
            raise ValueError(f"{name} is empty")
    texts = {name: text for name, text in value.items() if isinstance(text, str)}
    try:
        storable("".join(texts.values()), "the row")
    except ValueError:
        for name, text in texts.items():
            storable(text, name)
    if record.n_items is not None and abs(record.n_items) > MOST_ITEMS:
        raise ValueError(f"n_items {record.n_items} is more than {MOST_ITEMS}")


def plain(error: Exception) -> str:
    """The decoder's reason with the member first, as `value: expected float, got str`."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    reason, _at, member = str(error).partition(" - at `$.")
    reason = reason.replace("`", "")
    if not reason[:2].isupper():
        reason = reason[:1].lower() + reason[1:]
    return f"{member.rstrip('`')}: {reason}" if member else reason
