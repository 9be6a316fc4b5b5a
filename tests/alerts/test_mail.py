"""The mails as a mail server gets them: headers, both parts, links."""

from __future__ import annotations

import re
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from alerts import messages, services, tokens, wording
from alerts.channels import email
from alerts.models import Delivery, Event, Subscription
from baskets.models import Release
from evals.models import System
from tests.alerts.conftest import NOW, PostOffice, part, question, subscription

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert(news: Release, post_office: PostOffice, settings: Settings) -> EmailMessage:
    """The mail about the news, as it arrived."""
    settings.SITE_URL = "https://index.example.org"
    subscription()
    services.examine_release(news)
    services.send_delivery(Delivery.objects.get().pk)
    return post_office.received[0]


def links(text: str) -> list[str]:
    return re.findall(r"https://index\.example\.org(/[^\s\"<>]*)", text)


def test_it_says_in_the_subject_what_happened(alert: EmailMessage) -> None:
    assert alert["Subject"] == "GPT-6.1 Sol moved the capability index up 70.6 points"
    assert alert["To"] == "reader@example.org"
    assert alert["From"].startswith("AGI Index <alerts@")


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_it_says_in_both_parts_how_far_from_where_and_why(alert: EmailMessage, kind: str) -> None:
    text = part(alert, kind)
    assert "GPT-6.1 Sol moved the capability index up 70.6 points" in text
    assert "The capability index now stands at 217.6." in text
    assert "The frontier before was Old 2 at 147.1." in text
    assert text.index("Capability Bench 1") < text.index("Capability Bench 2")
    assert "+35.3" in text
    assert "at least 1.0 points" in text


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_it_links_to_the_system_the_release_and_the_way_out(alert: EmailMessage, kind: str) -> None:
    found = links(part(alert, kind))
    assert found[:2] == ["/systems/sol/", f"/releases/{Release.objects.latest('id').number}/"]
    assert found[2].startswith("/alerts/unsubscribe/")


def test_it_can_be_unsubscribed_by_the_mail_program_alone(alert: EmailMessage) -> None:
    assert alert["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    (address,) = links(alert["List-Unsubscribe"])
    body = {"List-Unsubscribe": "One-Click"}
    answer = Client(enforce_csrf_checks=True).post(address, body)
    assert answer.status_code == 200
    assert not Subscription.objects.active().exists()


def test_it_confirms_through_the_link_in_the_mail(
    post_office: PostOffice, settings: Settings
) -> None:
    settings.SITE_URL = "https://index.example.org"
    services.send_delivery(question().pk, now=NOW)
    message = post_office.received[0]
    assert message["Subject"] == "Confirm: mail when the capability index moves"
    address = links(part(message, "plain"))[0]
    assert address in part(message, "html")
    Client().post(address)
    assert Subscription.objects.active().get().threshold == 5.0


def test_it_keeps_one_message_id_over_all_attempts() -> None:
    delivery = question()
    first = messages.compose(delivery)
    assert messages.compose(delivery).message_id == first.message_id
    another = Delivery(pk=delivery.pk + 1, kind="confirm", created_at=NOW)
    assert messages.message_id(another) != first.message_id
    assert re.fullmatch(r"<[\w.]+@[\w.]+>", first.message_id)


@pytest.mark.parametrize("name", ["Sol\r\nBcc: all@example.org", "Sol\u2028Bcc: x", "Sol\x00\x1b"])
def test_it_lets_no_name_write_a_header(news: Release, post_office: PostOffice, name: str) -> None:
    System.objects.filter(slug="sol").update(name=name.replace("\x00", ""))
    subscription()
    services.examine_release(news)
    assert services.send_delivery(Delivery.objects.get().pk) == "sent"
    message = post_office.received[0]
    assert message["Bcc"] is None and message["Subject"].startswith("Sol")
    assert "moved the capability index" in message["Subject"]


def test_it_refuses_an_address_with_a_line_break(post_office: PostOffice) -> None:
    message = replace(messages.compose(question()), to="a@example.org\nBcc: b@example.org")
    with pytest.raises(email.ChannelError) as refusal:
        email.send(message)
    assert refusal.value.permanent and "@" not in str(refusal.value)
    assert post_office.received == []


def test_it_shows_a_name_with_markup_as_text(news: Release, post_office: PostOffice) -> None:
    System.objects.filter(slug="sol").update(name="<b>Sol</b> & co")
    subscription()
    services.examine_release(news)
    services.send_delivery(Delivery.objects.get().pk)
    assert "&lt;b&gt;Sol&lt;/b&gt; &amp; co moved" in part(post_office.received[0], "html")
    assert "<b>Sol</b> & co moved" in part(post_office.received[0], "plain")


def test_it_states_the_interval_and_what_it_means(news: Release) -> None:
    services.examine_release(news)
    event = Event.objects.get(series="safety")
    assert wording.describe(event).noise == ""
    event.low, event.high = event.before - 1, event.after + 10
    assert "(95% interval 149.0 to 235.0)" in wording.describe(event).standing
    event.move_low, event.move_high = -1.0, 9.0
    assert (
        "−1.0 to +9.0 points, includes zero: the move may be noise."
        in wording.describe(event).noise
    )
    event.move_low = 1.0
    assert wording.describe(event).noise == "The 95% interval of the rise is +1.0 to +9.0 points."


def test_it_writes_files_where_no_server_is_named(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_TO_FILES, settings.EMAIL_FILE_PATH = True, str(tmp_path / "mail")
    with caplog.at_level("INFO"):
        assert services.send_delivery(question().pk, now=NOW) == "sent"
    (file,) = (tmp_path / "mail").iterdir()
    assert "reader@example.org" in file.read_text()
    assert file.parent.stat().st_mode & 0o077 == 0
    assert str(tmp_path / "mail") in caplog.text and "@example.org" not in caplog.text


def test_it_keeps_addresses_out_of_logs_and_tokens(
    post_office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    post_office.recipient_reply = "550 5.1.1 <reader@example.org> is not here"
    delivery = question()
    with caplog.at_level("DEBUG"):
        services.send_delivery(delivery.pk, now=NOW)
    # The mail server of the test keeps a log of its own in this process.
    said = "".join(row.getMessage() for row in caplog.records if row.name != "mail.log")
    assert "550 5.1.1 (address)" in said and "reader" not in said
    assert "reader" not in tokens.confirm_token(delivery.pk)
