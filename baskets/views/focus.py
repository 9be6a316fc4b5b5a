"""Which systems and developers an address asks to bring out."""

from __future__ import annotations

from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext as _

from baskets.charts.focus import MOST, Focus, Named, Offer
from baskets.selectors.known import Known
from baskets.selectors.search import Find, search
from baskets.views import page
from evals.models import Developer, System

LONGEST = 1000
OFFERED = 6
KINDS = {"developer": "developers", "system": "systems"}
"""The parameter that names things of a kind."""


def focus(request: HttpRequest, known: Known, *, alone: bool) -> Focus:
    """What `developers=a,b` and `systems=c,d` ask for, and `add=e`, the name that a form sends.

    A typed name that is exactly that of one thing counts as chosen; otherwise the things that it
    may mean are offered. BadQuery for a slug that is not known, and for more than eight of a kind.
    """
    slugs = {name: _slugs(request, name) for name in KINDS.values()}
    typed = page.text(request, "add").strip()
    finds = search(typed, known, most=OFFERED, kinds=list(KINDS)) if typed else []
    for find in finds[:1] if _exact(typed, finds) else []:
        chosen = slugs[KINDS[find.kind]]
        if find.slug not in chosen and len(chosen) < MOST:
            chosen.append(find.slug)
        typed, finds = "", []
    return Focus(
        developers=_named(Developer, "developers", slugs["developers"]),
        systems=_named(System, "systems", slugs["systems"]),
        alone=alone and any(slugs.values()),
        typed=typed,
        offers=tuple(Offer(KINDS[find.kind], find.slug, find.name) for find in finds),
    )


def _exact(typed: str, finds: list[Find]) -> bool:
    """Whether the first find is what was typed, or the only one."""
    wanted = typed.casefold()
    return bool(finds) and (
        len(finds) == 1 or wanted in (finds[0].name.casefold(), finds[0].slug.casefold())
    )


def _slugs(request: HttpRequest, name: str) -> list[str]:
    value = page.text(request, name, longest=LONGEST)
    return list(dict.fromkeys(slug for part in value.split(",") if (slug := part.strip())))


def _named(model: type[Model], parameter: str, slugs: list[str]) -> tuple[Named, ...]:
    """The slugs with their names; no question to the database where there are none."""
    if not slugs:
        return ()
    if len(slugs) > MOST:
        said = _("“%(name)s” has %(n)s values; at most %(most)s can be highlighted.")
        raise page.BadQuery(said % {"name": parameter, "n": len(slugs), "most": MOST})
    rows = model._default_manager.filter(slug__in=slugs).values_list("slug", "name")
    names: dict[str, str] = dict(rows)
    unknown = [slug for slug in slugs if slug not in names]
    if unknown:
        said = _("“%(name)s” names “%(slug)s”, which is not known here.")
        raise page.BadQuery(said % {"name": parameter, "slug": unknown[0]})
    return tuple((slug, names[slug]) for slug in slugs)
