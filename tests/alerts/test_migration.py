"""Subscriptions of earlier versions: each stays what it was, and each address is kept once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from pytest_django.plugin import DjangoDbBlocker

from alerts.models import Delivery, Endpoint, Recipient, Subscription
from alerts.rules import Terms
from indexsite import embedded
from indexsite.roles import grant
from tests import databases

BEFORE, BETWEEN = ("alerts", "0001_initial"), ("alerts", "0003_recipients")
AFTER = ("alerts", "0004_own_rules")
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
    """A subscription as it was stored before."""
    known = {"email": email, "series": series, "threshold": 4.0, "created_at": NOW}
    return old.get_model("alerts", "Subscription").objects.create(**{**known, **fields})


def tell(old: Any, subscription: Any, system: Any) -> Any:
    """An event of a release, and the mail about it, as they were stored before."""
    basket = old.get_model("baskets", "Basket").objects.create(slug="agi", name="AGI", base=system)
    known = {"number": 1, "vintage_on": NOW.date(), "summary": {}, "bundle": b""}
    release = old.get_model("baskets", "Release").objects.create(basket=basket, **known)
    event = old.get_model("alerts", "Event").objects.create(
        release=release, kind="entered", series=subscription.series, system=system,
        before=1.0, after=6.0, move=5.0, previous_system=system, contributions=[],
    )  # fmt: skip
    old.get_model("alerts", "Delivery").objects.create(
        subscription=subscription, kind="alert", release=release, state="sent"
    )
    return event


def base(old: Any) -> Any:
    """A system for the basket to stand on."""
    developer = old.get_model("evals", "Developer").objects.get_or_create(slug="m")[0]
    families = old.get_model("evals", "Generation").objects
    family = families.get_or_create(developer=developer, name="1")[0]
    known = {"developer": developer, "generation": family, "released_on": NOW.date()}
    return old.get_model("evals", "System").objects.get_or_create(slug="b", defaults=known)[0]


def migrate_with_a_renewed_secret() -> None:
    """All the way, with an endpoint made in between whose secret was changed a while ago."""
    between = migrate(BETWEEN)
    grant()
    recipient = between.get_model("alerts", "Recipient").objects.latest("pk")
    until = {"old_secret": "old", "old_secret_until": NOW + dt.timedelta(hours=1)}
    between.get_model("alerts", "Endpoint").objects.create(
        recipient=recipient, kind="webhook", url="https://x.org/", secret="new", **until
    )
    migrate(AFTER)
    grant()


def test_it_keeps_subscriptions_and_messages_of_before(old: Any) -> None:
    ann = subscribe(old, "Ann@example.org", "capability", confirmed_at=NOW)
    asked = subscribe(old, "ann@example.org", "safety")
    subscribe(old, "bob@example.org", "safety", confirmed_at=NOW, ended_at=NOW)
    event = tell(old, ann, base(old))
    question = {"kind": "confirm", "threshold": 9.0}
    old.get_model("alerts", "Delivery").objects.create(subscription=asked, **question)
    migrate_with_a_renewed_secret()
    assert Endpoint.objects.get().secrets(now=NOW) == ["new", "old"]
    emails = sorted(Recipient.objects.values_list("email", flat=True))
    assert emails == ["Ann@example.org", "bob@example.org"]
    (mine,) = Subscription.objects.active()
    assert (mine.recipient.email, mine.cadence, mine.channel) == (emails[0], "immediate", "email")
    terms = Terms.from_json(mine.rule.terms)
    assert terms == Terms(series=frozenset({"capability"}), minimum=4.0)
    told, waiting = Delivery.objects.order_by("pk")
    assert (told.event_ids, told.state) == ([event.pk], "sent")
    assert told.recipient == waiting.recipient == mine.recipient
    assert waiting.subscription is not None
    assert waiting.subscription.rule.terms["minimum"] == 9.0
