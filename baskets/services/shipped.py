"""The baskets that ship with the project, as files in `baskets/catalog/`."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from baskets.models import Basket, BasketVersion, Departure, Weight
from baskets.models.reasons import UNKNOWN_OVERLAP
from baskets.services.publishing import check_version, check_weights
from baskets.services.refusals import PublishRefused
from baskets.signals import version_published
from evals.models import Eval, System

FOLDER = Path(__file__).resolve().parent.parent / "catalog"


def load_shipped_baskets() -> list[Basket]:
    """Add the shipped baskets and those of their versions that are not there yet; all are frozen.

    A basket whose local versions already use a shipped number keeps its own: history is not
    replaced. Needs the catalog's systems and evals.
    """
    return [_load(json.loads(path.read_text("utf-8"))) for path in sorted(FOLDER.glob("*.json"))]


@transaction.atomic
def _load(data: dict[str, Any]) -> Basket:
    basket = Basket.objects.filter(slug=data["slug"]).first() or Basket.objects.create(
        slug=data["slug"],
        name=data["name"],
        description=data["description"],
        base=System.objects.get(slug=data["base"]),
        domain_rationale=data["domain_rationale"],
    )
    upgraded = basket.versions.filter(published_at__isnull=False).exists()
    present = set(
        basket.versions.filter(published_at__isnull=False).values_list("number", flat=True)
    )
    for entry in data["versions"]:
        if entry["number"] not in present:
            _make_room(basket, entry["number"])
            version = _load_version(basket, entry)
            _freeze(version, check=upgraded)
    return basket


def _make_room(basket: Basket, number: int) -> None:
    """Move a local draft out of the way of a shipped number."""
    newest = basket.versions.aggregate(newest=Max("number"))["newest"] or 0
    drafts = basket.versions.filter(number=number, published_at__isnull=True)
    drafts.update(number=max(newest, number) + 1)


def _freeze(version: BasketVersion, *, check: bool) -> None:
    """Publish a loaded version; beside versions in use it is checked first and asks for a release.

    The first versions of a new basket are tried by its first release, all together.
    """
    if check:
        check_version(version)
    else:
        check_weights(version)
    version.published_at = timezone.now()
    version.save()
    if check:
        version_published.send(sender=BasketVersion, version=version)


def _load_version(basket: Basket, entry: dict[str, Any]) -> BasketVersion:
    version = BasketVersion.objects.create(
        basket=basket,
        number=entry["number"],
        effective_on=dt.date.fromisoformat(entry["effective_on"]),
        coverage_floor=entry["coverage_floor"],
        domain_coverage_floor=entry["domain_coverage_floor"],
        min_evals=entry["min_evals"],
        link=entry["link"],
        rationale=entry["rationale"],
        author=entry["author"],
        approver=entry["approver"],
    )
    evals = {item.slug: item for item in Eval.objects.all()}
    Weight.objects.bulk_create(
        _weight(version, evals[row["eval"]], row) for row in entry["weights"]
    )
    Departure.objects.bulk_create(
        Departure(version=version, eval=evals[row["eval"]], reason=row["reason"])
        for row in entry["left"]
    )
    overlap = System.objects.filter(slug__in=entry["overlap"])
    if len(overlap) != len(entry["overlap"]):
        raise PublishRefused(UNKNOWN_OVERLAP, basket=basket.slug, number=version.number)
    version.overlap.set(overlap)
    return version


def _weight(version: BasketVersion, item: Eval, row: dict[str, Any]) -> Weight:
    protocol = row.get("protocol") or {}
    return Weight(
        version=version,
        eval=item,
        weight=row["weight"],
        floor=row["floor"],
        ceiling=row["ceiling"],
        reference=row["reference"],
        selection=row["selection"],
        protocol=protocol.get("contains", ""),
        owner=row["owner"],
        rationale=row["rationale"],
        goalpost_reason=row["goalpost_reason"],
    )
