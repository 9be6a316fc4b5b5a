"""What the baskets make of an eval."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum

from baskets.engine.errors import EngineError
from baskets.engine.points import Goalposts, to_points
from baskets.models import BasketVersion, Weight
from baskets.selectors.known import EVERYTHING, Known
from baskets.selectors.remembered import remembered
from evals.models import Eval


@dataclass(frozen=True)
class CountedIn:
    """How one published version counts an eval."""

    version: BasketVersion
    weight: Weight
    share: float

    @property
    def share_text(self) -> str:
        """The share in per cent with one decimal."""
        return f"{100 * self.share:.1f}%"


def goalposts_of(item: Eval, weight: Weight | None = None) -> Goalposts:
    """The eval's own goalposts under those that a basket's weight declares."""
    own = Goalposts(item.floor, item.ceiling)
    if weight is None:
        return own
    return Goalposts(weight.floor, weight.ceiling, weight.reference).over(own)


def headroom(item: Eval, best: float | None, goalposts: Goalposts) -> float | None:
    """Points from the best score to the upper goalpost; None without usable goalposts."""
    if best is None or not goalposts.usable(item.scale):
        return None
    try:
        return max(0.0, 100.0 - to_points(best, scale=item.scale, goalposts=goalposts).points)
    except EngineError:
        return None


def newest_version(basket_slug: str, known: Known = EVERYTHING) -> BasketVersion | None:
    """The newest known version of a basket that is published."""
    versions = BasketVersion.objects.filter(basket__slug=basket_slug, published_at__isnull=False)
    if known.on is not None:
        versions = versions.filter(number__in=known.versions)
    return versions.select_related("basket").order_by("-number").first()


def last_weights(basket_slug: str, known: Known = EVERYTHING) -> dict[int, Weight]:
    """By eval: its weight and goalposts in the last published, known version that counts it."""
    weights = Weight.objects.filter(
        version__basket__slug=basket_slug, version__published_at__isnull=False
    )
    if known.on is not None:
        weights = weights.filter(version__number__in=known.versions)
    newest_first = weights.order_by("eval_id", "-version__number").distinct("eval_id")
    told = newest_first.only("version_id", "eval_id", "weight", "floor", "ceiling", "reference")
    return {weight.eval_id: weight for weight in told}


def counted_in(item: Eval, basket_slug: str, known: Known = EVERYTHING) -> list[CountedIn]:
    """Every known version of a basket that is published and counts the eval, newest first."""
    weights = Weight.objects.filter(
        eval=item,
        version__basket__slug=basket_slug,
        version__published_at__isnull=False,
    ).select_related("version__basket")
    found = [
        weight
        for weight in weights.order_by("-version__number")
        if known.has_version(weight.version.number)
    ]
    totals = _totals(tuple(weight.version_id for weight in found)) if found else {}
    return [CountedIn(w.version, w, w.weight / totals[w.version_id]) for w in found]


@remembered(64)
def _totals(versions: tuple[int, ...]) -> dict[int, float]:
    """The sum of the weights of each version, by its id."""
    weights = Weight.objects.filter(version__in=versions).order_by()
    return dict(weights.values_list("version").annotate(total=Sum("weight")))
