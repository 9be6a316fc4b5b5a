"""Requests for releases: stored with their cause, claimed together, answered by one release."""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from baskets.engine import EngineError
from baskets.models import Basket, Recompute, Release
from baskets.selectors.problems import knowledge
from baskets.services import releases

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=10)
COALESCE = dt.timedelta(seconds=5)
MOST_ATTEMPTS = 5
MOST_CAUSES = 3


def next_due(now: dt.datetime, policy: str) -> dt.datetime:
    """When a change made now is released: in 5 s, at the next midnight, or at Monday's (UTC)."""
    if policy == "immediate":
        return now + COALESCE
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
    if policy == "weekly":
        midnight += dt.timedelta(days=(7 - midnight.weekday()) % 7)
    return midnight


def request_release(basket: Basket, *, cause: str, due_at: dt.datetime | None = None) -> Recompute:
    """Ask for a release of `basket`, due under the release policy unless `due_at` says when."""
    due = due_at or next_due(timezone.now(), settings.RELEASE_POLICY)
    return Recompute.objects.create(basket=basket, cause=cause[:300], due_at=due)


def waiting(now: dt.datetime) -> Q:
    """Requests that nobody holds and whose time has come, also after a holder's death."""
    return Q(state=Recompute.State.PENDING, due_at__lte=now) | Q(
        state=Recompute.State.RUNNING, lease_until__lt=now
    )


def due_baskets() -> list[int]:
    """The ids of baskets with a request that is due."""
    due = Recompute.objects.filter(waiting(timezone.now()))
    return list(due.order_by().values_list("basket", flat=True).distinct())


def _claim(basket: Basket) -> list[int]:
    """Take every open request of a basket if one is due and no other worker is at it."""
    now = timezone.now()
    with transaction.atomic():
        Basket.objects.select_for_update().get(pk=basket.pk)
        requests = Recompute.objects.filter(basket=basket)
        if not requests.filter(waiting(now)).exists():
            return []
        if requests.filter(state=Recompute.State.RUNNING, lease_until__gte=now).exists():
            return []
        open_requests = requests.filter(
            Q(state=Recompute.State.PENDING, due_at__lte=now + COALESCE) | waiting(now)
        )
        ids = list(open_requests.values_list("pk", flat=True))
        requests.filter(pk__in=ids).update(
            state=Recompute.State.RUNNING, lease_until=now + LEASE, attempts=F("attempts") + 1
        )
    return ids


def run_due(basket_id: int) -> Release | None:
    """Answer a basket's due requests with one release; None where there was nothing to do.

    A basket without a release of its own first gets the history that could have been published.
    """
    basket = Basket.objects.select_related("base").get(pk=basket_id)
    ids = _claim(basket)
    if not ids:
        return None
    requests = Recompute.objects.filter(pk__in=ids)
    try:
        return _answer(basket, requests)
    except EngineError as error:
        logger.warning("No release of %s: %s: %s", basket.slug, error.name, error.detail)
        requests.update(
            state=Recompute.State.FAILED,
            lease_until=None,
            error=f"{error.name}: {error.detail}",
        )
        return None
    except Exception as error:
        logger.exception("The release of %s broke off", basket.slug)
        ended = requests.filter(attempts__gte=MOST_ATTEMPTS)
        ended.update(state=Recompute.State.FAILED, lease_until=None, error=repr(error))
        requests.exclude(state=Recompute.State.FAILED).update(
            state=Recompute.State.PENDING,
            lease_until=None,
            due_at=timezone.now() + dt.timedelta(seconds=30),
            error=repr(error),
        )
        raise


def _answer(basket: Basket, requests: QuerySet[Recompute]) -> Release:
    if not basket.releases.filter(reconstructed=False).exists():
        _replay(basket, requests)
    with transaction.atomic():
        Basket.objects.select_for_update().get(pk=basket.pk)
        known = knowledge(basket)
        causes = list(dict.fromkeys(requests.order_by("id").values_list("cause", flat=True)))
        cause = "; ".join(causes[:MOST_CAUSES])
        if len(causes) > MOST_CAUSES:
            cause += f"; {len(causes) - MOST_CAUSES} more"
        day = releases.today()
        release = releases.make_release(
            known, vintage_on=day, versions=releases.in_force(known, day), cause=cause[:300]
        )
        requests.update(state=Recompute.State.DONE, lease_until=None, release=release, error="")
    return release


def _replay(basket: Basket, requests: QuerySet[Recompute]) -> None:
    """The monthly releases that could have been made, each stored at once: a restart goes on."""
    known = knowledge(basket)
    if not known.versions:
        return
    done = set(basket.releases.values_list("vintage_on", flat=True))
    for month_end in releases.replay_months(known, releases.today()):
        if done and month_end <= max(done):
            continue
        with transaction.atomic():
            Basket.objects.select_for_update().get(pk=basket.pk)
            releases.make_reconstructed(known, month_end)
            requests.update(lease_until=timezone.now() + LEASE)
