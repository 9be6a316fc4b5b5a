"""The text of a bundle in parts: its rows of what was left out are kept eval by eval, each once.

A part is the canonical JSON array of one eval's rows and is known by its SHA-256. From one release
to the next nearly all parts stay what they are, so a release stores those that are new, a list of
all, and its own text without any. The text that is sealed has every row in its place.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import zstandard

from baskets.engine import canonical

# The keys of a bundle are sorted, and inside a JSON text no quote stands bare.
_EMPTY = b',"excluded":[],"filled":'
_OPEN, _CLOSE = b',"excluded":[', b'],"filled":'


class BrokenPiece(ValueError):
    """A part that is missing, or is not what its key or its place says."""


def fragment(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The text of one part: some rows, at least one."""
    return canonical(rows).encode()


def fragments(rows: Iterable[Mapping[str, Any]]) -> list[bytes]:
    """The parts of rows that name their `eval`: one an eval, in the order of slugs."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["eval"]].append(row)
    return [fragment(found[slug]) for slug in sorted(found)]


def key_of(text: bytes) -> str:
    """What a part is known by."""
    return hashlib.sha256(text).hexdigest()


def pack(text: bytes) -> bytes:
    """A part as it is stored."""
    return zstandard.ZstdCompressor(level=3, write_checksum=True).compress(text)


def unpack(content: bytes | memoryview) -> bytes:
    """The text of a stored part; BrokenPiece where it is none."""
    try:
        return zstandard.ZstdDecompressor().decompress(content)
    except zstandard.ZstdError as error:
        raise BrokenPiece(str(error)) from error


def listed(keys: Sequence[str]) -> bytes:
    """The text of the part that lists the parts of a release, in their order."""
    return canonical(list(keys)).encode()


def keys_in(text: bytes) -> list[str]:
    """The keys that such a list holds."""
    try:
        keys = json.loads(text)
    except ValueError as error:
        raise BrokenPiece(str(error)) from error
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise BrokenPiece("it is no list of keys")
    return keys


def spliced(short: bytes, parts: Iterable[bytes]) -> Iterator[bytes]:
    """The whole text, in pieces that follow each other: `short` with the rows of the parts."""
    head, mark, tail = short.partition(_EMPTY)
    if not mark or _EMPTY in tail:
        raise BrokenPiece("the bundle has no place for what was left out")
    yield head + _OPEN
    between = b""
    for part in parts:
        if len(part) < 3 or part[:1] != b"[" or part[-1:] != b"]":
            raise BrokenPiece("it is no list of rows")
        yield between
        yield part[1:-1]
        between = b","
    yield _CLOSE + tail
