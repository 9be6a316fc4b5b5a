"""The addresses of every public page that stands for something of its own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse

from baskets.models import Basket
from baskets.selectors import releases
from evals.models import Eval, System

PAGES = (
    "home",
    "generations",
    "systems",
    "evals",
    "compare",
    "baskets",
    "releases",
    "stability",
    "saturation",
    "methodology",
    "data",
)


@dataclass(frozen=True)
class Crawled:
    """A page's path in the default language, and the day on which it last changed, if known."""

    path: str
    changed_on: dt.date | None = None


def crawled() -> list[Crawled]:
    """The pages: sections, releases, baskets, evals and systems.

    What a release computes changes with every release; a release itself never does.
    """
    rows = releases.known_releases().order_by("-number").values_list("number", "created_at")
    found = [(number, made.date()) for number, made in rows]
    changed = found[0][1] if found else None
    pages = [Crawled(reverse(f"baskets:{name}"), changed) for name in PAGES]
    pages += [Crawled(reverse("baskets:release", args=[n]), day) for n, day in found]
    for name, model in (("basket", Basket), ("eval", Eval), ("system", System)):
        # One address is asked for and the others are written like it: there may be thousands.
        before, after = reverse(f"baskets:{name}", args=["slug"]).split("slug")
        slugs = model.objects.order_by("slug").values_list("slug", flat=True)
        pages += [Crawled(f"{before}{slug}{after}", changed) for slug in slugs]
    return pages
