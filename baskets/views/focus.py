"""Which systems and developers an address asks to bring out."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from baskets.charts.focus import MOST, Focus, Offer
from baskets.selectors.catalog import names_of
from baskets.selectors.known import Known
from baskets.selectors.search import Find, search
from baskets.views import page

LONGEST = 1000
OFFERED = 6
KINDS = {"developer": "developers", "system": "systems"}
"""The parameter that names things of a kind."""


def focus(request: HttpRequest, known: Known, *, alone: bool) -> Focus:
    """What `developers=a,b` and `systems=c,d` ask for, and `add=e`, the name that a form sends.

    A typed name that is exactly that of one thing counts as chosen; otherwise the things that it
    may mean are offered. What came after the past date is not chosen. BadQuery for a slug that is
    not known at all, and for more than eight of a kind.
    """
    slugs = {name: _slugs(request, name) for name in KINDS.values()}
    typed = page.text(request, "add").strip()
    finds = search(typed, known, most=OFFERED, kinds=list(KINDS)) if typed else []
    for find in finds[:1] if _exact(typed, finds) else []:
        chosen = slugs[KINDS[find.kind]]
        if find.slug not in chosen and len(chosen) < MOST:
            chosen.append(find.slug)
        typed, finds = "", []
    names = {kind: _names(kind, slugs[name], known) for kind, name in KINDS.items()}
    developers, systems = (tuple(found.items()) for found in names.values())
    return Focus(
        developers=developers,
        systems=systems,
        alone=alone and bool(developers or systems),
        typed=typed,
        offers=tuple(Offer(KINDS[find.kind], find.slug, find.name) for find in finds),
        later=tuple(
            s for kind, found in names.items() for s in slugs[KINDS[kind]] if s not in found
        ),
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


def _names(kind: str, slugs: list[str], known: Known) -> dict[str, str]:
    """The names of what was known, by slug and in that order; asks nothing of no slugs."""
    parameter = KINDS[kind]
    if not slugs:
        return {}
    if len(slugs) > MOST:
        said = _("“%(name)s” has %(n)s values; at most %(most)s can be highlighted.")
        raise page.BadQuery(said % {"name": parameter, "n": len(slugs), "most": MOST})
    names = names_of(kind, slugs)
    unknown = [slug for slug in slugs if slug not in names]
    if unknown:
        said = _("“%(name)s” names “%(slug)s”, which is not known here.")
        raise page.BadQuery(said % {"name": parameter, "slug": unknown[0]})
    then = names if known.on is None else names_of(kind, slugs, known)
    return {slug: then[slug] for slug in slugs if slug in then}
