"""Questions to weights that readers may see: those that were answered and not hidden."""

from __future__ import annotations

from collections import defaultdict

from baskets.models import Basket, BasketVersion, Challenge
from baskets.selectors.known import EVERYTHING, Known


def answered(basket: Basket, known: Known = EVERYTHING) -> dict[str, list[Challenge]]:
    """By eval, the newest first; as of a date or release, those that were answered by then."""
    rows = Challenge.objects.filter(
        known.answers(), basket=basket, answered_at__isnull=False, hidden_at__isnull=True
    ).select_related("eval__domain", "version", "answered_by")
    found: dict[str, list[Challenge]] = defaultdict(list)
    for row in rows:
        found[row.eval.slug].append(row)
    return dict(found)


def version_in_force(basket: Basket) -> BasketVersion | None:
    """The newest published version, whose weights can be questioned."""
    return basket.versions.filter(published_at__isnull=False).order_by("-number").first()
