"""Canonical JSON, so that the same content always has the same bytes and the same hash."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence

from baskets.engine.errors import MalformedProblem

# Above this, a float is no longer every whole number, so its integer digits mean nothing.
EXACT_WHOLE = 2.0**53

# Most values of a bundle; asking for their exact type first halves the time of a walk over it.
_AS_THEY_ARE = frozenset((str, bool, int, type(None)))


def canonical(obj: object) -> str:
    """Return JSON with sorted keys, no spaces and the shortest numbers that round-trip.

    Whole floats are written as integers (`1`, not `1.0`) and minus zero as `0`. The text is
    meant to be encoded as UTF-8. NaN and infinity are refused: they have no JSON.
    """
    try:
        text = json.dumps(
            _plain(obj),
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
            allow_nan=False,
        )
    except ValueError as error:
        raise MalformedProblem("NaN and infinity have no canonical form") from error
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise MalformedProblem("a text holds half of a surrogate pair") from error
    return text


def sha256(obj: object) -> str:
    """Hexadecimal SHA-256 of the canonical JSON in UTF-8."""
    return hashlib.sha256(canonical(obj).encode("utf-8")).hexdigest()


def round_floats(obj: object, digits: int = 6) -> object:
    """Return the same structure with every float rounded; other values are kept."""
    if type(obj) in _AS_THEY_ARE:
        return obj
    if isinstance(obj, float):
        return round(obj, digits)
    if isinstance(obj, Mapping):
        return {
            key: value
            if type(value) in _AS_THEY_ARE
            else round(value, digits)
            if type(value) is float
            else round_floats(value, digits)
            for key, value in obj.items()
        }
    if isinstance(obj, Sequence) and not isinstance(obj, str | bytes):
        return [round_floats(value, digits) for value in obj]
    return obj


def _plain(obj: object) -> object:
    """The same with whole floats as integers; a float with a remainder, as NaN has, is kept."""
    if type(obj) in _AS_THEY_ARE:
        return obj
    if isinstance(obj, float):
        if not math.isfinite(obj):
            raise MalformedProblem("NaN and infinity have no canonical form")
        return int(obj) if obj.is_integer() and abs(obj) < EXACT_WHOLE else obj
    if isinstance(obj, Mapping):
        return {
            str(key): value
            if type(value) in _AS_THEY_ARE or (type(value) is float and value % 1)
            else _plain(value)
            for key, value in obj.items()
        }
    if isinstance(obj, Sequence) and not isinstance(obj, str | bytes):
        return [_plain(value) for value in obj]
    return obj
