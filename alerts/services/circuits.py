"""Circuit breakers: a server that fails again and again is left alone for a while.

The first message after the pause is the probe: where it is taken the circuit closes, and where it
is not the next pause is longer. The mail server's circuit opens at its first failure, because what
fails there is the server and not a message.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import F

from alerts.models import Circuit, Delivery, Endpoint

MAIL_PAUSE, LONGEST_MAIL_PAUSE = dt.timedelta(seconds=15), dt.timedelta(minutes=10)
FAILURES = 5
"""Failures in a row after which an endpoint is left alone."""

PAUSE, LONGEST_PAUSE = dt.timedelta(minutes=1), dt.timedelta(hours=4)


def circuit_of(delivery: Delivery) -> str:
    """The name of the circuit that a delivery goes through."""
    return (
        Circuit.MAIL
        if delivery.endpoint_id is None
        else f"{Circuit.ENDPOINT}{delivery.endpoint_id}"
    )


def troubled() -> set[str]:
    """The circuits with failures: only those need to be told of a success."""
    return set(Circuit.objects.filter(failures__gt=0).values_list("name", flat=True))


def note_success(name: str) -> None:
    """Close a circuit."""
    Circuit.objects.filter(name=name, failures__gt=0).update(failures=0, open_until=None, reason="")


def note_failure(name: str, *, reason: str, now: dt.datetime) -> bool:
    """Count a failure; whether the circuit is open now."""
    Circuit.objects.get_or_create(name=name)
    Circuit.objects.filter(name=name).update(failures=F("failures") + 1, reason=reason[:300])
    failures = Circuit.objects.values_list("failures", flat=True).get(name=name)
    pause = pause_after(name, failures)
    if pause is None:
        return False
    Circuit.objects.filter(name=name).update(open_until=now + pause)
    return True


def pause_after(name: str, failures: int) -> dt.timedelta | None:
    """How long a server is left alone after so many failures in a row; None: not at all."""
    first, longest, most = (
        (MAIL_PAUSE, LONGEST_MAIL_PAUSE, 1)
        if name == Circuit.MAIL
        else (PAUSE, LONGEST_PAUSE, FAILURES)
    )
    if failures < most:
        return None
    doubled: dt.timedelta = first * 2 ** min(failures - most, 20)
    return min(doubled, longest)


def forget_circuits() -> None:
    """Delete the circuits of endpoints that are gone."""
    known = {f"{Circuit.ENDPOINT}{pk}" for pk in Endpoint.objects.values_list("pk", flat=True)}
    Circuit.objects.filter(name__startswith=Circuit.ENDPOINT).exclude(name__in=known).delete()
