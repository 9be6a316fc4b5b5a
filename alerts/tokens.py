"""Signed links: each token serves one purpose, and none holds an address."""

from __future__ import annotations

import datetime as dt

from django.core import signing

CONFIRM_FOR = dt.timedelta(days=3)
_CONFIRM = "alerts.confirm"
_UNSUBSCRIBE = "alerts.unsubscribe"


class TokenError(Exception):
    """A link that this site did not make, or made for something else."""


class TokenExpired(TokenError):
    """A confirmation link older than `CONFIRM_FOR`."""


def confirm_token(delivery_id: int) -> str:
    """A token that answers the confirmation sent as `delivery_id`; good for `CONFIRM_FOR`."""
    return signing.dumps(delivery_id, salt=_CONFIRM)


def read_confirm_token(token: str) -> int:
    """The delivery's id. Raises TokenExpired or TokenError."""
    try:
        return int(signing.loads(token, salt=_CONFIRM, max_age=CONFIRM_FOR))
    except signing.SignatureExpired as error:
        raise TokenExpired from error
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise TokenError from error


def unsubscribe_token(subscription_id: int) -> str:
    """A token that ends one subscription. It has no expiry: an old mail must still let go."""
    return signing.dumps(subscription_id, salt=_UNSUBSCRIBE)


def read_unsubscribe_token(token: str) -> int:
    """The subscription's id. Raises TokenError."""
    try:
        return int(signing.loads(token, salt=_UNSUBSCRIBE))
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise TokenError from error
