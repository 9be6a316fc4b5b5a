"""A what-if as JSON: points of the index, shares from 0 to 1, names as slugs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast

from baskets.engine import round_floats
from baskets.models import Basket, Release
from baskets.selectors.whatif_parts import FrontierStep, Preview, SeriesPreview, SystemPreview


def as_json(preview: Preview, basket: Basket, release: Release, address: str) -> dict[str, Any]:
    """All that a preview tells; `page` is the address that shows it to a reader."""
    found = {
        "basket": basket.slug,
        "release": release.number,
        "vintage_on": release.vintage_on.isoformat(),
        "base": basket.base.slug,
        "page": address,
        "weights": dict(preview.weights),
        "replicates": preview.replicates,
        "series": [_series(row) for row in preview.series],
        "shown": preview.shown,
        "systems": [_system(row) for row in preview.systems],
        "links": [link.to_json() for link in preview.links],
        "effective": [asdict(row) for row in preview.effective],
    }
    return cast(dict[str, Any], round_floats(found, 6))


def _series(row: SeriesPreview) -> dict[str, Any]:
    return {
        "series": row.series,
        "change": row.change,
        "difference": asdict(row.difference) if row.difference else None,
        "published": [_step(step) for step in row.before],
        "yours": [_step(step) for step in row.after],
        "lost": list(row.lost),
        "gained": list(row.gained),
    }


def _step(step: FrontierStep) -> dict[str, Any]:
    return {**asdict(step), "released_on": step.released_on.isoformat()}


def _system(row: SystemPreview) -> dict[str, Any]:
    return {
        "system": row.system,
        "rank_published": row.move.before,
        "rank": row.move.after,
        "higher": row.move.up,
        "lower": row.move.down,
        "published": asdict(row.before) if row.before else None,
        "yours": asdict(row.after) if row.after else None,
    }
