"""The outlines of the marks, by Plotly's symbol names; `-open` draws them hollow."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from baskets.charts.axes import FigureError


@dataclass(frozen=True)
class Stamp:
    """An outline to be set down anywhere: where it begins beside its point, and how it goes on.

    `rest` is relative to that beginning, so that all marks of a kind share it.
    """

    across: float
    down: float
    rest: str

    def at(self, x: float, y: float) -> str:
        """The SVG path of the mark at a point."""
        return f"M{x + self.across:.1f},{y + self.down:.1f}{self.rest}"


def _short(pixels: float) -> str:
    """A length with one decimal where it needs one."""
    return f"{round(pixels, 1) + 0.0:g}"


def _polygon(points: list[tuple[float, float]], *, end: str = "z") -> Stamp:
    # Each step begins at the rounded corner before it: what is rounded off does not add up.
    corners = [(round(x, 1), round(y, 1)) for x, y in points]
    steps = [f"{_short(x - a)},{_short(y - b)}" for (a, b), (x, y) in pairwise(corners)]
    return Stamp(*points[0], f"l{' '.join(steps)}{end}")


def _regular(sides: int, turn: float) -> Callable[[float], Stamp]:
    def draw(r: float) -> Stamp:
        angles = [turn + 2 * math.pi * side / sides for side in range(sides)]
        return _polygon([(r * math.sin(a), -r * math.cos(a)) for a in angles])

    return draw


def _circle(r: float) -> Stamp:
    half = f"a{_short(r)},{_short(r)} 0 1,0 "
    return Stamp(-r, 0.0, f"{half}{_short(2 * r)},0{half}{_short(-2 * r)},0z")


def _star(r: float) -> Stamp:
    radii = [r if point % 2 == 0 else r * 0.45 for point in range(10)]
    angles = [math.pi * point / 5 for point in range(10)]
    return _polygon(
        [(q * math.sin(a), -q * math.cos(a)) for q, a in zip(radii, angles, strict=True)]
    )


def _x(r: float) -> Stamp:
    a, b = r * 0.85, r * 0.3
    return _polygon(
        [
            (-a, b - a), (b - a, -a), (0, -b), (a - b, -a), (a, b - a), (b, 0),
            (a, a - b), (a - b, a), (0, b), (b - a, a), (-a, a - b), (-b, 0),
        ]
    )  # fmt: skip


def _bar(r: float) -> Stamp:
    return _polygon([(0.0, -r), (0.0, r)], end="")


_OUTLINES: dict[str, tuple[Callable[[float], Stamp], float]] = {
    # Each radius is scaled so that the marks have about the same area.
    "circle": (_circle, 1.0),
    "square": (_regular(4, math.pi / 4), 1.25),
    "diamond": (_regular(4, 0.0), 1.25),
    "triangle-up": (_regular(3, 0.0), 1.4),
    "triangle-down": (_regular(3, math.pi), 1.4),
    "pentagon": (_regular(5, 0.0), 1.1),
    "hexagon": (_regular(6, 0.0), 1.05),
    "star": (_star, 1.5),
    "x": (_x, 1.15),
    "line-ns": (_bar, 1.6),
}


@lru_cache(maxsize=256)
def stamp(symbol: str, size: float) -> Stamp:
    """The outline of a mark of `size` pixels across; `-open` is left to the caller."""
    name = symbol.removesuffix("-open")
    if name not in _OUTLINES:
        raise FigureError(f"mark {symbol!r}")
    draw, scale = _OUTLINES[name]
    return draw(size / 2 * scale)


def outline(symbol: str, x: float, y: float, size: float) -> str:
    """The SVG path of such a mark at (x, y)."""
    return stamp(symbol, size).at(x, y)


def hollow(symbol: str) -> bool:
    """Whether the mark is drawn as an outline filled with paper."""
    return symbol.endswith("-open") or symbol.startswith("line-")
