"""The picture in a mail: the frontier of the series that moved, as the release has it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from alerts.told import Told
from baskets.charts import raster, svg
from baskets.charts.figures_frontier import frontier_chart
from baskets.charts.state import Look
from baskets.models import Release
from baskets.selectors.frontier import frontier_facts

WIDTH, HEIGHT = 560, 320
KEPT = 32


@dataclass(frozen=True)
class Picture:
    """A PNG, its size in pixels of the page, and what it shows in words."""

    png: bytes
    alt: str
    width: int = WIDTH
    height: int = HEIGHT


def picture_of(told: Told) -> Picture | None:
    """The frontier of the first series that is told of; None where there is nothing to draw."""
    for part in told.parts:
        for description in part.descriptions:
            event = description.event
            # What is drawn is the official frontier, which an own basket has not.
            if event.release_id is not None and event.series and event.own_id is None:
                return _drawn(event.release_id, event.series, told.language)
    return None


@lru_cache(maxsize=KEPT)
def _drawn(release_id: int, series: str, language: str) -> Picture | None:
    """Drawn once for all who are told of it: a release never changes."""
    release = Release.objects.select_related("basket").defer("bundle").get(pk=release_id)
    if series not in release.summary.get("series", {}):
        return None
    facts = frontier_facts(release, series)
    if not facts.marks:
        return None
    chart = frontier_chart(facts, look=Look(), state={}, controls=())
    drawn = svg.render(
        chart.narrow,
        width=WIDTH,
        height=HEIGHT,
        title=chart.title,
        description="",
        ident="mail",
        theme="light",
        tips=False,
    )
    try:
        png = raster.png(drawn, language=language, zoom=1)
    except (ValueError, raster.BusyError):
        # A name may hold what no picture can; the mail says it in words.
        return None
    return Picture(png, f"{chart.title}. {chart.description}")
