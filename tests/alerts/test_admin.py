"""The admin: addresses masked, nothing edited, failed mails sent again."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from alerts import services, tasks
from alerts.admin import masked
from alerts.models import Circuit, Delivery, Subscription
from baskets.models import Release
from tests.alerts.conftest import endpoint, question, subscription

pytestmark = pytest.mark.django_db


def act(client: Client, model: str, action: str, pk: int) -> int:
    address = reverse(f"admin:alerts_{model}_changelist")
    return client.post(address, {"action": action, "_selected_action": [pk]}).status_code


@pytest.mark.parametrize("model", ["examination", "event", "subscription", "delivery", "recipient"])
def test_it_shows_every_row_but_no_address(admin_client: Client, news: Release, model: str) -> None:
    subscription()
    services.examine_release(news)
    address = reverse(f"admin:alerts_{model}_changelist")
    rows = admin_client.get(address)
    pk = rows.context["cl"].queryset.first().pk
    one = admin_client.get(reverse(f"admin:alerts_{model}_change", args=[pk]))
    assert (rows.status_code, one.status_code) == (200, 200)
    assert b"reader@example.org" not in rows.content + one.content
    titled = b"GPT-6.1 Sol moved the capability index up" in rows.content
    assert titled == (model == "event")


def test_it_masks_an_address() -> None:
    assert masked("reader@mail.example.org") == "r…@m….org"


@pytest.mark.parametrize("model", ["examination", "event", "subscription", "delivery", "recipient"])
def test_it_lets_nobody_add_a_row(admin_client: Client, model: str) -> None:
    assert admin_client.get(reverse(f"admin:alerts_{model}_add")).status_code == 403


def test_it_sends_a_failed_delivery_again(admin_client: Client) -> None:
    pk = question(state="failed", attempts=12).pk
    with patch.object(tasks.deliver, "apply_async"):
        assert act(admin_client, "delivery", "retry", pk) == 302
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("pending", 0)


def test_it_leaves_alone_what_still_waits(admin_client: Client) -> None:
    pk = question(state="pending", attempts=1).pk
    assert act(admin_client, "delivery", "retry", pk) == 302
    assert Delivery.objects.get().attempts == 1


def test_it_mutes_a_subscription_and_lets_it_speak_again(admin_client: Client) -> None:
    pk = subscription().pk
    assert act(admin_client, "subscription", "mute", pk) == 302
    assert not Subscription.objects.active().exists() and Subscription.objects.standing().exists()
    assert act(admin_client, "subscription", "unmute", pk) == 302
    assert Subscription.objects.active().exists()


def test_it_shows_no_secret_part_of_an_address_of_the_web(admin_client: Client) -> None:
    pk = endpoint("https://hooks.example.org/T0/secret-part").pk
    Circuit.objects.create(name=f"endpoint:{pk}", failures=5)
    for model, key in (("endpoint", pk), ("circuit", Circuit.objects.get().pk)):
        rows = admin_client.get(reverse(f"admin:alerts_{model}_changelist"))
        one = admin_client.get(reverse(f"admin:alerts_{model}_change", args=[key]))
        assert (rows.status_code, one.status_code) == (200, 200)
        assert b"secret-part" not in rows.content + one.content


def test_it_ends_a_subscription(admin_client: Client) -> None:
    assert act(admin_client, "subscription", "end", subscription().pk) == 302
    assert not Subscription.objects.active().exists()


def test_it_lets_only_those_act_who_may_change(client: Client) -> None:
    viewer = User.objects.create_user("viewer", is_staff=True)
    client.force_login(viewer)
    assert act(client, "subscription", "end", subscription().pk) == 403
    assert Subscription.objects.active().exists()
