"""The names of systems and evals, whole in one query each, for pages that hold only slugs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from baskets.selectors.known import EVERYTHING, Known
from baskets.selectors.remembered import remembered
from evals.models import Developer, Eval, System

IN_EACH_LANGUAGE = 4


@dataclass(frozen=True)
class SystemName:
    """A system as a page names it."""

    slug: str
    name: str
    developer: str
    developer_slug: str
    generation: str
    released_on: dt.date


@dataclass(frozen=True)
class EvalName:
    """An eval as a page names it, with the ends of its unit."""

    slug: str
    name: str
    domain: str
    subdomain: str
    unit: str


def system_name(system: System) -> SystemName:
    """The name of a system whose developer and generation are loaded."""
    return SystemName(
        slug=system.slug,
        name=system.name,
        developer=system.developer.name,
        developer_slug=system.developer.slug,
        generation=system.generation.name,
        released_on=system.released_on,
    )


def eval_name(item: Eval) -> EvalName:
    """The name of an eval whose domain is loaded."""
    return EvalName(item.slug, item.name, item.domain.slug, item.subdomain, item.unit)


def system_names_now() -> dict[str, SystemName]:
    """Every system by slug, as the database has them at this moment."""
    rows = System.objects.values_list(
        "slug", "name", "developer__name", "developer__slug", "generation__name", "released_on"
    )
    return {row[0]: SystemName(*row) for row in rows}


@remembered(IN_EACH_LANGUAGE)
def system_names() -> dict[str, SystemName]:
    """Every system by slug, as of the state of the site that this page is of."""
    return system_names_now()


def eval_names_now() -> dict[str, EvalName]:
    """Every eval by slug, as the database has them at this moment."""
    rows = Eval.objects.values_list("slug", "name", "domain__slug", "subdomain", "unit")
    return {row[0]: EvalName(*row) for row in rows}


@remembered(IN_EACH_LANGUAGE)
def eval_names() -> dict[str, EvalName]:
    """Every eval by slug, as of the state of the site that this page is of."""
    return eval_names_now()


def names_of(kind: str, slugs: Collection[str], known: Known = EVERYTHING) -> dict[str, str]:
    """The names of those of these systems, or developers of any system, that were known, by slug.

    kind: `system` or `developer`.
    """
    systems = System.objects.filter(known.named("system"))
    if kind == "system":
        return dict(systems.filter(slug__in=slugs).values_list("slug", "name"))
    makers = Developer.objects.filter(slug__in=slugs)
    if known.on is not None:
        makers = makers.filter(Exists(systems.filter(developer=OuterRef("pk"))))
    return dict(makers.values_list("slug", "name"))


@dataclass(frozen=True)
class Beside:
    """The same developer's systems that came out just before and just after one."""

    before: SystemName | None
    after: SystemName | None


def beside_of(system: System, known: Known) -> Beside:
    """A system's neighbours in time among those of its developer that were known."""
    names = [
        system_name(item)
        for item in System.objects.filter(known.named("system"), developer=system.developer_id)
        .select_related("developer", "generation")
        .order_by("released_on", "slug")
    ]
    place = next((n for n, name in enumerate(names) if name.slug == system.slug), None)
    if place is None:
        return Beside(None, None)
    return Beside(
        before=names[place - 1] if place else None,
        after=names[place + 1] if place + 1 < len(names) else None,
    )
