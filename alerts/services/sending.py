"""One round of sending: what was claimed goes out, and each row is told how it ended."""

from __future__ import annotations

import datetime as dt
import logging
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone, translation

from alerts.channels.contract import Channel, ChannelError, Sender
from alerts.models import Delivery
from alerts.services import circuits, limits, receivers
from alerts.telling import Teller
from alerts.told import Told

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 14
FIRST_PAUSE = dt.timedelta(seconds=30)
LONGEST_PAUSE = dt.timedelta(hours=4)
LATEST_START = dt.timedelta(minutes=5)
"""No sending begins with less of the lease left than this."""

Parcel = tuple[Delivery, Told]


def pause(attempts: int, *, jitter: float) -> dt.timedelta:
    """How long to wait after `attempts` (from 1) failures; fourteen attempts take about 24 hours.

    `jitter` in [0, 1) spreads it over half to one and a half, so that deliveries which failed
    together do not return together.
    """
    doubled: dt.timedelta = FIRST_PAUSE * 2 ** (attempts - 1)
    return min(doubled, LONGEST_PAUSE) * (0.5 + jitter)


class Round:
    """Sends batches over one open line. `now` is given by tests only."""

    def __init__(self, channel: Channel, sender: Sender) -> None:
        self._channel, self._sender = channel, sender
        self._teller = Teller()
        self._troubled: set[str] = set()

    def send(self, batch: Sequence[Delivery], *, now: dt.datetime | None = None) -> list[str]:
        """Send what was claimed; the new state of each, in another order."""
        states, parcels = self._prepared(batch, now=now or timezone.now())
        self._troubled = circuits.troubled()
        tripped: set[str] = set()
        for wave in _waves(parcels, self._channel.side_by_side):
            ready = []
            for parcel in wave:
                if _may_start(parcel[0], tripped, now=now or timezone.now()):
                    ready.append(parcel)
                else:
                    states.append(_give_back(parcel[0]))
            errors = self._sent(ready)
            for (delivery, _told), error in zip(ready, errors, strict=True):
                states.append(self._ended(delivery, error, tripped, now=now or timezone.now()))
        return states

    def _prepared(
        self, batch: Sequence[Delivery], *, now: dt.datetime
    ) -> tuple[list[str], list[Parcel]]:
        """What can be sent, and the states of what cannot."""
        states, parcels = [], []
        over = limits.over_limit(batch, now=now)
        for delivery in batch:
            if delivery.pk in over:
                states.append(_give_back(delivery, due_at=now + limits.PAUSE))
            elif delivery.attempts > MAX_ATTEMPTS:
                states.append(mark(delivery, Delivery.State.FAILED))
            elif isinstance(told := self._told(delivery, now=now), str):
                states.append(told)
            else:
                parcels.append((delivery, told))
        return states, parcels

    def _told(self, delivery: Delivery, *, now: dt.datetime) -> Told | str:
        """What the message says, or the state of a delivery that has nothing to say.

        One that cannot be worded must not hold up the others of its round.
        """
        try:
            told = self._teller.told(delivery, now=now)
        except DatabaseError:
            raise
        except Exception:
            logger.exception("Delivery %s cannot be worded.", delivery.pk)
            wait = pause(delivery.attempts, jitter=0.5)
            return mark(delivery, Delivery.State.PENDING, due_at=now + wait, error="not worded")
        return mark(delivery, Delivery.State.DROPPED) if told is None else told

    def _sent(self, parcels: Sequence[Parcel]) -> list[ChannelError | None]:
        if len(parcels) < 2:
            return [self._try(*parcel) for parcel in parcels]
        with ThreadPoolExecutor(len(parcels)) as pool:
            return list(pool.map(lambda parcel: self._try(*parcel), parcels))

    def _try(self, delivery: Delivery, told: Told) -> ChannelError | None:
        try:
            # Here and not before: a thread of its own begins in the site's language.
            with translation.override(told.language):
                self._sender.send(delivery, told)
        except ChannelError as error:
            return error
        except Exception as error:
            # One message that cannot be written must not hold up the others. Its text and trace
            # are not told: they may name the recipient.
            return ChannelError(f"not sent: {type(error).__name__}", permanent=False)
        return None

    def _ended(
        self,
        delivery: Delivery,
        error: ChannelError | None,
        tripped: set[str],
        *,
        now: dt.datetime,
    ) -> str:
        """Note how a sending ended, with the delivery, its receiver and the circuit."""
        name = circuits.circuit_of(delivery)
        if error is None:
            self._well(name)
            logger.info("Delivery %s was sent by %s.", delivery.pk, delivery.channel)
            return mark(delivery, Delivery.State.SENT, sent_at=now, error="")
        logger.warning("Delivery %s, attempt %s: %s", delivery.pk, delivery.attempts, error)
        if delivery.endpoint_id is not None or error.unreachable:
            self._troubled.add(name)
            if circuits.note_failure(name, reason=str(error), now=now):
                tripped.add(name)
        else:
            self._well(name)
        if error.gone:
            receivers.note_gone(delivery, str(error), now=now)
        if error.permanent or delivery.attempts >= MAX_ATTEMPTS:
            return mark(delivery, Delivery.State.FAILED, error=str(error))
        wait = pause(delivery.attempts, jitter=random.random())  # noqa: S311 - no secret
        wait = max(wait, dt.timedelta(seconds=error.retry_after or 0))
        return mark(delivery, Delivery.State.PENDING, due_at=now + wait, error=str(error))

    def _well(self, name: str) -> None:
        if name in self._troubled:
            circuits.note_success(name)
            self._troubled.discard(name)


def _waves(parcels: Sequence[Parcel], most: int) -> Iterator[list[Parcel]]:
    """The parcels in order, up to `most` at a time, those of one wave for different receivers."""
    if most == 1:
        yield from ([parcel] for parcel in parcels)
        return
    queues: dict[str, list[Parcel]] = defaultdict(list)
    for parcel in parcels:
        queues[circuits.circuit_of(parcel[0])].append(parcel)
    while queues:
        names = list(queues)[:most]
        yield [queues[name].pop(0) for name in names]
        queues = defaultdict(list, {name: left for name, left in queues.items() if left})


def _may_start(delivery: Delivery, tripped: set[str], *, now: dt.datetime) -> bool:
    lease = delivery.lease_until
    return (
        circuits.circuit_of(delivery) not in tripped
        and lease is not None
        and lease - now >= LATEST_START
    )


def _give_back(delivery: Delivery, *, due_at: dt.datetime | None = None) -> str:
    """Undo a claim: this was no attempt."""
    return mark(
        delivery,
        Delivery.State.PENDING,
        attempts=F("attempts") - 1,
        due_at=due_at or delivery.due_at,
    )


def mark(delivery: Delivery, state: Delivery.State, **fields: object) -> str:
    """Say how a claimed delivery ended; only the holder of its lease can."""
    held = Delivery.objects.filter(
        pk=delivery.pk, state=Delivery.State.SENDING, lease_until=delivery.lease_until
    )
    free = {"lease_until": None, "holder_pid": None, "holder_since": None}
    if delivery.period is None:
        held.update(state=state, **free, **fields)
        return state.value
    with transaction.atomic():
        marked = held.update(state=state, **free, **fields)
        if marked and state in {Delivery.State.SENT, Delivery.State.DROPPED}:
            gathered = Delivery.objects.filter(digest=delivery, state=Delivery.State.GATHERED)
            gathered.update(state=state, sent_at=fields.get("sent_at"))
    return state.value
