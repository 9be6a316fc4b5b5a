"""The list of evals, and what the baskets make of one."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Max, Min

from baskets.engine.errors import EngineError
from baskets.engine.points import Goalposts, to_points
from baskets.models import BasketVersion, Weight
from baskets.selectors.catalog import EvalName
from baskets.selectors.known import EVERYTHING, Known
from baskets.selectors.scores import newest_decision
from evals.models import Decision, Eval, Score

SORTS = ("name", "domain", "weight", "systems", "headroom")


@dataclass(frozen=True)
class EvalRow:
    """An eval with its share of the newest basket, its spread of evidence and its headroom."""

    eval: EvalName
    share: float | None
    systems: int
    best: float | None
    headroom: float | None

    @property
    def share_text(self) -> str:
        """The share in per cent with one decimal."""
        return "" if self.share is None else f"{100 * self.share:.1f}%"


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
    totals: dict[int, float] = {}
    rows = Weight.objects.filter(version__in=[weight.version_id for weight in found])
    for version, weight in rows.values_list("version", "weight"):
        totals[version] = totals.get(version, 0.0) + weight
    return [CountedIn(w.version, w, w.weight / totals[w.version_id]) for w in found]


def _extremes(known: Known) -> dict[int, tuple[int, float, float]]:
    scores = Score.objects.filter(known.scores()).annotate(status=newest_decision("status", known))
    accepted = scores.filter(status=Decision.Status.ACCEPTED)
    rows = accepted.values_list("eval").annotate(
        Count("system", distinct=True), Max("value"), Min("value")
    )
    return {item: (systems, high, low) for item, systems, high, low in rows}


def eval_rows(
    basket_slug: str, *, domain: str, counted: str, known: Known = EVERYTHING
) -> list[EvalRow]:
    """Known evals of a domain (all where empty), with or without a weight in the newest basket."""
    version = newest_version(basket_slug, known)
    weights = {w.eval_id: w for w in version.weights.all()} if version else {}
    total = sum(weight.weight for weight in weights.values())
    extremes = _extremes(known)
    items = Eval.objects.filter(known.named("eval")).select_related("domain")
    if domain:
        items = items.filter(domain__slug=domain)
    rows = []
    for item in items:
        weight = weights.get(item.pk)
        if counted and (counted == "yes") is (weight is None):
            continue
        systems, high, low = extremes.get(item.pk, (0, None, None))
        best = low if item.direction == Eval.Direction.LOWER else high
        rows.append(
            EvalRow(
                eval=EvalName(item.slug, item.name, item.domain.slug, item.subdomain, item.unit),
                share=weight.weight / total if weight else None,
                systems=systems,
                best=best,
                headroom=headroom(item, best, goalposts_of(item, weight)),
            )
        )
    return rows


def sorted_rows(rows: list[EvalRow], sort: str) -> list[EvalRow]:
    """The rows by one of SORTS, descending with a leading minus; rows without a value last."""
    name = sort.removeprefix("-")
    down = sort.startswith("-")
    ordered = sorted(rows, key=lambda row: row.eval.name.lower())
    if name == "name":
        return ordered[::-1] if down else ordered
    if name == "domain":
        order = {"capability": 0, "safety": 1, "alignment": 2}
        return sorted(
            ordered,
            key=lambda row: (order.get(row.eval.domain, 3), row.eval.subdomain),
            reverse=down,
        )
    values = {"weight": "share", "systems": "systems", "headroom": "headroom"}
    known = [row for row in ordered if getattr(row, values[name]) is not None]
    rest = [row for row in ordered if getattr(row, values[name]) is None]
    return sorted(known, key=lambda row: float(getattr(row, values[name])), reverse=down) + rest
