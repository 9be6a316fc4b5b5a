"""A person's own page: by a link or an account, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock, patch

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from alerts import services, tasks, tokens
from alerts.models import Delivery, Endpoint, Recipient, Subscription
from alerts.telling import Teller
from alerts.views import previewing
from baskets.models import Basket, Release
from tests.alerts.channels.receiver import receiving
from tests.alerts.conftest import endpoint, official, recipient, subscription

pytestmark = pytest.mark.django_db

RULE = {"do": "add", "series": "safety", "min": "2", "kind": "frontier", "way": "email"}


@pytest.fixture(autouse=True)
def hints() -> Iterator[Mock]:
    """What workers were told; no broker is asked in these tests."""
    with patch.object(tasks.deliver, "apply_async") as apply_async:
        yield apply_async


@pytest.fixture
def page(world: Basket) -> str:
    """The address of the reader's own page."""
    return reverse("alerts:manage", args=[tokens.manage_token(recipient().pk)])


def do(client: Client, page: str, name: str, pk: int) -> Any:
    return client.post(page, {"do": name, "id": pk}, follow=True)


def test_it_mails_a_link_and_says_the_same_whoever_is_known(client: Client) -> None:
    recipient()
    answers = [
        client.post(reverse("alerts:ask"), {"manage-email": email}, follow=True)
        for email in ("reader@example.org", "nobody@example.org")
    ]
    assert answers[0].content == answers[1].content and b"Look into your mail" in answers[0].content
    (sent,) = answers[0].redirect_chain
    assert answers[1].redirect_chain == [sent]
    assert client.get(f"/zh-hant{sent[0]}").status_code == 200
    assert client.get("/zh-hant/alerts/manage/")["Location"] == "/zh-hant/alerts/#manage"
    assert [(one.kind, one.recipient.email) for one in Delivery.objects.all()] == [
        ("manage", "reader@example.org")
    ]


def test_it_limits_how_often_a_link_is_asked_for(client: Client) -> None:
    for _ in range(10):
        assert client.post(reverse("alerts:ask"), {"manage-email": "a@b.org"}).status_code == 302
    assert client.post(reverse("alerts:ask"), {"manage-email": "a@b.org"}).status_code == 429
    assert client.post(reverse("alerts:ask"), {"manage-email": "nobody"}).status_code == 400


def test_it_shows_a_recipient_their_own_rules_and_alerts_alone(
    client: Client, page: str, news: Release
) -> None:
    subscription(series="capability")
    subscription(series="capability", channel="site")
    subscription("other@example.org", series="alignment")
    services.examine_release(news)
    Delivery.objects.filter(kind="alert").update(state="sent", sent_at=timezone.now())
    text = client.get(page).content.decode()
    assert "Series: capability index." in text and "alignment index." not in text
    assert "Messages are deleted after 90 days" in text
    assert text.count("GPT-6.1 Sol moved the") == 1
    assert '<span class="soft">list on this site, e-mail</span></li>' in text
    assert "no-store" in client.get(page)["Cache-Control"]


def test_it_changes_nothing_of_anybody_else(client: Client, page: str) -> None:
    theirs = endpoint("https://example.org/", kind="slack")
    Endpoint.objects.update(recipient=recipient("other@example.org"))
    other = subscription("other@example.org", channel="slack", endpoint=theirs)
    for name in ("end", "mute"):
        do(client, page, name, other.pk)
    for name in ("test", "renew", "remove"):
        assert do(client, page, name, theirs.pk).status_code == 404
    other.refresh_from_db()
    assert other.standing and other.muted_until is None and Endpoint.objects.exists()


def test_it_adds_mutes_and_ends_a_rule(client: Client, page: str) -> None:
    assert b"The rule was added." in client.post(page, RULE, follow=True).content
    mine = Subscription.objects.active().get()
    assert (mine.channel, mine.rule.terms) == ("email", {"minimum": 2.0, "series": ["safety"]})
    do(client, page, "mute", mine.pk)
    assert not Subscription.objects.active().exists()
    do(client, page, "unmute", mine.pk)
    assert Subscription.objects.active().exists()
    do(client, page, "end", mine.pk)
    assert not Subscription.objects.standing().exists()


