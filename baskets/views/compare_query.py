"""Which systems an address asks to compare."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from baskets.selectors.known import Known
from baskets.selectors.search import Find, search
from baskets.views import page
from evals.models import System

MOST = 6
LONGEST = 800
OFFERED = 8


def asked_systems(request: HttpRequest) -> list[System]:
    """The systems of `systems=a,b,c` in their order.

    BadQuery for one that is not known or named twice, and for more than six.
    """
    value = page.text(request, "systems", longest=LONGEST)
    slugs = [slug for part in value.split(",") if (slug := part.strip())]
    if len(slugs) > MOST:
        said = _("“systems” names %(n)s systems; at most %(most)s can be compared.")
        raise page.BadQuery(said % {"n": len(slugs), "most": MOST})
    for slug in slugs:
        if slugs.count(slug) > 1:
            raise page.BadQuery(_("“systems” names “%(slug)s” more than once.") % {"slug": slug})
    found = System.objects.select_related("developer", "generation").in_bulk(
        slugs, field_name="slug"
    )
    unknown = [slug for slug in slugs if slug not in found]
    if unknown:
        said = _("There is no system “%(slug)s”. Systems are named as in their addresses.")
        raise page.BadQuery(said % {"slug": unknown[0]})
    return [found[slug] for slug in slugs]


def to_add(query: str, known: Known, chosen: list[System]) -> list[Find]:
    """The systems that a typed name may mean: one alone where it is that system's name exactly."""
    taken = {system.slug for system in chosen}
    found = search(query, known, most=OFFERED + MOST, kinds=["system"])
    free = [find for find in found if find.slug not in taken]
    wanted = query.strip().casefold()
    exact = [find for find in free if wanted in (find.name.casefold(), find.slug.casefold())]
    return exact[:1] or free[:OFFERED]
