"""Questions to weights: asked by anybody, a few an hour; answered or hidden by a steward.

The form is limited in the database and not in the cache, because a row is counted by every process.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.audit import because
from accounts.models import User
from accounts.roles import EDIT_BASKETS
from baskets.models import BasketVersion, Challenge, ChallengeRequest
from baskets.services.refusals import NotNow
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


@transaction.atomic
def settle(
    challenge_id: int,
    *,
    by: User,
    edition: int,
    answer: str | None = None,
    hidden_reason: str | None = None,
) -> Challenge:
    """Answer in public, hide for a reason, or both; an empty text takes it back, None leaves it.

    edition: the one that the person has seen. NotNow, before anything is changed, where another
    steward has saved since.
    """
    allow(by, EDIT_BASKETS)
    found = Challenge.objects.select_for_update().get(pk=challenge_id)
    if found.edition != edition:
        raise NotNow(_("Another steward has saved this question since you opened it."))
    now = timezone.now()
    if answer is not None:
        found.answer = answer.strip()
        found.answered_at, found.answered_by = (now, by) if found.answer else (None, None)
    if hidden_reason is not None:
        found.hidden_reason = hidden_reason.strip()
        found.hidden_at, found.hidden_by = (now, by) if found.hidden_reason else (None, None)
    found.edition += 1
    with because(found.hidden_reason if hidden_reason else "", by=by):
        found.save()
    return found


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
