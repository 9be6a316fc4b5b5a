"""Mail that comes back: believed by its mark alone, and final failures only."""

from __future__ import annotations

import io
import mailbox
from email.message import EmailMessage
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command

from alerts import services, tokens
from alerts.models import Delivery, Recipient
from alerts.services.bounces import take_bounce
from tests.alerts.conftest import NOW, PostOffice, question

pytestmark = pytest.mark.django_db

REPORT = """From: MAILER-DAEMON@mx.example.org
To: {to}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

It did not arrive.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; reader@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} <reader@example.org> is not here

--B
Content-Type: text/rfc822-headers

Message-ID: {message_id}
Subject: Something

--B--
"""


def report(
    pk: int, *, to: str = "", message_id: str = "", status: str = "5.1.1", action: str = "failed"
) -> bytes:
    """A report as mail servers send it; by default the mark is in the address it came to."""
    to = to or f"bounces+{tokens.delivery_mark(pk)}@index.example"
    text = REPORT.format(to=to, action=action, status=status, message_id=message_id or "<x@y>")
    return text.encode()


def test_it_writes_no_more_to_a_mailbox_that_does_not_exist() -> None:
    pk = question(state="sent").pk
    assert take_bounce(report(pk), now=NOW) == "disabled"
    known = Recipient.objects.get()
    assert known.bounced_at == NOW and known.bounce == "5.1.1 550 5.1.1 (address) is not here"
    assert "reader" not in Delivery.objects.get().error


def test_it_knows_a_mail_by_its_returned_message_id() -> None:
    pk = question().pk
    named = tokens.message_id(tokens.delivery_mark(pk))
    raw = report(pk, to="alerts@index.example", message_id=named)
    assert take_bounce(raw) == "disabled"


@pytest.mark.parametrize("mark", ["1." + "0" * 20, "", "x"])
def test_it_believes_no_report_that_names_no_delivery_of_ours(mark: str) -> None:
    pk = question().pk
    assert take_bounce(report(pk, to=f"bounces+{mark}@index.example")) == "unknown"
    assert take_bounce(b"") == take_bounce(b"\xff\x00 nonsense") == "unknown"
    assert Recipient.objects.get().bounces == 0


@pytest.mark.parametrize(
    ("status", "action"), [("4.4.1", "failed"), ("5.1.1", "delayed"), ("5.2.2", "failed")]
)
def test_it_takes_no_passing_trouble_for_the_end(status: str, action: str) -> None:
    assert take_bounce(report(question().pk, status=status, action=action)) == "passing"
    assert Recipient.objects.get().bounced_at is None


def test_it_gives_an_address_up_after_three_other_refusals() -> None:
    pk = question().pk
    outcomes = [take_bounce(report(pk, status="5.7.1")) for _ in range(3)]
    assert outcomes == ["counted", "counted", "disabled"]


def test_it_begins_afresh_when_the_address_is_confirmed_again(post_office: PostOffice) -> None:
    asked = question()
    post_office.recipient_reply = "550 5.1.1 No such person"
    assert services.send_delivery(asked.pk, now=NOW) == "failed"
    assert Recipient.objects.get().bounced_at == NOW
    services.confirm(tokens.confirm_token(asked.pk))
    known = Recipient.objects.get()
    assert (known.bounced_at, known.bounces, known.bounce) == (None, 0, "")


def test_it_stores_a_reason_that_no_database_takes_as_it_is() -> None:
    asked = question()
    take_bounce(report(asked.pk).replace(b"is not here", b"is not\0here"))
    asked.refresh_from_db()
    assert asked.error.endswith("is not here")


def test_it_believes_no_mark_of_a_message_that_was_no_mail() -> None:
    asked = question()
    Delivery.objects.update(channel="webhook")
    assert take_bounce(report(asked.pk)) == "unknown"


def test_it_reads_what_a_mail_server_pipes(capsys: pytest.CaptureFixture[str]) -> None:
    raw = report(question().pk)
    with patch("sys.stdin", io.TextIOWrapper(io.BytesIO(raw))):
        call_command("take_bounces")
    assert capsys.readouterr().out == "disabled=1\n"


def test_it_reads_a_maildir_once_and_an_mbox(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = report(question().pk, status="5.7.1")
    folder = mailbox.Maildir(tmp_path / "mail")
    folder.add(raw)
    folder.add(EmailMessage())
    box = mailbox.mbox(tmp_path / "box")
    box.add(raw)
    box.close()
    for path in ("mail", "mail", "box"):
        call_command("take_bounces", str(tmp_path / path))
    assert capsys.readouterr().out == "counted=1 unknown=1\nno mail\ncounted=1\n"
    with pytest.raises(CommandError, match="neither a Maildir nor an mbox"):
        call_command("take_bounces", str(tmp_path / "none"))
