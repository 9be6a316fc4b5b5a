"""The marks of the frontier chart: the systems brought out, and the others in grey."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from baskets.charts import palette
from baskets.selectors.frontier import Mark

FADED_SIZE = 6
Tips = dict[str, str]


def _errors(marks: list[Mark]) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [None if m.high is None else round(m.high - m.value, 3) for m in marks],
        "arrayminus": [None if m.low is None else round(m.value - m.low, 3) for m in marks],
        "color": "var(--rule-strong)",
        "thickness": 1,
        "width": 0,
    }


def _places(marks: list[Mark], tips: Tips) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [mark.system.released_on.isoformat() for mark in marks],
        "y": [round(mark.value, 3) for mark in marks],
        "hovertext": [tips[mark.system.slug] for mark in marks],
        "hoverinfo": "text",
    }


def _symbols(marks: list[Mark]) -> list[str]:
    """Each developer's own mark, hollow where the system is provisional."""
    return [
        palette.developer_mark(mark.system.developer_slug) + ("" if mark.official else "-open")
        for mark in marks
    ]


def marks(shown: Sequence[Mark], tips: Tips, *, official: bool, size: int) -> dict[str, Any]:
    """The official systems with their intervals, or the provisional ones, in colour."""
    kept = [mark for mark in shown if mark.official is official]
    trace: dict[str, Any] = {
        **_places(kept, tips),
        "name": _("official") if official else _("provisional"),
        "marker": {
            "symbol": _symbols(kept),
            "color": [palette.developer_colour(mark.system.developer_slug) for mark in kept],
            "size": size if official else size - 1,
            "line": {"width": 0.75, "color": "var(--paper)"} if official else {"width": 1.25},
        },
    }
    if official:
        trace["error_y"] = _errors(kept)
    return trace


def faded(shown: Sequence[Mark], tips: Tips) -> dict[str, Any]:
    """The systems that were not chosen: small, grey, without intervals."""
    kept = list(shown)
    return {
        **_places(kept, tips),
        "name": _("others"),
        "marker": grey(_symbols(kept)),
    }


def grey(symbols: list[str]) -> dict[str, Any]:
    """Small grey marks; edges of paper would leave nothing of a thin one."""
    edge = {"width": 1, "color": "var(--rule-strong)"}
    return {"symbol": symbols, "color": "var(--rule-strong)", "size": FADED_SIZE, "line": edge}
