"""Endpoints: added by whoever has shown an address of mail, tried, renewed, taken away."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alerts.channels import CHANNELS
from alerts.channels.signing import new_secret
from alerts.models import Circuit, Delivery, Endpoint, Recipient
from alerts.services import circuits

MOST = 10
TESTS = 10
TEST_WINDOW = dt.timedelta(hours=1)
OLD_SECRET_FOR = dt.timedelta(hours=24)
MOST_OLD = 5
"""Secrets of before that sign at the same time: each makes the header longer."""


class Refused(Exception):
    """What was asked for cannot be done; the text says why, to whoever asked."""


def add_endpoint(
    recipient: Recipient, *, kind: str, url: str, now: dt.datetime | None = None
) -> Endpoint:
    """A new endpoint with a secret of its own. Raises Refused."""
    reason = CHANNELS[kind].refusal(url)
    if reason:
        raise Refused(_("Nothing can be sent to this address: %(reason)s.") % {"reason": reason})
    with transaction.atomic():
        Recipient.objects.select_for_update(no_key=True).get(pk=recipient.pk)
        if recipient.endpoints.count() >= MOST:
            raise Refused(_("You have as many addresses as there can be; take one away first."))
        return Endpoint.objects.create(
            recipient=recipient,
            kind=kind,
            url=url,
            secret=new_secret(),
            created_at=now or timezone.now(),
        )


@transaction.atomic
def renew_secret(endpoint: Endpoint, *, now: dt.datetime | None = None) -> None:
    """A new secret; those of before sign beside it until `OLD_SECRET_FOR` after their own end.

    Raises Refused where `MOST_OLD` of them still sign: a receiver may know any one alone.
    """
    now = now or timezone.now()
    held = Endpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
    old = held.old_secrets_at(now)
    if len(old) >= MOST_OLD:
        raise Refused(_("There were enough new secrets within 24 hours; please wait until then."))
    until = (now + OLD_SECRET_FOR).isoformat()
    endpoint.old_secrets = [{"secret": held.secret, "until": until}, *old]
    endpoint.secret = new_secret()
    endpoint.save(update_fields=["secret", "old_secrets"])


def send_test(endpoint: Endpoint, *, now: dt.datetime | None = None) -> Delivery:
    """A test message, due now; a disabled endpoint is tried again by it. Raises Refused."""
    now = now or timezone.now()
    recent = endpoint.deliveries.filter(kind=Delivery.Kind.TEST, created_at__gt=now - TEST_WINDOW)
    if recent.count() >= TESTS:
        raise Refused(_("This address was tested often enough; please wait for an hour."))
    with transaction.atomic():
        Endpoint.objects.filter(pk=endpoint.pk).update(disabled_at=None, disabled_reason="")
        circuits.note_success(f"{Circuit.ENDPOINT}{endpoint.pk}")
        return Delivery.objects.create(
            recipient_id=endpoint.recipient_id,
            endpoint=endpoint,
            channel=endpoint.kind,
            kind=Delivery.Kind.TEST,
            created_at=now,
            due_at=now,
        )
