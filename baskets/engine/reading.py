"""Typed reading of JSON values: each function returns the type or refuses with the place."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from baskets.engine.errors import DuplicateId, MalformedProblem

Json = Mapping[str, object]


def parsed(raw: bytes) -> Json:
    """The JSON object that UTF-8 bytes hold; a key that stands twice in an object is refused."""
    try:
        read = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise MalformedProblem(f"not JSON: {error}") from error
    if not isinstance(read, dict):
        raise MalformedProblem("a JSON object is needed")
    return read


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object; the same key twice would silently drop a weight."""
    result = dict(pairs)
    if len(result) != len(pairs):
        raise MalformedProblem("an object has the same key twice")
    return result


def mapping(value: object, *, at: str) -> Json:
    """A JSON object."""
    if not isinstance(value, Mapping):
        raise MalformedProblem(f"{at} must be an object")
    return value


def rows(obj: Json, key: str) -> list[Json]:
    """The list of objects under a required key."""
    if key not in obj:
        raise MalformedProblem(f"{key} is missing")
    return [mapping(row, at=f"{key}[{n}]") for n, row in enumerate(sequence(obj[key], at=key))]


def only(obj: Json, keys: Iterable[str], *, at: str) -> None:
    """Refuse other keys: a misspelt one would change nothing while its author believes it does."""
    unknown = sorted(map(str, set(obj) - set(keys)))
    if unknown:
        raise MalformedProblem(f"{at} has no option {', '.join(unknown)}")


def sequence(value: object, *, at: str) -> Sequence[object]:
    """A JSON array."""
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise MalformedProblem(f"{at} must be a list")
    return value


def texts(value: object, *, at: str) -> list[str]:
    """A list of strings."""
    found = [item for item in sequence(value, at=at) if isinstance(item, str)]
    if len(found) != len(sequence(value, at=at)):
        raise MalformedProblem(f"{at} must hold texts")
    return found


def text(obj: Json, key: str, *, at: str) -> str:
    """A required string that is not empty."""
    value = obj.get(key)
    if not isinstance(value, str) or not value:
        raise MalformedProblem(f"{at}.{key} must be a text that is not empty")
    return value


def optional_text(obj: Json, key: str, *, at: str, default: str | None = None) -> str | None:
    """A string, or the default where the key is absent, null or empty."""
    value = obj.get(key)
    if value is None or value == "":
        return default
    if not isinstance(value, str):
        raise MalformedProblem(f"{at}.{key} must be a text or null")
    return value


def choice(obj: Json, key: str, allowed: Sequence[str], *, at: str) -> str:
    """One of the allowed words; the first is the default."""
    value = obj.get(key)
    if value is None:
        return allowed[0]
    if not isinstance(value, str) or value not in allowed:
        raise MalformedProblem(f"{at}.{key} must be one of {', '.join(allowed)}")
    return value


def number(value: object, *, at: str) -> float:
    """A JSON number as float; it may still be NaN or infinite, which the caller judges."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MalformedProblem(f"{at} must be a number")
    try:
        return float(value)
    except OverflowError as error:
        raise MalformedProblem(f"{at} is too large a number") from error


def optional_number(obj: Json, key: str, *, at: str, default: float | None = None) -> float | None:
    """A finite number, or the default where the key is absent or null."""
    if obj.get(key) is None:
        return default
    value = number(obj[key], at=f"{at}.{key}")
    if not math.isfinite(value):
        raise MalformedProblem(f"{at}.{key} must be a finite number or null")
    return value


def whole(obj: Json, key: str, *, default: int, at: str, most: int | None = None) -> int:
    """A whole number of at least zero."""
    value = obj.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise MalformedProblem(f"{at}.{key} must be a whole number of at least 0")
    if most is not None and value > most:
        raise MalformedProblem(f"{at}.{key} must not be more than {most}")
    return value


def share(obj: Json, key: str, *, default: float | None, at: str) -> float | None:
    """A number from 0 to 1."""
    value = optional_number(obj, key, at=at, default=default)
    if value is not None and not 0 <= value <= 1:
        raise MalformedProblem(f"{at}.{key} must lie between 0 and 1")
    return value


def optional_date(obj: Json, key: str, *, at: str) -> date | None:
    """A date in the form YYYY-MM-DD, or None."""
    value = optional_text(obj, key, at=at)
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise MalformedProblem(f"{at}.{key} must be a date as YYYY-MM-DD") from error


def unique(ids: Iterable[str], *, kind: str) -> None:
    """Refuse an id that occurs twice."""
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise DuplicateId(f"there are two of the {kind} {name}")
        seen.add(name)
