"""The fields of a record's source, each with its path, so that a reason can name it."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from evals.records import Record, RejectedRow

LONGEST_SHOWN = 60
LONGEST_RAW = 2000
LONGEST_EXTERNAL_ID = 200
MOST_ITEMS = 2**31 - 1

_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ][0-9:.,+\-Zz ]*)?")
_SECONDS = re.compile(r"[0-9]{9,10}(?:\.[0-9]+)?")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\s*%?")
_PATH_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Field:
    """A value of a document and where it stands; every method raises ValueError with the path."""

    value: object
    path: str = ""

    def at(self, key: str) -> Field:
        """The member of that key; a field of None where there is none."""
        if self.value is None:
            return Field(None, self._under(key))
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        return Field(self.value.get(key), self._under(key))

    def given(self) -> bool:
        """Whether the source states it."""
        return self.value is not None

    def items(self) -> Iterator[Field]:
        """The elements of a list; none where it is not stated."""
        if self.value is None:
            return
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        for index, value in enumerate(self.value):
            yield Field(value, f"{self.path}[{index}]")

    def members(self) -> Iterator[tuple[str, Field]]:
        """The members of an object in its order; none where it is not stated."""
        if self.value is None:
            return
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        for key, value in self.value.items():
            yield str(key), Field(value, self._under(str(key)))

    def text(self, default: str = "") -> str:
        """A text, stripped; `default` where it is not stated."""
        if self.value is None:
            return default
        if not isinstance(self.value, str):
            raise self.wrong("a text")
        return storable(self.value.strip(), self.path)

    def required(self) -> str:
        """A text that is not empty."""
        found = self.text()
        if not found:
            raise ValueError(f"{self.path} is empty")
        return found

    def number(self) -> float:
        """A finite number; a truth value is none."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.wrong("a number")
        try:
            found = float(self.value)
        except OverflowError:
            found = math.inf
        if not math.isfinite(found):
            raise ValueError(f"{self.path} is {self.value!r:.20}, not a finite number")
        return found

    def error(self) -> float | None:
        """A standard error, or None where it is not stated, or stated as "N/A" or NaN."""
        if self.value is None or self.value == "N/A" or self.value != self.value:
            return None
        return self.number()

    def count(self) -> int | None:
        """A whole number of things, or None where it is not stated."""
        if self.value is None:
            return None
        found = self.number()
        if found != int(found) or not 0 <= found <= MOST_ITEMS:
            raise self.wrong("a whole number of things")
        return int(found)

    def truth(self) -> bool | None:
        """Yes, no, or None where it is not stated."""
        if self.value is None or isinstance(self.value, bool):
            return self.value
        raise self.wrong("true or false")

    def day(self) -> dt.date | None:
        """The date of an ISO date or time, as written, or of seconds since 1970 in UTC."""
        if self.value is None or self.value == "":
            return None
        try:
            return day_of(self.value)
        except ValueError:
            raise self.wrong("a date") from None

    def wrong(self, expected: str) -> ValueError:
        """The error of a value of another kind."""
        place = self.path or "the whole"
        if self.value is None:
            return ValueError(f"{place} is missing")
        return ValueError(f"{place} is {shown(self.value)}, where {expected} is expected")

    def _under(self, key: str) -> str:
        step = key if _PATH_KEY.fullmatch(key) else f"[{shown(key)}]"
        joint = "." if self.path and not step.startswith("[") else ""
        return f"{self.path}{joint}{step}"


def day_of(value: object) -> dt.date:
    """See `Field.day`; ValueError for anything else."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    text = str(value).strip()
    if found := _DAY.fullmatch(text):
        return dt.date.fromisoformat(found[1])
    if not isinstance(value, bool) and _SECONDS.fullmatch(text):
        return dt.datetime.fromtimestamp(float(text), tz=dt.UTC).date()
    raise ValueError(text)


def shown(value: object) -> str:
    """A value as a reason may quote it: short, and in characters that can be stored."""
    kinds = {dict: "an object", list: "a list", bool: str(value).lower()}
    if type(value) in kinds:
        return kinds[type(value)]
    text = ascii(value) if _UNSTORABLE.search(str(value)) else repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def storable(text: str, what: str) -> str:
    """The text itself; ValueError where it holds a character that the database cannot hold."""
    if found := _UNSTORABLE.search(text):
        kind = "a NUL character" if found[0] == "\0" else "half of a character pair"
        raise ValueError(f"{what} holds {kind}, which the database cannot hold")
    return text


def spelled(parts: Mapping[str, object]) -> str:
    """How a system was elicited, as `name=value; …`: parts that nobody stated are left out."""
    return "; ".join(
        storable(f"{name}={_plain(value)}", name)
        for name, value in parts.items()
        if value is not None and value not in ("", [], {})
    )


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return ",".join(f"{key}:{_plain(member)}" for key, member in value.items())
    if isinstance(value, list):
        return ",".join(_plain(member) for member in value)
    return str(value)


def external_id(*parts: str) -> str:
    """The source's own name for a result, or none where it is longer than can be stored."""
    joined = "/".join(part for part in parts if part)
    return joined if len(joined) <= LONGEST_EXTERNAL_ID else ""


def record_or_reason(
    name: str, line: int, build: Callable[[], Record], raw: object = None
) -> Record:
    """What `build` makes, or the rejected row that says why it could not; `line` counts records."""
    try:
        record = build()
        for field in record.__struct_fields__:
            value = getattr(record, field)
            # Names are also made from keys, which no `Field.text` has looked at.
            if isinstance(value, str):
                storable(value, field)
    except ValueError as error:
        return rejected(name, line, str(error), raw)
    return record


def rejected(name: str, line: int, why: str, raw: object = None) -> RejectedRow:
    """A record of a document that cannot be used, with as much of it as a person needs to see."""
    text = "" if raw is None else json.dumps(raw, default=str)
    return RejectedRow(
        line=line,
        reason=_UNSTORABLE.sub("�", f"{name}, record {line}: {why}"),
        raw=text[:LONGEST_RAW],
    )


def value_of(field: Field) -> tuple[float, str]:
    """(value, unit) of a number, or of a text of one: the unit of "42.5%" is "percent"."""
    if not isinstance(field.value, str):
        return field.number(), ""
    return value_in(field.text(), field.path)


def value_in(text: str, what: str) -> tuple[float, str]:
    """(value, unit) of the text of one number, with or without a percent sign."""
    if _NUMBER.fullmatch(text.strip()) is None:
        raise ValueError(f"{what} {shown(text)} is not a number")
    found = float(text.strip().removesuffix("%"))
    if not math.isfinite(found):
        raise ValueError(f"{what} {shown(text)} is not a finite number")
    return found, "percent" if text.strip().endswith("%") else ""
