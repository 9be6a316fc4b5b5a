"""Baskets, their published versions, and weights old beside new."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch

from baskets.models import Basket, BasketVersion, Departure, Link, Release, Weight
from baskets.selectors.catalog import EvalName, SystemName, system_names
from baskets.selectors.known import EVERYTHING, Known, versions_of


@dataclass(frozen=True)
class WeightRow:
    """An eval's share of the headline in a version and in the one before; None where absent.

    weight, old: its rows in the two.
    """

    eval: EvalName
    share: float | None
    before: float | None
    weight: Weight | None
    departure: str
    old: Weight | None = None

    @property
    def change(self) -> float | None:
        """The share gained, for an eval that is in both versions."""
        if self.share is None or self.before is None:
            return None
        return self.share - self.before


@dataclass(frozen=True)
class VersionFacts:
    """A published version, its rows, its domain shares and how its series were linked."""

    version: BasketVersion
    rows: tuple[WeightRow, ...]
    domains: tuple[tuple[str, float, float | None], ...]
    overlap: tuple[SystemName, ...]
    links: tuple[Link, ...]


def baskets() -> list[Basket]:
    """Every basket with its published versions, oldest first."""
    versions = BasketVersion.objects.filter(published_at__isnull=False).order_by("number")
    return list(
        Basket.objects.select_related("base").prefetch_related(
            Prefetch("versions", queryset=versions, to_attr="published_versions")
        )
    )


def baskets_known(known: Known) -> list[Basket]:
    """The baskets that had a release by then, with the versions that were in it."""
    numbers = versions_known(known)
    found = []
    for basket in baskets():
        if basket.slug not in numbers:
            continue
        every: list[BasketVersion] = basket.published_versions  # type: ignore[attr-defined]
        versions = [version for version in every if version.number in numbers[basket.slug]]
        basket.published_versions = versions  # type: ignore[attr-defined]
        found.append(basket)
    return found


def versions_known(known: Known) -> dict[str, frozenset[int]]:
    """The versions in the release that each basket had by then, by the basket's slug."""
    made = Release.objects.filter(known.releases()).defer("bundle").select_related("basket")
    newest = made.order_by("basket_id", "-number").distinct("basket_id")
    return {release.basket.slug: versions_of(release) for release in newest}


def published_versions(basket: Basket, known: Known = EVERYTHING) -> list[BasketVersion]:
    """A basket's known published versions, oldest first, with weights, departures and overlap."""
    weights = Weight.objects.select_related("eval__domain")
    departures = Departure.objects.select_related("eval__domain")
    versions = basket.versions.filter(published_at__isnull=False).order_by("number")
    if known.on is not None:
        versions = versions.filter(number__in=known.versions)
    return list(
        versions.prefetch_related(
            Prefetch("weights", queryset=weights),
            Prefetch("departures", queryset=departures),
            "overlap",
        )
    )


def _name(weight: Weight | Departure) -> EvalName:
    item = weight.eval
    return EvalName(item.slug, item.name, item.domain.slug, item.subdomain, item.unit)


def _shares(version: BasketVersion | None) -> dict[str, float]:
    if version is None:
        return {}
    weights = list(version.weights.all())
    total = sum(weight.weight for weight in weights)
    return {weight.eval.slug: weight.weight / total for weight in weights}


def weight_rows(version: BasketVersion, before: BasketVersion | None) -> list[WeightRow]:
    """The version's evals, and the ones that left, with old and new shares."""
    now, then = _shares(version), _shares(before)
    old = {weight.eval_id: weight for weight in before.weights.all()} if before else {}
    rows = [
        WeightRow(
            eval=_name(weight),
            share=now[weight.eval.slug],
            before=then.get(weight.eval.slug),
            weight=weight,
            departure="",
            old=old.get(weight.eval_id),
        )
        for weight in version.weights.all()
    ]
    reasons = {departure.eval.slug: departure.reason for departure in version.departures.all()}
    gone = [w for w in old.values() if w.eval.slug not in now]
    rows += [
        WeightRow(_name(w), None, then[w.eval.slug], None, reasons.get(w.eval.slug, ""), w)
        for w in gone
    ]
    return rows


def _domain_shares(
    rows: Sequence[WeightRow],
) -> tuple[tuple[str, float, float | None], ...]:
    domains = sorted({row.eval.domain for row in rows}, key=_domain_place)
    has_before = any(row.before is not None for row in rows)
    return tuple(
        (
            domain,
            sum(row.share or 0 for row in rows if row.eval.domain == domain),
            sum(row.before or 0 for row in rows if row.eval.domain == domain)
            if has_before
            else None,
        )
        for domain in domains
    )


def _domain_place(domain: str) -> tuple[int, str]:
    order = ("capability", "safety", "alignment")
    return (order.index(domain) if domain in order else len(order), domain)


def version_facts(
    basket: Basket, release: Release | None, known: Known = EVERYTHING
) -> list[VersionFacts]:
    """A basket's known published versions, newest first, with the links as `release` has them."""
    systems = system_names()
    links = list(Link.objects.filter(release=release)) if release else []
    facts = []
    before: BasketVersion | None = None
    for version in published_versions(basket, known):
        rows = weight_rows(version, before)
        own = [link for link in links if link.to_version_id == version.pk]
        own.sort(key=lambda link: ("/" in link.series, _series_place(link.series)))
        facts.append(
            VersionFacts(
                version=version,
                rows=tuple(rows),
                domains=_domain_shares(rows),
                overlap=tuple(systems[system.slug] for system in version.overlap.all()),
                links=tuple(own),
            )
        )
        before = version
    return facts[::-1]


def _series_place(series: str) -> tuple[int, str]:
    order = ("headline", "balanced", "capability", "safety", "alignment")
    top = series.split("/")[0]
    return (order.index(top) if top in order else len(order), series)


def domain_shares(version: BasketVersion) -> tuple[float, list[tuple[str, float]]]:
    """(sum of the weights, each domain's name with its share of that sum), in domain order."""
    found: dict[str, float] = {}
    for weight in version.weights.select_related("eval__domain").order_by("eval__domain__position"):
        name = weight.eval.domain.name
        found[name] = found.get(name, 0.0) + weight.weight
    total = math.fsum(found.values())
    return total, [(name, value / total) for name, value in found.items()] if total else []
