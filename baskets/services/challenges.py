"""Questions to weights: asked by anybody, a few an hour; answered or hidden by a steward.

The form is limited in the database and not in the cache, because a row is counted by every process.
"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from accounts.roles import EDIT_BASKETS
from baskets.models import BasketVersion, Challenge, ChallengeRequest
from baskets.services.workflow import allow
from evals.models import Eval

REQUESTS_PER_CLIENT = 5
REQUEST_WINDOW = dt.timedelta(hours=1)


class TooManyRequests(Exception):
    """One client asked more than `REQUESTS_PER_CLIENT` times in `REQUEST_WINDOW`."""


def ask(
    version: BasketVersion,
    item: Eval,
    *,
    question: str,
    name: str,
    client: str,
    now: dt.datetime | None = None,
) -> Challenge:
    """Store a question to a weight of a published version.

    client: what the asking host is counted by (`accounts.clients`), kept only as a keyed hash and
    for an hour. Raises TooManyRequests, and stores nothing then.
    """
    now = now or timezone.now()
    _count_request(client, now)
    return Challenge.objects.create(
        basket_id=version.basket_id,
        version=version,
        eval=item,
        name=name.strip(),
        question=question.strip(),
        asked_at=now,
    )


def answer(challenge: Challenge, *, text: str, by: User) -> None:
    """Answer in public, or take the answer back with an empty text."""
    allow(by, EDIT_BASKETS)
    challenge.answer = text.strip()
    said = bool(challenge.answer)
    challenge.answered_at = timezone.now() if said else None
    challenge.answered_by = by if said else None
    challenge.save(update_fields=["answer", "answered_at", "answered_by"])


def hide(challenge: Challenge, *, reason: str, by: User) -> None:
    """Show it to nobody, for a reason; show it again with an empty one."""
    allow(by, EDIT_BASKETS)
    challenge.hidden_reason = reason.strip()
    hidden = bool(challenge.hidden_reason)
    challenge.hidden_at = timezone.now() if hidden else None
    challenge.hidden_by = by if hidden else None
    challenge.save(update_fields=["hidden_reason", "hidden_at", "hidden_by"])


def _count_request(client: str, now: dt.datetime) -> None:
    ChallengeRequest.objects.filter(at__lte=now - REQUEST_WINDOW).delete()
    key = salted_hmac("baskets.challenge", client, algorithm="sha256").hexdigest()
    recent = ChallengeRequest.objects.filter(client=key, at__gt=now - REQUEST_WINDOW)
    if recent.count() >= REQUESTS_PER_CLIENT:
        raise TooManyRequests
    # Counted again after the row is there: requests that race each other cannot exceed the limit.
    ChallengeRequest.objects.create(client=key, at=now)
    if recent.count() > REQUESTS_PER_CLIENT:
        raise TooManyRequests
