"""The outlines of the marks, by Plotly's symbol names; `-open` draws them hollow."""

from __future__ import annotations

import math
from collections.abc import Callable

from baskets.charts.axes import FigureError


def _polygon(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points) + "Z"


def _regular(sides: int, turn: float) -> Callable[[float, float, float], str]:
    def draw(x: float, y: float, r: float) -> str:
        angles = [turn + 2 * math.pi * side / sides for side in range(sides)]
        return _polygon([(x + r * math.sin(a), y - r * math.cos(a)) for a in angles])

    return draw


def _circle(x: float, y: float, r: float) -> str:
    half = f"a{r:.1f},{r:.1f} 0 1,0 "
    return f"M{x - r:.1f},{y:.1f}{half}{2 * r:.1f},0{half}{-2 * r:.1f},0Z"


def _star(x: float, y: float, r: float) -> str:
    radii = [r if point % 2 == 0 else r * 0.45 for point in range(10)]
    angles = [math.pi * point / 5 for point in range(10)]
    return _polygon(
        [(x + q * math.sin(a), y - q * math.cos(a)) for q, a in zip(radii, angles, strict=True)]
    )


def _x(x: float, y: float, r: float) -> str:
    a, b = r * 0.85, r * 0.3
    return _polygon(
        [
            (x - a, y - a + b), (x - a + b, y - a), (x, y - b), (x + a - b, y - a),
            (x + a, y - a + b), (x + b, y), (x + a, y + a - b), (x + a - b, y + a),
            (x, y + b), (x - a + b, y + a), (x - a, y + a - b), (x - b, y),
        ]
    )  # fmt: skip


def _bar(x: float, y: float, r: float) -> str:
    return f"M{x:.1f},{y - r:.1f}V{y + r:.1f}"


_OUTLINES: dict[str, tuple[Callable[[float, float, float], str], float]] = {
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


def outline(symbol: str, x: float, y: float, size: float) -> str:
    """The SVG path of a mark of `size` pixels across at (x, y); `-open` is left to the caller."""
    name = symbol.removesuffix("-open")
    if name not in _OUTLINES:
        raise FigureError(f"mark {symbol!r}")
    draw, scale = _OUTLINES[name]
    return draw(x, y, size / 2 * scale)


def hollow(symbol: str) -> bool:
    """Whether the mark is drawn as an outline filled with paper."""
    return symbol.endswith("-open") or symbol.startswith("line-")
