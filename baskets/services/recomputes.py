"""Requests for releases: stored with their cause, claimed together, answered by one release."""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import F, Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from baskets.engine import EngineError
from baskets.models import Basket, Recompute, Release
from baskets.selectors.choices import in_force, taken_now
from baskets.selectors.problems import knowledge
from baskets.services import releases
from baskets.services.holding import holding
from baskets.services.pieces import store_choices, store_pieces

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=10)
COALESCE = dt.timedelta(seconds=5)
AGAIN = dt.timedelta(seconds=30)
MOST_ATTEMPTS = 5
MOST_CAUSES = 3
# What a release may take longer than the last one, beside a part of that.
SLACK, SPARE = dt.timedelta(seconds=0.3), 1.5
SOON = 0.05
"""Seconds after a moment at which a message about it comes: not too early."""
LOOK = 0.1
"""Seconds after which who waits looks again whether something came."""


class Overtaken(Exception):
    """Something came before a release was due that it does not have; what is stored goes back."""


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


def starts_at(request: Recompute) -> dt.datetime:
    """When a worker begins with a request, so that its release is ready when it is due.

    As long before as the last release of the basket took, with something to spare, and all the
    time in which requests gather where none is known. Never on the day before: the versions that
    count are those of the day.
    """
    done = Recompute.objects.filter(basket=request.basket_id, seconds__isnull=False)
    seconds = done.order_by("-id").values_list("seconds", flat=True).first()
    ahead = COALESCE
    if seconds is not None:
        ahead = min(COALESCE, dt.timedelta(seconds=SPARE * seconds) + SLACK)
    due = request.due_at.astimezone(dt.UTC)
    return max(due - ahead, dt.datetime.combine(due, dt.time(), dt.UTC))


def next_in(basket_id: int) -> float | None:
    """Seconds until a worker begins with the next request; None where none comes in a minute."""
    pending = Recompute.objects.filter(basket=basket_id, state=Recompute.State.PENDING)
    request = pending.order_by("due_at").first()
    if request is None:
        return None
    seconds = max(0.0, (starts_at(request) - timezone.now()).total_seconds()) + SOON
    return seconds if seconds < 60 else None


def ask_again(requests: QuerySet[Recompute]) -> int:
    """Ask now for what failed; the number of requests that were asked again."""
    failed = list(requests.filter(state=Recompute.State.FAILED).select_related("basket"))
    for request in failed:
        request_release(request.basket, cause=request.cause, due_at=timezone.now())
    return len(failed)


def waiting(now: dt.datetime) -> Q:
    """Requests whose time has come, and those that were begun: their holder may have died."""
    return Q(state=Recompute.State.PENDING, due_at__lte=now) | Q(state=Recompute.State.RUNNING)


