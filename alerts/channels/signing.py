"""Signatures of webhooks by the Standard Webhooks specification, version 1.

Signed is `{webhook-id}.{webhook-timestamp}.{body}` by HMAC-SHA256; a secret is written as `whsec_`
and its bytes in base64. While a new secret takes the place of an old one both sign, so that a
receiver may know either. A receiver should refuse a timestamp more than `WINDOW` seconds from its
own clock, so that nobody can send it an old message again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32
WINDOW = 300


def new_secret() -> str:
    """A secret as a receiver enters it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature_headers(
    *, ident: str, timestamp: int, body: bytes, secrets: Sequence[str]
) -> dict[str, str]:
    """The three headers of a message; `secrets` newest first, `timestamp` in Unix seconds."""
    signed = f"{ident}.{timestamp}.".encode() + body
    return {
        "webhook-id": ident,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_signature(secret, signed)}" for secret in secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
