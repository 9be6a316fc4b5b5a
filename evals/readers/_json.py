"""JSON from strangers: no key twice, no bottomless nesting, and of a large file only what is asked.

NaN and the infinities, which some tools write, are read as such; `Field.number` then refuses them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from evals.readers import _source
from evals.records import UnreadableFile

MOST_DEPTH = 200
LARGEST_MEMBER = 16 << 20
# So much of a file is looked through for the keys that tell its format.
SNIFFED = 4 << 20

_PIECE = 64 << 10
_OUTSIDE = re.compile(r'["{}\[\]]')
_TOP = re.compile(r'["{}\[\],]')
_INSIDE = re.compile(r'["\\]')
_SPECIAL = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def loads(text: str) -> object:
    """The value of a text; ValueError in words where it is not JSON that can be trusted."""
    try:
        found: object = json.loads(
            text, object_pairs_hook=_once_each, parse_constant=_SPECIAL.__getitem__
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"not JSON ({error.msg}, {place})") from None
    check_depth(found)
    return found


def check_depth(found: object) -> None:
    """ValueError where lists and objects are nested more than MOST_DEPTH levels deep."""
    level, depth = [found], 0
    while level:
        depth += 1
        if depth > MOST_DEPTH:
            raise ValueError(f"nested more than {MOST_DEPTH} levels deep")
        level = [inner for outer in level for inner in _inside(outer)]


def _inside(outer: object) -> list[object]:
    inner = outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ()
    return [value for value in inner if isinstance(value, dict | list)]


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found


def document(name: str, text: str) -> object:
    """The value of a whole file; UnreadableFile where `loads` refuses it."""
    try:
        return loads(text)
    except ValueError as error:
        raise UnreadableFile(f"{name}: {error}.") from error


def members(name: str, pieces: Iterator[str], wanted: Collection[str]) -> dict[str, object]:
    """Those members of a file's one object whose keys are wanted; the others are passed over.

    Memory is bounded by the wanted members, each of at most LARGEST_MEMBER characters.
    """
    scanner = Scanner(wanted)
    try:
        for piece in pieces:
            scanner.feed(piece)
        scanner.close()
        return {key: loads(text) for key, text in scanner.found.items()}
    except ValueError as error:
        raise UnreadableFile(f"{name}: {error}.") from error


def keys(path: Path) -> frozenset[str]:
    """The keys of the object that a file begins with, as far as its first part shows them."""
    scanner = Scanner(())
    if not _source.head(path, 64).lstrip("\ufeff \t\r\n").startswith("{"):
        return frozenset()
    try:
        with _source.open_bytes(path) as binary, _source.open_text(binary) as text:
            for _ in range(SNIFFED // _PIECE):
                piece = text.read(_PIECE)
                if not piece or scanner.ended:
                    break
                scanner.feed(piece)
    except (ValueError, UnreadableFile):
        pass
    return frozenset(scanner.keys)


def pieces(name: str, text_stream: Iterator[str]) -> Iterator[str]:
    """The text of a stream; UnreadableFile where it cannot be decoded."""
    try:
        yield from text_stream
    except UnicodeError as error:
        raise UnreadableFile(_source.not_text(name, "utf-8", error, 0)) from error


class Scanner:
    """Walks through the text of one object and keeps its keys and the wanted of its members."""

    def __init__(self, wanted: Collection[str]) -> None:
        self.keys: set[str] = set()
        self.found: dict[str, str] = {}
        self._wanted = wanted
        self._depth = 0
        self._quoted = False
        self._escaped = False
        self._is_key = True
        self._key = ""
        self._kept: list[str] | None = None
        self._size = 0
        self.ended = False
        self._more = False

    def feed(self, text: str) -> None:
        """Take the next part; ValueError where it cannot be part of one object."""
        at = 0
        while at < len(text):
            if self.ended:
                # Another object may follow in a file of lines; its keys are not this one's.
                self._more = self._more or not text[at:].isspace()
                return
            at = self._in_string(text, at) if self._quoted else self._outside(text, at)

    def close(self) -> None:
        """ValueError where the object has no end, or more than an end."""
        if not self.ended:
            raise ValueError("the JSON object is cut short")
        if self._more:
            raise ValueError("something follows the end of the JSON object")

    def _keep(self, text: str) -> None:
        if self._kept is not None:
            self._size += len(text)
            if self._size > LARGEST_MEMBER:
                raise ValueError(f"{self._key!r} is longer than {LARGEST_MEMBER} characters")
            self._kept.append(text)

    def _in_string(self, text: str, at: int) -> int:
        if self._escaped:
            self._escaped = False
            self._keep(text[at])
            return at + 1
        mark = _INSIDE.search(text, at)
        end = mark.end() if mark else len(text)
        self._keep(text[at:end])
        if mark and mark[0] == "\\":
            self._escaped = True
        elif mark:
            self._quoted = False
            if self._depth == 1 and self._is_key:
                self._end_key()
        return end

    def _outside(self, text: str, at: int) -> int:
        if self._depth == 0:
            # Before the object there may be a mark of the encoding and space, nothing else.
            at += len(text[at:]) - len(text[at:].lstrip("\ufeff \t\r\n"))
            if at == len(text):
                return at
            if text[at] != "{":
                raise ValueError("not one JSON object")
        mark = (_TOP if self._depth == 1 else _OUTSIDE).search(text, at)
        if mark is None:
            self._keep(text[at:])
            return len(text)
        sign, end = mark[0], mark.end()
        self._keep(text[at : mark.start()])
        if sign == '"':
            self._quoted = True
            if self._depth == 1 and self._is_key:
                self._kept, self._size = [], 0
        if sign in "{[":
            self._open()
        elif self._depth == 1 and sign in ",}":
            self._end_value(last=sign == "}")
            return end
        elif sign in "}]":
            self._depth -= 1
        self._keep(sign)
        return end

    def _open(self) -> None:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise ValueError(f"nested more than {MOST_DEPTH} levels deep")

    def _end_key(self) -> None:
        key = loads("".join(self._kept or []))
        if not isinstance(key, str):
            raise ValueError("not one JSON object")
        if key in self.keys:
            raise ValueError(f"the key {key!r} stands twice in one object")
        self.keys.add(key)
        self._key, self._is_key = key, False
        self._kept, self._size = ([], 0) if key in self._wanted else (None, 0)

    def _end_value(self, *, last: bool) -> None:
        if self._kept is not None and not self._is_key:
            colon, _, value = "".join(self._kept).partition(":")
            if colon.strip():
                raise ValueError(f"no colon follows the key {self._key!r}")
            self.found[self._key] = value
        self._kept, self._is_key, self.ended = None, True, last
