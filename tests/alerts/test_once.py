"""Two workers and a killed one: a release is examined once. On committed rows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from threading import Barrier
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from alerts import selectors, services
from alerts.models import Delivery, Event, Examination
from baskets.models import Release
from indexsite import embedded, env
from tests import databases
from tests.alerts.conftest import subscription
from tests.alerts.worlds import add_release, build_world

EXAMINE_AND_DIE = """
import os, signal, sys, django
django.setup()
from alerts import services
from alerts.services import examination
from baskets.models import Release
examination.tell = lambda *_args: os.kill(os.getpid(), signal.SIGKILL)
services.examine_release(Release.objects.get(pk=int(sys.argv[1])))
"""


@pytest.fixture
def news(
    django_db_setup: None, urls: embedded.Urls, django_db_blocker: DjangoDbBlocker
) -> Iterator[Release]:
    """A release with news, on a database of its own that other connections see."""
    databases.clone(urls, "agi_once", databases.TEMPLATE)
    with django_db_blocker.unblock(), databases.connected_to("agi_once"):
        world = build_world()
        add_release(world, {"base": 40, "old": 60})
        release = add_release(world, {"base": 40, "old": 60, "sol": 90})
        subscription()
        yield release


def test_it_examines_once_when_workers_race(news: Release) -> None:
    barrier = Barrier(4)

    def examine() -> int:
        try:
            barrier.wait()
            return services.examine_release(news).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = {future.result() for future in [pool.submit(examine) for _ in range(4)]}
    assert len(found) == 1 and Examination.objects.filter(release=news).count() == 1
    assert Event.objects.count() == 10 and Delivery.objects.count() == 1


def address_of_database() -> str:
    """The test database as `DATABASE_URL` would name it."""
    known = connection.settings_dict
    user, password = quote(known["USER"], safe=""), quote(known["PASSWORD"], safe="")
    return f"postgres://{user}:{password}@{known['HOST']}:{known['PORT']}/{known['NAME']}"


def test_it_leaves_nothing_behind_of_a_worker_that_was_killed(news: Release) -> None:
    variables = {"DATABASE_URL": address_of_database(), "PYTHONPATH": str(env.ROOT)}
    line = [sys.executable, "-c", EXAMINE_AND_DIE, str(news.pk)]
    killed = subprocess.run(line, env={**os.environ, **variables}, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not Event.objects.exists() and news in selectors.unexamined_releases()
    said = StringIO()
    call_command("examine_releases", stdout=said)
    assert said.getvalue() == "2 releases were examined.\n"
    assert Event.objects.filter(release=news).count() == 10 and Delivery.objects.count() == 1
    call_command("examine_releases", stdout=said)
    assert not selectors.unexamined_releases().exists() and Delivery.objects.count() == 1
