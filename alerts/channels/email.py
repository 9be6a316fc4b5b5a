"""E-mail, through Django's mail backend: SMTP, or files where no server is named."""

from __future__ import annotations

import logging
import re
import smtplib
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

logger = logging.getLogger(__name__)

REFUSED = 500
"""SMTP replies from here on are final (RFC 5321, section 4.2.1); below it they ask to try again."""


class ChannelError(Exception):
    """A message was not taken; `permanent` says that trying again cannot help.

    The text is fit for a log or a page: it holds no address.
    """

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


@dataclass(frozen=True)
class Message:
    """One mail to one address, in plain text and HTML."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    headers: dict[str, str] = field(default_factory=dict)


def send(message: Message) -> None:
    """Hand the message to the mail server, or write it to a file. Raises ChannelError."""
    mail = EmailMultiAlternatives(
        subject=one_line(message.subject),
        body=message.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.to],
        headers={"Message-ID": message.message_id, **message.headers},
    )
    mail.attach_alternative(message.html, "text/html")
    if settings.EMAIL_TO_FILES:
        _make_private(Path(settings.EMAIL_FILE_PATH))
    try:
        mail.send()
    except (smtplib.SMTPException, OSError, ValueError) as error:
        # Not chained: the original's text names the recipient, and a traceback would print it.
        raise _channel_error(error) from None
    if settings.EMAIL_TO_FILES:
        logger.info("No EMAIL_URL is set: a mail was written to %s.", settings.EMAIL_FILE_PATH)


def one_line(text: str) -> str:
    """The text as it may stand in a header: no line break or other control character."""
    printable = "".join(" " if not letter.isprintable() else letter for letter in text)
    return " ".join(printable.split())


def without_addresses(text: str) -> str:
    """The text with every mail address in it replaced."""
    return re.sub(r"<?[^\s<>]+@[^\s<>]+>?", "(address)", text)


def _make_private(folder: Path) -> None:
    # Written mails hold addresses and working links.
    if not folder.is_dir():
        folder.mkdir(parents=True, mode=0o700)


def _channel_error(error: Exception) -> ChannelError:
    """What an exception of the mail library means for the delivery."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
        return _reply_error(code, reply, permanent=code >= REFUSED)
    if isinstance(error, smtplib.SMTPResponseException):
        # Only a refusal of this very message is final. A refused log-in, sender or greeting is the
        # site's own trouble: its operator mends it, and the mail must still be there then.
        final = isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= REFUSED
        return _reply_error(error.smtp_code, error.smtp_error, permanent=final)
    reason = without_addresses(f"{type(error).__name__}: {error}")
    return ChannelError(reason[:300], permanent=isinstance(error, ValueError))


def _reply_error(code: int, reply: bytes | str, *, permanent: bool) -> ChannelError:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return ChannelError(without_addresses(f"{code} {text}")[:300], permanent=permanent)