def test_it_previews_a_rule_without_adding_it(client: Client, page: str) -> None:
    text = client.post(page, {**RULE, "preview": "1"}).content.decode()
    assert "Series: safety index. Smallest move: 2.0 points." in text
    assert "/alerts/feed.atom?series=safety&amp;min=2" in text
    with patch.object(previewing, "PREVIEWS", 1):
        answer = client.post(page, {**RULE, "preview": "1"})
    assert answer.status_code == 429 and b"Too many requests" in answer.content
    assert b"/alerts/feed.atom?series=safety" not in answer.content
    assert not Subscription.objects.exists()


def test_it_sends_to_the_web_what_its_owner_asks_for(
    client: Client, page: str, settings: Settings
) -> None:
    with receiving() as receiver:
        settings.ALERTS_ALLOW_PRIVATE = [receiver.place]
        client.post(page, {"do": "endpoint", "kind": "webhook", "url": receiver.url})
        mine = Endpoint.objects.get()
        text = client.post(page, {**RULE, "way": f"to-{mine.pk}"}, follow=True).content.decode()
        assert mine.secret in text and "5 minutes" in text
        assert Subscription.objects.active().get().endpoint == mine
        do(client, page, "test", mine.pk)
        services.send_due("webhook", seconds=5)
        do(client, page, "again", Delivery.objects.get().pk)
        services.send_due("webhook", seconds=5)
        first, second = (taken.headers["webhook-id"] for taken in receiver.taken)
        assert first == second
        do(client, page, "renew", mine.pk)
        do(client, page, "remove", mine.pk)
    assert not Subscription.objects.exists() and not Endpoint.objects.exists()


def test_it_refuses_a_private_address_in_words(client: Client, page: str) -> None:
    answer = client.post(page, {"do": "endpoint", "kind": "slack", "url": "http://10.0.0.1/x"})
    assert answer.status_code == 400 and b"public place of the internet" in answer.content


def test_it_deletes_all_of_a_person_on_a_word(client: Client, page: str) -> None:
    subscription()
    answer = client.post(page, {"do": "forget"}, follow=True)
    assert b"were deleted" in answer.content
    assert not Recipient.objects.exists() and client.get(page).status_code == 404


def test_it_opens_to_an_account_with_a_confirmed_address(client: Client) -> None:
    official()
    user = User.objects.create_user("reader", email="reader@example.org")
    client.force_login(user)
    answer = client.get(reverse("alerts:mine"), follow=True)
    assert answer.redirect_chain == [(reverse("account_email"), 302)]
    assert b"Alerts go to a confirmed address." in answer.content
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True})
    text = client.post(reverse("alerts:mine"), RULE, follow=True).content.decode()
    assert "The rule was added." in text
    assert Subscription.objects.active().get().recipient.user == user


@pytest.mark.parametrize("purpose", ["none", "ending"])
def test_it_opens_to_no_other_link(client: Client, purpose: str) -> None:
    token = tokens.unsubscribe_token([1]) if purpose == "ending" else "cut-short"
    assert client.get(reverse("alerts:manage", args=[token])).status_code == 404


def test_it_writes_in_the_language_that_its_owner_chooses(client: Client, page: str) -> None:
    subscription()
    html = client.get(page).content.decode()
    assert '<html lang="en">' in html and 'value="en" lang="en" selected' in html
    for language in ("zh-hant", "klingon"):
        client.post(page, {"do": "language", "language": language})
        assert Recipient.objects.get().language == "zh-hant"
    delivery = services.ask_to_manage(email="reader@example.org", client="x")
    assert delivery is not None
    said = Teller().told(Delivery.objects.get(pk=delivery.pk), now=timezone.now())
    assert said is not None and said.language == "zh-hant" and not said.subject.isascii()
