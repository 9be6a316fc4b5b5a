"""Senders at the same time, and senders that are killed, on committed rows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import quote

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from alerts import services, tokens
from alerts.models import Delivery, Recipient, Subscription
from alerts.rules import Terms
from baskets.models import Basket
from evals.models import Developer, Generation, System
from indexsite import env
from tests.alerts.conftest import NOW, PostOffice, official, question


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Rows that other connections see; deleted afterwards, as the application's role may."""
    with django_db_blocker.unblock():
        yield
        Recipient.objects.all().delete()
        for model in (Basket, System, Generation, Developer):
            model.objects.all().delete()


@pytest.mark.usefixtures("committed")
def test_it_delivers_once_when_senders_race(post_office: PostOffice) -> None:
    pk, barrier = question().pk, Barrier(4)

    def send() -> str | None:
        try:
            barrier.wait()
            return services.send_delivery(pk, now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        states = [future.result() for future in [pool.submit(send) for _ in range(4)]]
    assert sorted(states, key=str) == [None, None, None, "sent"]
    assert len(post_office.received) == 1


@pytest.mark.usefixtures("committed")
def test_it_delivers_once_when_a_second_sender_comes_midway(post_office: PostOffice) -> None:
    pk = question().pk
    seen: list[str | None] = []

    def second() -> None:
        seen.append(services.send_delivery(pk, now=NOW))
        connection.close()

    post_office.while_receiving = second
    assert services.send_delivery(pk, now=NOW) == "sent"
    assert seen == [None] and len(post_office.received) == 1


CLAIM_AND_DIE = """
import os, signal, sys, django
django.setup()
from alerts import services
from alerts.models import Delivery
from tests.alerts.conftest import NOW
services.claim_deliveries(Delivery.objects.filter(pk=sys.argv[1]), now=NOW)
os.kill(os.getpid(), signal.SIGKILL)
"""


def address_of_database() -> str:
    """The test database as `DATABASE_URL` would name it."""
    known = connection.settings_dict
    user, password = quote(known["USER"], safe=""), quote(known["PASSWORD"], safe="")
    return f"postgres://{user}:{password}@{known['HOST']}:{known['PORT']}/{known['NAME']}"


@pytest.mark.usefixtures("committed")
def test_it_delivers_after_a_sender_was_killed(post_office: PostOffice) -> None:
    pk = question().pk
    variables = {"DATABASE_URL": address_of_database(), "PYTHONPATH": str(env.ROOT)}
    killed = subprocess.run(
        [sys.executable, "-c", CLAIM_AND_DIE, str(pk)], env={**os.environ, **variables}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert Delivery.objects.get().state == "sending"
    # Its session of the database has ended, so nobody waits for its lease.
    assert services.send_delivery(pk, now=NOW) == "sent"
    assert len(post_office.received) == 1


@pytest.mark.usefixtures("committed")
def test_it_needs_no_transaction_of_the_callers(post_office: PostOffice) -> None:
    user = User.objects.create_user("reader")
    official()
    known = services.recipient_of(user, email="reader@example.org", language="en")
    to = known.email
    confirmed = services.subscribe(email=to, client="::1", terms=Terms(), basket=official())
    assert confirmed is not None
    assert services.ask_to_manage(email=to, client="::1") is not None
    services.confirm(tokens.confirm_token(confirmed.pk))
    services.add_rule(known, terms=Terms(minimum=2.0), basket=official())
    services.unsubscribe(tokens.unsubscribe_token([confirmed.subscription_id or 0]))
    assert services.send_due("email", seconds=5) == 2
    services.redeliver(Delivery.objects.all())
    services.forget_recipient(known)
    services.forget_addresses()
    user.delete()


@pytest.mark.usefixtures("committed")
def test_it_limits_a_client_that_asks_from_many_threads() -> None:
    basket = official()

    def ask(n: int) -> bool:
        try:
            services.subscribe(
                email=f"r{n}@example.org", terms=Terms(), basket=basket, client="::1", now=NOW
            )
        except services.TooManyRequests:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        allowed = sum(pool.map(ask, range(24)))
    assert 0 < allowed <= 10 and Subscription.objects.count() == allowed