def _gathered(now: dt.datetime) -> Q:
    """The same with those whose time comes before those that came now are due, on the same day."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
    soon = Q(state=Recompute.State.PENDING, due_at__lte=now + COALESCE, due_at__lt=midnight)
    return soon | waiting(now)


def due_baskets() -> list[int]:
    """The ids of baskets with a request that is due, or was begun and not ended."""
    due = Recompute.objects.filter(waiting(timezone.now()))
    return list(due.order_by().values_list("basket", flat=True).distinct())


def _claim(basket: Basket) -> uuid.UUID | None:
    """Take every open request of a basket that is due or soon is; the caller holds the basket.

    So whoever had begun some of them is gone, however long the lease. Returns the lease under which
    they are held now: a worker that has lost it, being late, finds nothing under it any more and so
    changes nothing.
    """
    now, lease = timezone.now(), uuid.uuid4()
    with transaction.atomic():
        Basket.objects.select_for_update(no_key=True).get(pk=basket.pk)
        requests = Recompute.objects.filter(_gathered(now), basket=basket)
        requests.filter(attempts__gte=MOST_ATTEMPTS).update(
            state=Recompute.State.FAILED,
            lease_until=None,
            error=_("Given up after %(n)s attempts.") % {"n": MOST_ATTEMPTS},
        )
        taken = _take(requests, lease, now)
    return lease if taken else None


def _take(requests: QuerySet[Recompute], lease: uuid.UUID, now: dt.datetime) -> int:
    return requests.update(
        state=Recompute.State.RUNNING,
        lease=lease,
        lease_until=now + LEASE,
        attempts=F("attempts") + 1,
    )


def _came(basket: Basket) -> QuerySet[Recompute]:
    """Requests that nobody holds and that a release which is not due yet can still answer."""
    soon = _gathered(timezone.now())
    return Recompute.objects.filter(soon, basket=basket, state=Recompute.State.PENDING)


def run_due(basket_id: int) -> Release | None:
    """Answer a basket's requests with one release; None where there was nothing to do.

    Where they are due within seconds, the release is computed and stored until then, and committed
    when they are. A basket without a release of its own first gets the history that could have been
    published.
    """
    with holding(basket_id) as held:
        return _run_due(Basket.objects.select_related("base").get(pk=basket_id)) if held else None


def _run_due(basket: Basket) -> Release | None:
    lease = _claim(basket)
    if lease is None:
        return None
    requests = Recompute.objects.filter(lease=lease, state=Recompute.State.RUNNING)
    try:
        return _answer(basket, lease, requests)
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


def _answer(basket: Basket, lease: uuid.UUID, requests: QuerySet[Recompute]) -> Release | None:
    if not basket.releases.filter(reconstructed=False).exists():
        _replay(basket, requests)
    while (due := requests.aggregate(first=Min("due_at"))["first"]) is not None:
        early = due if timezone.now() < due else None
        try:
            try:
                return _made(basket, requests, early)
            except EngineError:
                # What comes until then may be what it lacked.
                _wait(basket, early)
                raise
        except Overtaken:
            _take(_came(basket), lease, timezone.now())
    return None


def _made(basket: Basket, requests: QuerySet[Recompute], due: dt.datetime | None) -> Release | None:
    """A release of what is known now, committed not before it is due; None where it is at once.

    Overtaken where something came before it was due, and nothing is stored. What comes later has a
    release of its own, so that nobody waits for ever.
    """
    began, day = time.monotonic(), releases.today()
    now = taken_now(basket, day)
    if now.taken is None:
        # Publishing has asked for a release on the day on which the first takes effect.
        requests.update(
            state=Recompute.State.DONE,
            lease_until=None,
            error=_("No version of this basket has taken effect."),
        )
        return None
    # First the parts that the choices name: who finds a choice must find its part.
    store_pieces(now.taken.texts)
    store_choices(now.choices)
    found = releases.compute_release(now.known, now.taken, vintage_on=day, versions=now.versions)
    with transaction.atomic():
        causes = list(dict.fromkeys(requests.order_by("id").values_list("cause", flat=True)))
        if not causes:
            return None
        release = releases.store_release(found, cause=_cause(causes))
        seconds = time.monotonic() - began
        _wait(basket, due)
        # Not before: until here nobody has to wait for this release.
        Basket.objects.select_for_update(no_key=True).get(pk=basket.pk)
        if due is not None and _came(basket).exists():
            raise Overtaken
        if in_force(basket, day) != {version.pk for version in now.versions}:
            raise Overtaken
        done = requests.update(
            state=Recompute.State.DONE,
            lease_until=None,
            release=release,
            error="",
            seconds=seconds,
        )
        if not done:
            transaction.set_rollback(True)
            return None
    return release


def _wait(basket: Basket, due: dt.datetime | None) -> None:
    """Return when a release is due; Overtaken as soon as something comes for it."""
    while due is not None and (rest := (due - timezone.now()).total_seconds()) > 0:
        if _came(basket).exists():
            raise Overtaken
        time.sleep(min(rest, LOOK))


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
