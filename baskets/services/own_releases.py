"""Making the releases of own baskets: after those of the parents, a few at a time, once each.

Every release that an own basket lacks is a row of work, written in the transaction of its cause.
One worker at a time claims rows of one release, because what they share is read and fitted once:
first what came after the baskets were saved, in its order, then their past, the newest first. It
stops for every release that a parent waits for.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid

from django.db import connection, transaction
from django.db.models import F, Max, Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from baskets.models import OwnBasket, OwnRelease, OwnWork, Recompute, Release
from baskets.selectors.own_content import made_of

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=5)
AGAIN = dt.timedelta(minutes=1)
LATE = dt.timedelta(days=2)
MOST_ATTEMPTS = 5
AT_A_TIME = 20
BUDGET = 2.0
"""Seconds after which a worker begins no further release of an own basket, so that imports and
alerts which came meanwhile have their turn."""

# Any number that no other advisory lock of the site has.
ONE_WORKER = 6_240_006


def ask_for_history(own: OwnBasket) -> None:
    """Ask for what a new own basket makes of every release of its parent."""
    rows = Release.objects.filter(basket=own.basket_id).values_list("pk", flat=True)
    OwnWork.objects.bulk_create(
        (OwnWork(own=own, release_id=pk) for pk in rows), ignore_conflicts=True
    )


def ask_for_release(release: Release) -> None:
    """Ask every own basket of the parent for what it makes of a release."""
    every = OwnBasket.objects.filter(basket=release.basket_id)
    lacking = every.exclude(releases__release=release).exclude(work__release=release)
    OwnWork.objects.bulk_create(
        (OwnWork(own_id=own.pk, release=release) for own in lacking.order_by("pk").only("pk")),
        ignore_conflicts=True,
    )


_LACKING = """
INSERT INTO baskets_ownwork (own_id, release_id, state, due_at, attempts, error)
SELECT own.id, release.id, 'pending', %(now)s, 0, ''
FROM baskets_ownbasket own JOIN baskets_release release USING (basket_id)
WHERE release.created_at > %(since)s AND NOT EXISTS (
    SELECT FROM baskets_ownrelease made WHERE made.own_id = own.id AND made.release_id = release.id
) ON CONFLICT (own_id, release_id) DO NOTHING
"""


def ask_for_lacking() -> int:
    """Ask for the late releases that own baskets lack and that nobody has asked for; how many.

    A basket that was saved while its parent's release was being stored was seen by neither, and
    what asks after the commit of a release may be lost. Both are asked for within seconds.
    """
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_LACKING, {"now": now, "since": now - LATE})
        return int(cursor.rowcount)


def ask_again(work: QuerySet[OwnWork]) -> int:
    """Ask anew for what was given up; the number of rows."""
    return work.filter(state=OwnWork.State.FAILED).update(
        state=OwnWork.State.PENDING, attempts=0, due_at=timezone.now()
    )


def waiting(now: dt.datetime) -> Q:
    """Rows that nobody holds and whose time has come, also after a holder's death."""
    return Q(state=OwnWork.State.PENDING, due_at__lte=now) | Q(
        state=OwnWork.State.RUNNING, lease_until__lt=now
    )


def is_due() -> bool:
    """Whether a worker would find something to do."""
    return OwnWork.objects.filter(waiting(timezone.now())).exists()


def parent_waits() -> bool:
    """Whether a release of a parent is due: it goes first.

    One that is made before it is due lets others work, or a stream of imports would stop them.
    """
    due = Recompute.objects.filter(due_at__lte=timezone.now())
    held = Q(state=Recompute.State.RUNNING, lease_until__gte=timezone.now())
    return due.filter(Q(state=Recompute.State.PENDING) | held).exists()


def run_due(*, budget: float = BUDGET) -> int:
    """Make what is due until the budget (seconds) is spent or a parent waits; how many were made.

    Does nothing where another worker is at it.
    """
    until, made = time.monotonic() + budget, 0
    while not parent_waits() and (lease := _claim()) is not None:
        try:
            made += _make(lease, until)
        finally:
            _give_back(lease)
        if time.monotonic() >= until:
            break
    return made


def _claim() -> uuid.UUID | None:
    """Take some rows of one release under a lease of their own; None where there is nothing."""
    now, lease = timezone.now(), uuid.uuid4()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_WORKER])
        held = OwnWork.objects.filter(state=OwnWork.State.RUNNING, lease_until__gte=now)
        if held.exists():
            return None
        OwnWork.objects.filter(waiting(now), attempts__gte=MOST_ATTEMPTS).update(
            state=OwnWork.State.FAILED,
            lease_until=None,
            error=_("Given up after %(n)s attempts.") % {"n": MOST_ATTEMPTS},
        )
        due = OwnWork.objects.filter(waiting(now))
        # One that broke off comes after all others: it may take its worker with it.
        chosen = due.filter(release=_next(due)).order_by("attempts", "pk").values("pk")
        taken = OwnWork.objects.filter(pk__in=chosen[:AT_A_TIME]).update(
            state=OwnWork.State.RUNNING, lease=lease, lease_until=now + LEASE
        )
    return lease if taken else None


def _next(due: QuerySet[OwnWork]) -> int | None:
    """The release whose turn it is."""
    new = due.filter(release__created_at__gt=F("own__created_at"))
    found: int | None = new.aggregate(first=Min("release"))["first"]
    return found or due.aggregate(newest=Max("release"))["newest"]


def _make(lease: uuid.UUID, until: float) -> int:
    """Make the releases that are held under a lease, one transaction each; how many were made."""
    made = 0
    held = OwnWork.objects.filter(lease=lease, state=OwnWork.State.RUNNING)
    rows = held.order_by("attempts", "pk")
    for work in rows.select_related("own", "release__basket").defer("release__bundle"):
        # At least one of them, or a short budget would never end the work.
        if made and (time.monotonic() >= until or parent_waits()):
            break
        # Counted before it begins, for what ends a worker leaves it no time to count.
        mine = OwnWork.objects.filter(pk=work.pk, lease=lease)
        if not mine.update(attempts=F("attempts") + 1):
            continue
        try:
            made += _make_one(work, lease)
        except Exception as error:
            logger.exception("The release of an own basket broke off: %s", work)
            _failed(work, lease, error)
    return made


def _make_one(work: OwnWork, lease: uuid.UUID) -> int:
    own, release = work.own, work.release
    versions = list(own.versions.select_related("anchor__basket").defer("anchor__bundle"))
    row = made_of(own, versions, release).row(own, release) if versions else None
    with transaction.atomic():
        # Whoever has lost the lease, or whose basket was deleted meanwhile, stores nothing.
        mine = OwnWork.objects.select_for_update().filter(pk=work.pk, lease=lease)
        if row is None or not mine.exists():
            return 0
        if not OwnRelease.objects.filter(own=own, release=release).exists():
            row.save(force_insert=True)
        OwnWork.objects.filter(pk=work.pk).delete()
    return 1


def _failed(work: OwnWork, lease: uuid.UUID, error: Exception) -> None:
    mine = OwnWork.objects.filter(pk=work.pk, lease=lease)
    mine.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=OwnWork.State.FAILED, lease=None, lease_until=None, error=repr(error)
    )
    mine.update(
        state=OwnWork.State.PENDING,
        lease=None,
        lease_until=None,
        due_at=timezone.now() + AGAIN,
        error=repr(error),
    )


def _give_back(lease: uuid.UUID) -> None:
    """What was claimed and not begun waits for the next worker."""
    OwnWork.objects.filter(lease=lease).update(
        state=OwnWork.State.PENDING, lease=None, lease_until=None
    )
