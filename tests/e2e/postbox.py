"""A mail server on loopback that keeps what it is given."""

from __future__ import annotations

import email
import email.policy
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from indexsite.run.processes import free_port

LINK = re.compile(r"https?://\S+")


class Postbox:
    """Every mail that was handed over, in the order in which it came."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mails: list[EmailMessage] = []

    @property
    def url(self) -> str:
        """The server as EMAIL_URL names it."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a mail."""
        assert isinstance(envelope.content, bytes)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 Taken"

    def wait_for(self, count: int, *, seconds: float) -> EmailMessage:
        """The newest mail once there are `count`; AssertionError where they do not come."""
        until = time.monotonic() + seconds
        while len(self.mails) < count:
            assert time.monotonic() < until, f"{len(self.mails)} of {count} mails came"
            time.sleep(0.1)
        assert len(self.mails) == count
        return self.mails[-1]


@contextmanager
def postbox() -> Iterator[Postbox]:
    """A mail server while the block runs."""
    box = Postbox(free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def text_of(mail: EmailMessage) -> str:
    """The mail's plain text."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def links_of(mail: EmailMessage) -> list[str]:
    """The addresses in the mail's plain text."""
    return LINK.findall(text_of(mail))
