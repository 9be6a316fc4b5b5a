"""What the newest release expects of scores that have not come yet: the cells that it filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from baskets.engine import EngineError
from baskets.engine.points import Goalposts, to_points
from baskets.models import Release
from baskets.selectors import releases
from evals.expectations import Judge, Surprise

SLUG = "agi"
# A fill may be stated too sure of itself: nothing is held for less than this many points.
LEAST_SD = 1.0


@dataclass(frozen=True)
class Fills:
    """The cells that a release filled in its newest version, and how evals become points."""

    name: str
    cells: Mapping[tuple[str, str], tuple[float, float]]
    scales: Mapping[str, tuple[str, Goalposts]]

    def judge(self, system: str, item: str, value: float) -> Surprise | None:
        """A score in the eval's unit against the fill of its cell; None where there is none."""
        cell = self.cells.get((system, item))
        if cell is None:
            return None
        scale, goalposts = self.scales[item]
        try:
            points = to_points(value, scale=scale, goalposts=goalposts).points
        except EngineError:
            return None
        return Surprise(
            points=points, expected=cell[0], sd=max(cell[1], LEAST_SD), said_by=self.name
        )


def judge() -> Judge:
    """A judge by the newest release of the official basket that is no reconstruction."""
    newest = Release.objects.filter(basket__slug=SLUG, reconstructed=False).order_by("-number")
    found = newest.values_list("pk", "number").first()
    return _fills(*found).judge if found else lambda system, item, value: None


@lru_cache(maxsize=2)
def _fills(release: int, number: int) -> Fills:
    bundle = releases.bundle(Release(pk=release))
    basket = bundle["problem"]["baskets"][-1]
    return Fills(
        name=_("release %(n)s") % {"n": number},
        cells={
            (row["system"], row["eval"]): (row["points"], row["stderr"])
            for row in bundle["filled"]
            if row["basket"] == basket["id"] and row["stderr"] is not None
        },
        scales={
            item["id"]: (item["scale"], _goalposts(item, basket))
            for item in bundle["problem"]["evals"]
        },
    )


def _goalposts(item: Mapping[str, Any], basket: Mapping[str, Any]) -> Goalposts:
    """The basket's goalposts of an eval, or else its own."""
    floor, ceiling = basket["goalposts"].get(item["id"]) or (item["floor"], item["ceiling"])
    return Goalposts(floor=floor, ceiling=ceiling, reference=basket["references"].get(item["id"]))
