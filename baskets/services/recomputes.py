"""Requests for releases: stored with their cause, claimed together, answered by one release."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from baskets.engine import EngineError
from baskets.models import Basket, Recompute, Release
from baskets.selectors.problems import knowledge
from baskets.services import releases

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=10)
COALESCE = dt.timedelta(seconds=5)
AGAIN = dt.timedelta(seconds=30)
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


def ask_again(requests: QuerySet[Recompute]) -> int:
    """Ask now for what failed; the number of requests that were asked again."""
    failed = list(requests.filter(state=Recompute.State.FAILED).select_related("basket"))
    for request in failed:
        request_release(request.basket, cause=request.cause, due_at=timezone.now())
    return len(failed)


def waiting(now: dt.datetime) -> Q:
    """Requests that nobody holds and whose time has come, also after a holder's death."""
    return Q(state=Recompute.State.PENDING, due_at__lte=now) | Q(
        state=Recompute.State.RUNNING, lease_until__lt=now
    )


def due_baskets() -> list[int]:
    """The ids of baskets with a request that is due."""
    due = Recompute.objects.filter(waiting(timezone.now()))
    return list(due.order_by().values_list("basket", flat=True).distinct())


def _claim(basket: Basket) -> uuid.UUID | None:
    """Take every open request of a basket if one is due and no other worker is at it.

    Returns the lease under which they are held: a worker that has lost it, being late, finds
    nothing under it any more and so changes nothing.
    """
    now, lease = timezone.now(), uuid.uuid4()
    with transaction.atomic():
        Basket.objects.select_for_update(no_key=True).get(pk=basket.pk)
        requests = Recompute.objects.filter(basket=basket)
        if not requests.filter(waiting(now)).exists():
            return None
        if requests.filter(state=Recompute.State.RUNNING, lease_until__gte=now).exists():
            return None
        requests.filter(waiting(now), attempts__gte=MOST_ATTEMPTS).update(
            state=Recompute.State.FAILED,
            lease_until=None,
            error=_("Given up after %(n)s attempts.") % {"n": MOST_ATTEMPTS},
        )
        taken = requests.filter(
            Q(state=Recompute.State.PENDING, due_at__lte=now + COALESCE) | waiting(now)
        ).update(
            state=Recompute.State.RUNNING,
            lease=lease,
            lease_until=now + LEASE,
            attempts=F("attempts") + 1,
        )
    return lease if taken else None


def run_due(basket_id: int) -> Release | None:
    """Answer a basket's due requests with one release; None where there was nothing to do.

    A basket without a release of its own first gets the history that could have been published.
    """
    basket = Basket.objects.select_related("base").get(pk=basket_id)
    lease = _claim(basket)
    if lease is None:
        return None
    requests = Recompute.objects.filter(lease=lease, state=Recompute.State.RUNNING)
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
        requests.filter(attempts__gte=MOST_ATTEMPTS).update(
            state=Recompute.State.FAILED, lease_until=None, error=repr(error)
        )
        requests.update(
            state=Recompute.State.PENDING,
            lease_until=None,
            due_at=timezone.now() + AGAIN,
            error=repr(error),
        )
        raise


def _answer(basket: Basket, requests: QuerySet[Recompute]) -> Release | None:
    if not basket.releases.filter(reconstructed=False).exists():
        _replay(basket, requests)
    with transaction.atomic():
        Basket.objects.select_for_update(no_key=True).get(pk=basket.pk)
        causes = list(dict.fromkeys(requests.order_by("id").values_list("cause", flat=True)))
        if not causes:
            return None
        known = knowledge(basket)
        day = releases.today()
        versions = releases.in_force(known, day)
        if not versions:
            # Publishing has asked for a release on the day on which the first takes effect.
            requests.update(
                state=Recompute.State.DONE,
                lease_until=None,
                error=_("No version of this basket has taken effect."),
            )
            return None
        release = releases.make_release(
            known, vintage_on=day, versions=versions, cause=_cause(causes)
        )
        requests.update(state=Recompute.State.DONE, lease_until=None, release=release, error="")
    return release


def _cause(causes: Sequence[str]) -> str:
    cause = "; ".join(causes[:MOST_CAUSES])
    if len(causes) > MOST_CAUSES:
        cause += f"; {len(causes) - MOST_CAUSES} more"
    return cause[:300]


def _replay(basket: Basket, requests: QuerySet[Recompute]) -> None:
    """The monthly releases that could have been made, each stored at once: a restart goes on."""
    known = knowledge(basket)
    if not known.versions:
        return
    for month_end in releases.replay_months(known, releases.today()):
        with transaction.atomic():
            Basket.objects.select_for_update(no_key=True).get(pk=basket.pk)
            if basket.releases.filter(vintage_on__gte=month_end).exists():
                continue
            releases.make_reconstructed(known, month_end)
            requests.update(lease_until=timezone.now() + LEASE)
