"""Subscriptions of earlier versions: each stays what it was, and each address is kept once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from pytest_django.plugin import DjangoDbBlocker

from alerts.models import Delivery, Recipient, Subscription
from indexsite import embedded
from indexsite.roles import grant
from tests import databases

BEFORE, AFTER = ("alerts", "0002_events_and_rules"), ("alerts", "0003_recipients")
NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def migrate(target: tuple[str, str]) -> Any:
    """The models as they are at that migration, with the tables of them."""
    executor = MigrationExecutor(connections["owner"])
    return executor.migrate([target]).apps


@pytest.fixture
def old(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, urls: embedded.Urls
) -> Iterator[Any]:
    """The models of before, on a database of their own."""
    databases.clone(urls, "agi_old", databases.TEMPLATE)
    with django_db_blocker.unblock(), databases.connected_to("agi_old"):
        yield migrate(BEFORE)


def subscribe(old: Any, email: str, series: str, **fields: Any) -> Any:
    """A subscription as it was stored before, with its rule."""
    known = {"email": email, "series": series, "threshold": 4.0, "created_at": NOW}
    row = old.get_model("alerts", "Subscription").objects.create(**{**known, **fields})
    basket = old.get_model("baskets", "Basket").objects.get_or_create(
        slug="agi", defaults={"name": "AGI", "base": base(old)}
    )[0]
    terms = {"kinds": ["frontier"], "series": [series], "minimum": 4.0}
    old.get_model("alerts", "Rule").objects.create(subscription=row, basket=basket, terms=terms)
    return row


def base(old: Any) -> Any:
    """A system for the basket to stand on."""
    developer = old.get_model("evals", "Developer").objects.get_or_create(slug="m")[0]
    families = old.get_model("evals", "Generation").objects
    family = families.get_or_create(developer=developer, name="1")[0]
    known = {"developer": developer, "generation": family, "released_on": NOW.date()}
    return old.get_model("evals", "System").objects.get_or_create(slug="b", defaults=known)[0]


def test_it_keeps_subscriptions_and_messages_of_before(old: Any) -> None:
    subscribe(old, "Ann@example.org", "capability", confirmed_at=NOW)
    asked = subscribe(old, "ann@example.org", "safety")
    subscribe(old, "bob@example.org", "safety", confirmed_at=NOW, ended_at=NOW)
    question = {"kind": "confirm", "threshold": 9.0}
    old.get_model("alerts", "Delivery").objects.create(subscription=asked, **question)
    migrate(AFTER)
    grant()
    assert sorted(Recipient.objects.values_list("email", flat=True)) == [
        "Ann@example.org",
        "bob@example.org",
    ]
    (mine,) = Subscription.objects.active()
    assert (mine.recipient.email, mine.cadence, mine.channel) == (
        *("Ann@example.org", "immediate"),
        "email",
    )
    assert mine.rule.terms["minimum"] == 4.0
    (waiting,) = Delivery.objects.all()
    assert waiting.recipient == mine.recipient and waiting.subscription is not None
    assert waiting.subscription.rule.terms["minimum"] == 9.0
