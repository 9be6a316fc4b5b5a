"""The pages: the form tells nothing about anybody, and links need a second step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.test import Client
from django.urls import reverse

from alerts import services, tasks, tokens
from alerts.models import Delivery, Event, Subscription
from baskets.models import Basket, Release
from tests.alerts.conftest import question, subscription

pytestmark = pytest.mark.django_db

FORM = {"email": "reader@example.org", "series": "capability", "min": "5", "kind": "frontier"}


@pytest.fixture(autouse=True)
def basket(world: Basket) -> Basket:
    """There is something to hear of."""
    return world


@pytest.fixture(autouse=True)
def hints() -> Iterator[Mock]:
    """What workers were told; no broker is asked in these tests."""
    with patch.object(tasks.deliver, "apply_async") as apply_async:
        yield apply_async


def post(client: Client, **fields: str) -> Any:
    return client.post(reverse("alerts:index"), {**FORM, **fields}, follow=True)


def test_it_stores_the_request_and_sends_the_reader_on(client: Client) -> None:
    answer = client.post(reverse("alerts:index"), FORM)
    assert (answer.status_code, answer["Location"]) == (302, "/alerts/?asked=1")
    delivery = Delivery.objects.get()
    assert delivery.kind == "confirm" and delivery.subscription is not None
    assert delivery.subscription.rule.terms == {"minimum": 5.0, "series": ["capability"]}
    assert not delivery.subscription.standing


def test_it_answers_the_same_whoever_is_subscribed(client: Client) -> None:
    fresh = post(client, email="new@example.org")
    subscription("known@example.org")
    subscription("ended@example.org", ended_at=Delivery.objects.get().created_at)
    for email in ("known@example.org", "ended@example.org", *["often@example.org"] * 5):
        answer = post(client, email=email)
        assert without_token(answer) == without_token(fresh)


def without_token(answer: Any) -> tuple[object, str]:
    text = answer.content.decode()
    return answer.redirect_chain, re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)


def test_it_hints_at_the_delivery_once_it_is_stored(
    client: Client, hints: Mock, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("alerts:index"), FORM)
    assert hints.call_args.args == (("email",),)


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "nobody"},
        {"email": "a@example.org\nBcc: b@example.org"},
        {"series": "capability/coding"},
        {"min": "0"},
        {"min": "nan"},
        {"min": "inf"},
        {"min": "much"},
        {"kind": "weather"},
        {"system": "nobody"},
        {"cadence": "hourly"},
    ],
)
def test_it_refuses_a_form_filled_in_wrongly(client: Client, wrong: dict[str, str]) -> None:
    answer = client.post(reverse("alerts:index"), {**FORM, **wrong})
    assert answer.status_code == 400
    assert b"aria-invalid" in answer.content
    assert not Subscription.objects.exists()


def test_it_previews_a_rule_before_anybody_gives_an_address(client: Client, news: Release) -> None:
    asked = {"email": "", "series": "capability", "min": "1", "cadence": "immediate"}
    text = client.post("/alerts/", {**asked, "preview": "1"}).content.decode()
    assert "The rule in words:" in text and "would have sent" in text
    assert "/alerts/feed.atom?series=capability" in text and "required.</" not in text
    assert not Delivery.objects.filter(kind="confirm").exists()


def test_it_refuses_a_form_from_elsewhere() -> None:
    answer = Client(enforce_csrf_checks=True).post(reverse("alerts:index"), FORM)
    assert answer.status_code == 403 and not Subscription.objects.exists()


def test_it_says_so_when_a_client_asks_too_often(client: Client) -> None:
    for n in range(10):
        assert post(client, email=f"reader{n}@example.org").status_code == 200
    answer = post(client, email="one-more@example.org")
    assert answer.status_code == 429 and b"try again in an hour" in answer.content
    other = Client(REMOTE_ADDR="198.51.100.7")
    assert post(other, email="one-more@example.org").status_code == 200


def test_it_confirms_nothing_when_a_link_is_only_opened(client: Client) -> None:
    delivery = question()
    address = reverse("alerts:confirm", args=[tokens.confirm_token(delivery.pk)])
    for method in (client.get, client.head):
        assert method(address).status_code == 200
    assert not Subscription.objects.active().exists()
    assert b"You are subscribed" in client.post(address).content
    assert Subscription.objects.active().exists()


def test_it_confirms_only_from_its_own_page() -> None:
    address = reverse("alerts:confirm", args=[tokens.confirm_token(question().pk)])
    assert Client(enforce_csrf_checks=True).post(address).status_code == 403
    assert not Subscription.objects.active().exists()


def test_it_ends_nothing_when_a_link_is_only_opened(client: Client) -> None:
    known = subscription()
    address = reverse("alerts:unsubscribe", args=[tokens.unsubscribe_token([known.pk])])
    assert b"End this subscription?" in client.get(address).content
    assert Subscription.objects.active().exists()
    assert b"has ended" in client.post(address).content
    assert not Subscription.objects.active().exists()
    assert client.post(address).status_code == 200


@pytest.mark.parametrize("name", ["confirm", "unsubscribe"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_it_explains_a_broken_link(client: Client, name: str, method: str) -> None:
    answer = getattr(client, method)(reverse(f"alerts:{name}", args=["cut-short"]))
    assert answer.status_code == 404
    assert b"Nothing was changed" in answer.content


def test_it_explains_an_old_link(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    address = reverse("alerts:confirm", args=[tokens.confirm_token(question().pk)])
    monkeypatch.setattr(tokens, "CONFIRM_FOR", -tokens.CONFIRM_FOR)
    answer = client.get(address)
    assert answer.status_code == 410 and b"too old" in answer.content


def test_it_lists_past_events_and_opens_each(client: Client, news: Release) -> None:
    services.examine_release(news)
    page = client.get(reverse("alerts:index")).content.decode()
    event = Event.objects.get(series="capability", kind="frontier")
    address = reverse("alerts:event", args=[event.pk])
    assert "GPT-6.1 Sol moved the capability index" in page and f'href="{address}"' in page
    detail = client.get(address).content.decode()
    assert "GPT-6.1 Sol moved the capability index up 70.6 points" in detail
    assert "Capability Bench 1" in detail and "+35.3" in detail


def test_it_lists_events_without_a_query_for_each(
    client: Client, news: Release, django_assert_num_queries: Any
) -> None:
    services.examine_release(news)
    # The events, and the subdomains that a rule can name.
    with django_assert_num_queries(2):
        client.get(reverse("alerts:index"))


@pytest.mark.parametrize("page", ["index", "event"])
def test_it_writes_no_style_and_no_script_into_a_page(
    client: Client, news: Release, page: str
) -> None:
    services.examine_release(news)
    arguments = [Event.objects.all()[0].pk] if page == "event" else []
    text = client.get(reverse(f"alerts:{page}", args=arguments)).content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]* src=)", text)


def test_it_says_what_would_fill_an_empty_list(client: Client) -> None:
    assert b"Nothing has happened since" in client.get(reverse("alerts:index")).content


def test_it_knows_no_other_event(client: Client) -> None:
    assert client.get(reverse("alerts:event", args=[987654])).status_code == 404


@pytest.mark.parametrize("page", ["index", "confirm", "unsubscribe"])
def test_it_lets_no_page_about_a_person_be_kept(client: Client, page: str) -> None:
    arguments = {"index": [], "confirm": [tokens.confirm_token(question().pk)]}
    known = arguments.get(page, [tokens.unsubscribe_token([1])])
    answer = client.get(reverse(f"alerts:{page}", args=known))
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
