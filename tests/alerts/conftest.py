"""Who is told, and a mail server that gets it; the world itself is in `worlds`."""

from __future__ import annotations

import asyncio
import datetime as dt
import email.policy
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings

from alerts.channels.signing import new_secret
from alerts.models import Delivery, Endpoint, Recipient, Subscription
from alerts.rules import Terms
from alerts.services.rules import set_rule
from baskets.models import Basket
from evals.models import Developer, Generation, System
from indexsite.run.processes import free_port
from tests.alerts.worlds import (
    MakeRelease,
    Scores,
    add_version,
    make_release,
    news,
    unchanged,
    weigh_safety_double,
    world,
)

__all__ = [
    "MakeRelease",
    "Scores",
    "add_version",
    "make_release",
    "news",
    "unchanged",
    "weigh_safety_double",
    "world",
]

NOW = dt.datetime(2024, 2, 3, 12, tzinfo=dt.UTC)


def recipient(email: str = "reader@example.org", **fields: Any) -> Recipient:
    """Whoever has the address."""
    return Recipient.objects.get_or_create(email=email, defaults={"created_at": NOW, **fields})[0]


def official() -> Basket:
    """The official basket, with its base system where there is no world yet."""
    developer, _made = Developer.objects.get_or_create(slug="maker", defaults={"name": "Maker"})
    family, _made = Generation.objects.get_or_create(developer=developer, name="One")
    known = {"name": "Base 1", "developer": developer, "generation": family}
    defaults = {**known, "released_on": dt.date(2026, 1, 1)}
    base, _made = System.objects.get_or_create(slug="base", defaults=defaults)
    return Basket.objects.get_or_create(slug="agi", defaults={"name": "AGI", "base": base})[0]


def rule(known: Subscription, *, series: str = "capability", minimum: float = 1.0) -> Subscription:
    """Let a subscription ask for moves of a series from so many points on."""
    terms = Terms(series=frozenset({series}), minimum=minimum)
    set_rule(known, terms=terms, basket=official())
    return known


def subscription(
    email: str = "reader@example.org",
    *,
    series: str = "capability",
    minimum: float = 1.0,
    **fields: Any,
) -> Subscription:
    """A confirmed subscription to the capability index from one point on."""
    known = {"created_at": NOW, "confirmed_at": NOW, **fields}
    made = Subscription.objects.create(recipient=recipient(email), **known)
    return rule(made, series=series, minimum=minimum)


def question(
    series: str = "capability", *, email: str = "reader@example.org", **fields: Any
) -> Delivery:
    """A confirmation that waits to be sent, due at `NOW`, for a subscription not yet confirmed."""
    asked = subscription(email, confirmed_at=None, series=series)
    known = {"kind": "confirm", "due_at": NOW, "created_at": NOW}
    return Delivery.objects.create(
        subscription=asked, recipient=asked.recipient, **{**known, **fields}
    )


def endpoint(url: str, *, kind: str = "webhook", **fields: Any) -> Endpoint:
    """An endpoint of the reader's."""
    known = {"secret": new_secret(), "created_at": NOW}
    return Endpoint.objects.create(recipient=recipient(), kind=kind, url=url, **{**known, **fields})


class PostOffice:
    """What a mail server got, and what it answers: first to RCPT, then to DATA."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.senders: list[str] = []
        self.recipient_reply = "250 OK"
        self.data_reply = "250 OK"
        self.while_receiving: Callable[[], None] = lambda: None
        self.connections = 0
        self.hang_up_after: int | None = None

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, lines: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return lines

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.hang_up_after is not None and len(self.received) >= self.hang_up_after:
            self.hang_up_after = None
            assert server.transport is not None
            server.transport.close()
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient_reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        # In a thread, because Django refuses the database to an event loop.
        await asyncio.to_thread(self.while_receiving)
        if self.data_reply.startswith("250"):
            self.senders.append(str(envelope.mail_from))
            assert isinstance(envelope.content, bytes)
            parser = BytesParser(EmailMessage, policy=email.policy.default)
            self.received.append(parser.parsebytes(envelope.content))
        return self.data_reply


@pytest.fixture
def post_office(settings: Settings) -> Iterator[PostOffice]:
    """A real SMTP server on loopback that the site is set to use."""
    office = PostOffice()
    controller = Controller(office, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TO_FILES = False
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = controller.port
    settings.EMAIL_TIMEOUT = 5
    yield office
    controller.stop()


def part(message: EmailMessage, kind: str) -> str:
    """The text of the plain or HTML part."""
    body = message.get_body(preferencelist=(kind,))
    assert body is not None
    return str(body.get_content())


def links_of(text: str) -> list[str]:
    """The paths of the addresses in a text."""
    return re.findall(r"https?://[^/\s]+(/[^\s\"<>]*)", text)
