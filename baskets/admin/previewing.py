"""What a draft under new weights would do, as the editor tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from baskets.engine import EngineError, Link
from baskets.models import BasketVersion
from baskets.prose.whatif import refused
from baskets.selectors.catalog import EvalName, SystemName, system_names
from baskets.selectors.whatif import draft_preview, exact_preview
from baskets.selectors.whatif_parts import FrontierStep, Preview, SeriesPreview

SERIES = ("headline", "balanced", "capability", "safety", "alignment")
LISTED = 15


def preview_context(
    version: BasketVersion,
    shares: Mapping[str, int] | None,
    *,
    series: str,
    names: Mapping[str, EvalName],
    exact: bool = False,
) -> dict[str, Any]:
    """The context of the results: the preview in words' reach, or why there is none.

    shares: None for the weights that are stored. exact: of the draft as it is stored, from all
    replicates, whatever the shares are.
    """
    context: dict[str, Any] = {"series": series, "series_names": SERIES, "refusal": ""}
    try:
        if exact:
            preview = exact_preview(version, shown=series)
        else:
            weights = None if shares is None else {n: float(s) for n, s in shares.items()}
            preview = draft_preview(version, weights, shown=series)
    except EngineError as error:
        return context | {"preview": None, "refusal": refused(error)}
    return context | {"preview": preview, **_told(preview, names)}


def _told(preview: Preview, names: Mapping[str, EvalName]) -> dict[str, Any]:
    systems = system_names()
    effective = sorted(preview.effective, key=lambda row: (-row.nominal, row.eval))
    return {
        "frontiers": [_frontier(row, systems) for row in sorted(preview.series, key=_place)],
        "ranks": [(row, systems[row.system]) for row in preview.systems[:LISTED]],
        "lost": [(row.series, [systems[s] for s in row.lost]) for row in preview.series
                 if row.lost],
        "gained": [(row.series, [systems[s] for s in row.gained]) for row in preview.series
                   if row.gained],
        "links": sorted(preview.links, key=_place),
        "effective": [(row, names[row.eval]) for row in effective],
    }  # fmt: skip


def _place(row: SeriesPreview | Link) -> tuple[int, str]:
    """The known series in their order, then others by name."""
    return (SERIES.index(row.series) if row.series in SERIES else len(SERIES), row.series)


def _frontier(row: SeriesPreview, systems: Mapping[str, SystemName]) -> dict[str, Any]:
    return {
        "row": row,
        "before": _newest(row.before, systems),
        "after": _newest(row.after, systems),
    }


def _newest(
    steps: tuple[FrontierStep, ...], systems: Mapping[str, SystemName]
) -> tuple[FrontierStep, SystemName] | None:
    return (steps[-1], systems[steps[-1].system]) if steps else None
