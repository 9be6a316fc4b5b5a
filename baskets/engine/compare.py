"""Where two JSON answers differ first, named by system, eval, series and version."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from baskets.engine.canonical import canonical

Row = Mapping[str, object]

# By which keys a row of each part is known.
KEYS = {
    "points": ("system", "series", "basket"),
    "links": ("series", "from", "to"),
    "levels": ("series", "basket"),
    "contributions": ("system", "basket", "eval"),
    "errors": ("system", "eval"),
    "filled": ("system", "eval", "basket"),
}
LONGEST = 60
# A key that is not there; a null is.
MISSING = object()


def same_bytes(stored: object, rebuilt: object) -> bool:
    """Whether both have the same canonical JSON."""
    return canonical(stored) == canonical(rebuilt)


def difference(
    part: str, stored: Sequence[Row], rebuilt: Sequence[Row], *, tolerance: float = 0.0
) -> str:
    """The first difference of a part's rows, as `points: gpt-5, safety, agi-2: value …`.

    Numbers may differ by `tolerance`; the order of the rows counts. Empty where nothing differs.
    """
    keys = KEYS[part]
    wanted, found = _by_key(rebuilt, keys), _by_key(stored, keys)
    for key, row in wanted.items():
        if key not in found:
            return f"{place(part, key)}: not stored, but rebuilt"
        for name in dict.fromkeys([*row, *found[key]]):
            one, other = found[key].get(name, MISSING), row.get(name, MISSING)
            if unlike(one, other, tolerance=tolerance):
                return f"{place(part, key)}: {name} {states(one, other)}"
    for key in found:
        if key not in wanted:
            return f"{place(part, key)}: stored, but not rebuilt"
    if len(stored) != len(found):
        return f"{part}: a row stands twice"
    if list(found) != list(wanted):
        return f"{part}: the rows stand in another order"
    return ""


def tree_difference(
    stored: object, rebuilt: object, *, at: str, tolerance: Callable[[str], float]
) -> str:
    """The first difference of two JSON values, by its path; empty where nothing differs.

    tolerance: how far a number at a path may differ.
    """
    if isinstance(stored, Mapping) and isinstance(rebuilt, Mapping):
        names = dict.fromkeys([*map(str, rebuilt), *map(str, stored)])
        pairs: Iterable[tuple[str, object, object]] = (
            (f"{at}.{name}", stored.get(name, MISSING), rebuilt.get(name, MISSING))
            for name in names
        )
    elif isinstance(stored, list) and isinstance(rebuilt, list):
        if len(stored) != len(rebuilt):
            return f"{at}: {len(stored)} entries stored, {len(rebuilt)} rebuilt"
        pairs = ((f"{at}[{n}]", a, b) for n, (a, b) in enumerate(zip(stored, rebuilt, strict=True)))
    elif unlike(stored, rebuilt, tolerance=tolerance(at)):
        return f"{at}: {states(stored, rebuilt)}"
    else:
        return ""
    found = (tree_difference(a, b, at=path, tolerance=tolerance) for path, a, b in pairs)
    return next((text for text in found if text), "")


def unlike(stored: object, rebuilt: object, *, tolerance: float = 0.0) -> bool:
    """Whether two JSON values differ: numbers by more than the tolerance, others at all."""
    one, other = _number(stored), _number(rebuilt)
    if one is not None and other is not None:
        return abs(one - other) > tolerance
    return type(stored) is not type(rebuilt) or stored != rebuilt


def place(part: str, key: Iterable[object]) -> str:
    """A row's name, as `points: gpt-5, headline, agi-2`."""
    return f"{part}: {', '.join(map(str, key))}"


def states(stored: object, rebuilt: object) -> str:
    """Both values of a place, as `412.1 stored, 412.2 rebuilt`."""
    return f"{_short(stored)} stored, {_short(rebuilt)} rebuilt"


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _short(value: object) -> str:
    if value is MISSING:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _by_key(rows: Sequence[Row], keys: Sequence[str]) -> dict[tuple[str, ...], Row]:
    return {tuple(str(row.get(key)) for key in keys): row for row in rows}
