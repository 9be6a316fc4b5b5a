"""E-mail, through Django's mail backend: SMTP on one connection, or files where no server is named.

The envelope's sender names the delivery, so that mail that comes back says what it was about.
"""

from __future__ import annotations

import logging
import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.mime.image import MIMEImage
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils.translation import gettext_lazy as _

from alerts import letters, tokens
from alerts.channels.contract import Channel, ChannelError, Sender
from alerts.letters import Letter
from alerts.models import Delivery
from alerts.told import Told

logger = logging.getLogger(__name__)

REFUSED = 500
"""SMTP replies from here on are final (RFC 5321, section 4.2.1); below it they ask to try again."""

PER_CONNECTION = 100
"""Servers end a connection that brings too many; this one ends it first."""


class _Sender(Sender):
    """One connection for many mails, opened with the first one and again when it broke."""

    def __init__(self) -> None:
        self._letters = letters.Writer()
        self._connection: Any = None
        self._used = 0

    def send(self, delivery: Delivery, told: Told) -> None:
        """Hand one mail to the server. Raises ChannelError."""
        mail = message(delivery, self._letters.letter(told))
        try:
            self._hand_over(mail)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            # Not chained: the original's text names the recipient, and a traceback would print it.
            raise _channel_error(error) from None

    def close(self) -> None:
        """End the connection."""
        connection, self._connection, self._used = self._connection, None, 0
        if connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                connection.close()

    def _hand_over(self, mail: EmailMultiAlternatives) -> None:
        if settings.EMAIL_TO_FILES:
            _write(mail)
            return
        if self._used >= PER_CONNECTION:
            self.close()
        fresh = self._connection is None
        try:
            self._send(mail)
        except smtplib.SMTPServerDisconnected:
            self.close()
            # A server may end a connection that it held for long; that is no failure.
            if fresh:
                raise
            self._send(mail)

    def _send(self, mail: EmailMultiAlternatives) -> None:
        if self._connection is None:
            connection = get_connection()
            connection.open()
            self._connection = connection
        self._used += 1
        try:
            self._connection.send_messages([mail])
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused):
            # A reply leaves the connection usable; anything else does not.
            raise
        except (smtplib.SMTPException, OSError):
            self.close()
            raise


class Email(Channel):
    """Mail to the recipient's address."""

    name = "email"
    label = _("e-mail")

    def line(self) -> _Sender:
        """A line to the mail server."""
        return _Sender()

    @contextmanager
    def opened(self) -> Iterator[Sender]:
        """A line whose connection is closed at the end."""
        line = self.line()
        try:
            yield line
        finally:
            line.close()


def message(delivery: Delivery, letter: Letter) -> EmailMultiAlternatives:
    """The mail as it is handed over. Its Message-ID is the same for every attempt."""
    mark = tokens.delivery_mark(delivery.pk)
    mail = EmailMultiAlternatives(
        subject=one_line(letter.subject),
        body=letter.text,
        from_email=tokens.bounce_address(mark) or settings.DEFAULT_FROM_EMAIL,
        to=[delivery.recipient.email],
        headers={
            "From": settings.DEFAULT_FROM_EMAIL,
            "Message-ID": tokens.message_id(mark),
            "Auto-Submitted": "auto-generated",
            **letter.headers,
        },
    )
    mail.attach_alternative(letter.html, "text/html")
    if letter.picture:
        mail.mixed_subtype = "related"  # type: ignore[attr-defined]
        image = MIMEImage(letter.picture, "png")
        image["Content-ID"] = f"<{letters.PICTURE}>"
        image["Content-Disposition"] = 'inline; filename="chart.png"'
        mail.attach(image)
    return mail


def _write(mail: EmailMultiAlternatives) -> None:
    """One file for each mail, in a folder that only this user can read."""
    folder = Path(settings.EMAIL_FILE_PATH)
    # Written mails hold addresses and working links.
    if not folder.is_dir():
        folder.mkdir(parents=True, mode=0o700)
    mail.send()
    logger.info("No EMAIL_URL is set: a mail was written to %s.", folder)


def one_line(text: str) -> str:
    """The text as it may stand in a header: no line break or other control character."""
    printable = "".join(" " if not letter.isprintable() else letter for letter in text)
    return " ".join(printable.split())


def without_addresses(text: str) -> str:
    """The text with every mail address in it replaced."""
    return re.sub(r"<?[^\s<>]+@[^\s<>]+>?", "(address)", text)


def _channel_error(error: Exception) -> ChannelError:
    """What an exception of the mail library means for the delivery."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
        final = code >= REFUSED
        return ChannelError(_told(code, reply), permanent=final, gone=final)
    if isinstance(error, smtplib.SMTPDataError):
        return ChannelError(
            _told(error.smtp_code, error.smtp_error), permanent=error.smtp_code >= REFUSED
        )
    if isinstance(error, smtplib.SMTPResponseException):
        # A refused log-in, sender or greeting is the site's own trouble: its operator mends it,
        # and the mail must still be there then.
        return ChannelError(
            _told(error.smtp_code, error.smtp_error), permanent=False, unreachable=True
        )
    reason = without_addresses(f"{type(error).__name__}: {error}")[:300]
    unusable = isinstance(error, ValueError)
    return ChannelError(reason, permanent=unusable, unreachable=not unusable)


def _told(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return without_addresses(f"{code} {text}")[:300]
