"""One message posted to an address that a person gave: bounded in time, never to a private place.

The answer's body is not read: its status and headers say all that matters.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.utils import timezone
from urllib3.response import HTTPResponse

from alerts.channels.contract import Channel, ChannelError, Sender
from alerts.models import Delivery
from alerts.told import Told
from evals.feeding.addresses import FeedFailed, NotAllowed, NotPublic, Target, resolved, target_of
from evals.feeding.connecting import Clock, connected

AGENT = "agi-index-alerts"
PATIENCE, TOTAL = 5.0, 10.0
"""Seconds between two signs of life, and for the whole with its redirects."""

MOST_REDIRECTS = 3
# The two that keep the method: after any other the message would be asked for, not given.
REDIRECTS = {307, 308}
GONE = 410
PASSING = {408, 409, 425, 429}
LONGEST_WAIT = dt.timedelta(hours=24).total_seconds()


def refusal(url: str) -> str:
    """Why messages cannot be posted to `url`, by its form alone or by where its name leads now.

    A name that cannot be resolved at this moment is refused too; every sending asks again.
    """
    try:
        target = target_of(url)
        resolved(target, private_allowed=_private_allowed(target))
    except FeedFailed as failure:
        return _reason(failure)
    return ""


def post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Post JSON. Raises ChannelError for any answer but 2xx, and where none came in time."""
    clock = Clock(PATIENCE, TOTAL)
    try:
        target = target_of(url)
        for _hop in range(MOST_REDIRECTS + 1):
            reach = connected(target, clock, private_allowed=_private_allowed(target))
            with reach as (connection, _ended):
                connection.request(
                    "POST", target.path, body, _headers(target, headers), preload_content=False
                )
                answer = connection.getresponse()
                if answer.status not in REDIRECTS:
                    return _judge(answer)
                target = _next(target, answer)
    except NotAllowed as refused:
        raise ChannelError(_reason(refused), permanent=True) from None
    except FeedFailed as failure:
        raise ChannelError(_reason(failure), permanent=False) from None
    raise ChannelError(f"more than {MOST_REDIRECTS} redirects", permanent=False)


def _reason(failure: FeedFailed) -> str:
    # Who enters an address is not to learn from us what our own network calls its machines.
    if isinstance(failure, NotPublic):
        return "the address does not lead to a public place of the internet"
    return str(failure)[:300]


def _private_allowed(target: Target) -> bool:
    return f"{target.host}:{target.port}" in settings.ALERTS_ALLOW_PRIVATE


def _headers(target: Target, headers: Mapping[str, str]) -> dict[str, str]:
    return {
        "Host": target.netloc,
        "User-Agent": AGENT,
        "Content-Type": "application/json",
        **headers,
    }


def _next(target: Target, answer: HTTPResponse) -> Target:
    found = target_of(urljoin(target.url, answer.headers.get("Location", "")))
    if target.secure and not found.secure:
        raise NotAllowed("the answer leads from https to http")
    return found


def _judge(answer: HTTPResponse) -> None:
    """Nothing where the message was taken. Raises ChannelError."""
    status = answer.status
    if 200 <= status < 300:
        return
    raise ChannelError(
        f"the receiver answers {status}",
        permanent=300 <= status < 500 and status not in PASSING,
        gone=status == GONE,
        retry_after=wait_asked(answer.headers.get("Retry-After", "")),
    )


def wait_asked(header: str) -> float | None:
    """The seconds of a Retry-After, given as a number or as a moment; None where it says nothing.

    At most `LONGEST_WAIT`.
    """
    header = header.strip()
    if header.isascii() and header.isdigit():
        return min(float(header), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return min(max((moment - timezone.now()).total_seconds(), 0.0), LONGEST_WAIT)


class PostedChannel(Channel):
    """A channel that posts to addresses of the web, each of which its owner entered."""

    endpoints = True
    side_by_side = 8

    def refusal(self, url: str) -> str:
        """Why nothing can be posted to `url`."""
        return refusal(url)


class JsonSender(Sender):
    """Posts what `payload` makes of a message, as JSON, on a connection of its own."""

    def __init__(self, payload: Callable[[Told], dict[str, Any]]) -> None:
        self._payload = payload

    def send(self, delivery: Delivery, told: Told) -> None:
        """Post one message. Raises ChannelError."""
        assert delivery.endpoint is not None
        body = json.dumps(self._payload(told), ensure_ascii=False).encode()
        post(delivery.endpoint.url, body, {})
