"""What a proposal must say before anybody is asked to approve it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from baskets.models import BasketVersion, Weight
from baskets.services.refusals import Incomplete

SHORTEST_RATIONALE = 20
POSTS = ("floor", "ceiling", "reference")


def check_complete(version: BasketVersion, *, lost: Sequence[tuple[str, str]] = ()) -> None:
    """Incomplete, with one sentence for each thing that is missing.

    lost: (system, series) of the values that lose the official status; they need a reason.
    """
    missing = [*_of_version(version), *_of_weights(version), *_of_departures(version)]
    if lost and not version.lost_status_reason.strip():
        names = ", ".join(sorted({system for system, _series in lost}))
        missing.append(
            _("Say why these systems lose their official status: %(names)s.") % {"names": names}
        )
    if missing:
        raise Incomplete(tuple(missing))


def newest_published(version: BasketVersion) -> BasketVersion | None:
    """The published version that this one is to follow."""
    published = version.basket.versions.filter(published_at__isnull=False)
    return published.exclude(pk=version.pk).order_by("-number").first()


def evals_that_left(version: BasketVersion) -> list[tuple[str, str]]:
    """(slug, name) of the evals that the published version counts and this one does not."""
    before = newest_published(version)
    if before is None:
        return []
    gone = before.weights.exclude(eval__in=version.weights.values("eval"))
    return list(gone.order_by("eval__slug").values_list("eval__slug", "eval__name"))


def _of_version(version: BasketVersion) -> Iterator[str]:
    if len(version.rationale.strip()) < SHORTEST_RATIONALE:
        yield _("Say in at least %(n)s characters what changes and why.") % {
            "n": SHORTEST_RATIONALE
        }


def _of_weights(version: BasketVersion) -> Iterator[str]:
    rows = list(version.weights.select_related("eval").order_by("eval__slug"))
    if not rows:
        yield _("A basket needs at least one eval.")
    before = newest_published(version)
    old = {row.eval_id: row for row in before.weights.all()} if before else {}
    for row in rows:
        named = {"eval": row.eval.name}
        if not row.owner.strip():
            yield _("The weight of %(eval)s has no owner.") % named
        if not row.rationale.strip():
            yield _("The weight of %(eval)s has no reason.") % named
        if _moved(row, old.get(row.eval_id)) and not row.goalpost_reason.strip():
            yield _("The goalposts of %(eval)s differ from those before and have no reason.") % (
                named
            )


def _moved(row: Weight, before: Weight | None) -> bool:
    """Whether goalposts are stated that are neither the eval's own nor those of the version before.

    A reference rating has no default: one that enters with its eval needs no comparison.
    """
    for name in POSTS:
        stated = getattr(row, name)
        known = [getattr(row.eval, name, stated)]
        if before is not None:
            known = [getattr(before, name)]
        if stated is not None and stated not in known:
            return True
    return False


def _of_departures(version: BasketVersion) -> Iterator[str]:
    told = dict(version.departures.values_list("eval__slug", "reason"))
    gone = dict(evals_that_left(version))
    for slug, name in gone.items():
        if not told.get(slug, "").strip():
            yield _("Say why %(eval)s leaves the basket.") % {"eval": name}
    for slug in sorted(told.keys() - gone.keys()):
        yield _("%(eval)s does not leave the basket; take its departure out.") % {"eval": slug}
