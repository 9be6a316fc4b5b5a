"""The mails as a mail server gets them: headers, both parts, links."""

from __future__ import annotations

import re
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from alerts import services, tokens
from alerts.models import Delivery, Event, Recipient, Subscription
from baskets.models import Release
from evals.models import System
from tests.alerts.conftest import NOW, PostOffice, links_of, part, question, subscription

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


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_it_says_in_both_parts_how_far_from_where_and_why(alert: EmailMessage, kind: str) -> None:
    text = part(alert, kind)
    assert "GPT-6.1 Sol moved the capability index up 70.6 points" in text
    assert "The capability index now stands at 217.6." in text
    assert "The frontier before was Old 2 at 147.1." in text
    assert text.index("Capability Bench 1") < text.index("Capability Bench 2")
    assert "+35.3" in text
    assert "Smallest move: 1.0 points." in text


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_it_links_to_the_event_the_release_and_the_way_out(alert: EmailMessage, kind: str) -> None:
    found = links(part(alert, kind))
    event = Event.objects.get(kind="frontier", series="capability")
    number = Release.objects.latest("number").number
    assert found[:2] == [f"/alerts/events/{event.pk}/", f"/releases/{number}/"]
    assert found[2].startswith("/alerts/unsubscribe/")


def test_it_shows_the_frontier_as_a_picture_that_is_told_in_words(alert: EmailMessage) -> None:
    (image,) = [one for one in alert.walk() if one.get_content_type() == "image/png"]
    content = image.get_payload(decode=True)
    assert isinstance(content, bytes) and content.startswith(b"\x89PNG")
    assert alert.get_content_type() == "multipart/related"
    html = part(alert, "html")
    assert f'src="cid:{image["Content-ID"].strip("<>")}"' in html
    assert re.search(r'<img [^>]*alt="[^"]{40,}"', html)


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
    assert message["Subject"] == "Confirm your subscription to alerts of the AGI Index"
    assert "Smallest move: 1.0 points." in part(message, "plain")
    address = links(part(message, "plain"))[0]
    assert address in part(message, "html")
    Client().post(address)
    assert Subscription.objects.active().exists()


def test_it_keeps_one_message_id_over_all_attempts(post_office: PostOffice) -> None:
    pk = question().pk
    for _attempt in range(2):
        services.send_delivery(pk, now=NOW)
        services.redeliver(Delivery.objects.all(), now=NOW)
    first, second = (mail["Message-ID"] for mail in post_office.received)
    assert first == second == tokens.message_id(tokens.delivery_mark(pk))
    assert re.fullmatch(r"<[\w.]+@[\w.]+>", first)
    assert tokens.delivery_mark(pk + 1) not in first


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
    asked = question(email="a@example.org\nBcc: b@example.org")
    assert services.send_delivery(asked.pk, now=NOW) == "failed"
    assert "@" not in Delivery.objects.get().error
    assert post_office.received == []


def test_it_names_the_delivery_as_the_one_that_mail_comes_back_to(
    post_office: PostOffice, settings: Settings
) -> None:
    settings.EMAIL_BOUNCES = "bounces@index.example.org"
    pk = question().pk
    services.send_delivery(pk, now=NOW)
    mark = tokens.delivery_mark(pk)
    assert post_office.senders == [f"bounces+{mark}@index.example.org"]
    assert post_office.received[0]["From"].startswith("AGI Index <alerts@")
    assert "reader" not in post_office.senders[0]


def test_it_writes_in_the_language_of_who_reads(post_office: PostOffice) -> None:
    Recipient.objects.filter(pk=question().recipient_id).update(language="zh-hant")
    services.send_delivery(Delivery.objects.get().pk, now=NOW)
    assert links_of(part(post_office.received[0], "plain"))[0].startswith("/zh-hant/")


def test_it_shows_a_name_with_markup_as_text(news: Release, post_office: PostOffice) -> None:
    System.objects.filter(slug="sol").update(name="<b>Sol</b> & co")
    subscription()
    services.examine_release(news)
    services.send_delivery(Delivery.objects.get().pk)
    assert "&lt;b&gt;Sol&lt;/b&gt; &amp; co moved" in part(post_office.received[0], "html")
    assert "<b>Sol</b> & co moved" in part(post_office.received[0], "plain")


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
