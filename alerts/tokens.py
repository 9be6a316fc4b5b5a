"""Signed links and marks: each serves one purpose, and none holds an address."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

CONFIRM_FOR = dt.timedelta(days=3)
MANAGE_FOR = dt.timedelta(hours=24)
END_FOR = dt.timedelta(days=730)
"""An old mail must still let go; after two years its owner asks for a link to manage."""

_CONFIRM = "alerts.confirm"
_UNSUBSCRIBE = "alerts.unsubscribe"
_MANAGE = "alerts.manage"
_MARK = "alerts.delivery"
MARK = re.compile(r"\b(\d{1,18})\.([0-9a-f]{20})\b")


class TokenError(Exception):
    """A link that this site did not make, or made for something else."""


class TokenExpired(TokenError):
    """A link that is too old; `days` is how long one works."""

    def __init__(self, life: dt.timedelta) -> None:
        super().__init__()
        self.days = life.days


def confirm_token(delivery_id: int) -> str:
    """A token that answers the confirmation sent as `delivery_id`; good for `CONFIRM_FOR`."""
    return signing.dumps(delivery_id, salt=_CONFIRM)


def read_confirm_token(token: str) -> int:
    """The delivery's id. Raises TokenExpired or TokenError."""
    return _read(token, _CONFIRM, CONFIRM_FOR)


def unsubscribe_token(subscription_ids: Sequence[int]) -> str:
    """A token that ends these subscriptions; good for `END_FOR`."""
    return signing.dumps(list(subscription_ids), salt=_UNSUBSCRIBE)


def read_unsubscribe_token(token: str) -> list[int]:
    """The subscriptions' ids. Raises TokenExpired or TokenError."""
    found = _loaded(token, _UNSUBSCRIBE, END_FOR)
    # Mails of earlier versions name one subscription, and not a list.
    listed = found if isinstance(found, list) else [found]
    ids = [pk for pk in listed if isinstance(pk, int)]
    if len(ids) < len(listed):
        raise TokenError
    return ids


def manage_token(recipient_id: int) -> str:
    """A token that opens a recipient's own page; good for `MANAGE_FOR`."""
    return signing.dumps(recipient_id, salt=_MANAGE)


def read_manage_token(token: str) -> int:
    """The recipient's id. Raises TokenExpired or TokenError."""
    return _read(token, _MANAGE, MANAGE_FOR)


def _read(token: str, purpose: str, life: dt.timedelta) -> int:
    found = _loaded(token, purpose, life)
    if not isinstance(found, int):
        raise TokenError
    return found


def _loaded(token: str, purpose: str, life: dt.timedelta) -> object:
    try:
        return signing.loads(token, salt=purpose, max_age=life)
    except signing.SignatureExpired as error:
        raise TokenExpired(life) from error
    except (signing.BadSignature, ValueError) as error:
        raise TokenError from error


def delivery_mark(delivery_id: int) -> str:
    """What names a delivery where anybody can write, such as in mail that comes back."""
    digest = salted_hmac(_MARK, str(delivery_id), algorithm="sha256").hexdigest()
    return f"{delivery_id}.{digest[:20]}"


def marked_delivery(text: str) -> int | None:
    """The delivery that the first genuine mark in a text names."""
    for found in MARK.finditer(text):
        if constant_time_compare(delivery_mark(int(found[1])), found[0]):
            return int(found[1])
    return None


def message_id(mark: str) -> str:
    """The Message-ID of a mail: the same for every attempt at one delivery."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"<{mark}@{host}>"


def bounce_address(mark: str) -> str:
    """Where mail about this delivery comes back to; empty where nobody takes it."""
    local, _at, host = settings.EMAIL_BOUNCES.rpartition("@")
    return f"{local}+{mark}@{host}" if local else ""
