"""Nothing slips under a version while it is being published, by whatever connection."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from baskets.models import Basket, BasketVersion
from evals.models import Eval, System
from indexsite import embedded
from tests import databases
from tests.baskets.services.conftest import add_draft, add_eval, add_systems

DATABASE = "agi_races"


@pytest.fixture
def first(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, urls: embedded.Urls
) -> Iterator[BasketVersion]:
    """A basket's first version, a draft that every connection sees."""
    databases.clone(urls, DATABASE, databases.TEMPLATE)
    with django_db_blocker.unblock(), databases.connected_to(DATABASE):
        add_systems()
        for slug in ("safety-1", "safety-2", "safety-3"):
            add_eval(slug, "safety")
        base = System.objects.get(slug="base")
        yield add_draft(Basket.objects.create(slug="small", name="Small", base=base))


def blocked(pid: int, asked: Future[Any]) -> bool:
    """Whether the other connection comes to wait for this one, before it is done."""
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT cardinality(pg_blocking_pids(%s))", [pid])
            row = cursor.fetchone()
        if row and row[0]:
            return True
        if asked.done():
            return False
        time.sleep(0.01)
    return False


STATEMENTS = {
    "a weight": "INSERT INTO baskets_weight (version_id, eval_id, weight, selection, protocol,"
    " owner, rationale, goalpost_reason)"
    " VALUES (%(version)s, %(eval)s, 1, 'best', '', 'A', 'B', '')",
    "another weight": "UPDATE baskets_weight SET weight = 9 WHERE version_id = %(version)s",
    "an overlap": "DELETE FROM baskets_basketversion_overlap"
    " WHERE basketversion_id = %(version)s",
    "another base": "UPDATE baskets_basket SET base_id = %(system)s",
    "another eval": "UPDATE evals_eval SET direction = 'lower' WHERE slug = 'safety-1'",
}  # fmt: skip


@pytest.mark.parametrize("what", STATEMENTS)
def test_it_waits_for_whoever_publishes_and_is_then_refused(
    first: BasketVersion, urls: embedded.Urls, what: str
) -> None:
    rows = {
        "version": first.pk,
        "eval": Eval.objects.get(slug="safety-3").pk,
        "system": System.objects.get(slug="latest").pk,
    }
    address = databases.url_of(urls.database, DATABASE)
    with psycopg.connect(address) as other, ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            list(Basket.objects.select_for_update(no_key=True))
            list(Eval.objects.select_for_update(no_key=True))
            BasketVersion.objects.filter(pk=first.pk).update(published_at=timezone.now())
            asked = pool.submit(other.execute, STATEMENTS[what], rows)
            waited = blocked(other.info.backend_pid, asked)
        with pytest.raises(psycopg.errors.RestrictViolation, match="cannot change"):
            asked.result(timeout=20)
        assert waited
        other.rollback()
