"""The state of the site: asked again exactly when something has been written."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import OperationalError, transaction
from django.utils.translation import override
from pytest_django.plugin import DjangoDbBlocker

from baskets.selectors.remembered import remembered
from baskets.selectors.state import answer, asked_once
from evals.models import Developer
from indexsite.embedded import Urls
from tests import databases

COUNT = "SELECT count(*), random() FROM evals_developer"


@pytest.fixture
def site(
    urls: Urls, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A second connection to the database that Django is on."""
    clone = databases.clone(urls, "agi_state", databases.TEMPLATE)
    with (
        django_db_blocker.unblock(),
        databases.connected_to("agi_state"),
        psycopg.connect(clone.database, autocommit=True) as other,
    ):
        yield other


def test_a_question_is_asked_again_when_another_connection_has_written(
    site: psycopg.Connection[object],
) -> None:
    before = answer(COUNT)
    assert answer(COUNT) == before, "asked again although nothing was written"
    site.execute("INSERT INTO evals_developer (slug, name) VALUES ('other', 'Other')")
    assert answer(COUNT)[0] == 1


@pytest.mark.usefixtures("site")
def test_a_transaction_sees_its_own_writing_and_nobody_sees_what_it_took_back() -> None:
    assert answer(COUNT)[0] == 0
    with transaction.atomic():
        Developer.objects.create(slug="own", name="Own")
        assert answer(COUNT)[0] == 1
        Developer.objects.create(slug="second", name="Second")
        assert answer(COUNT)[0] == 2
        transaction.set_rollback(True)
    assert answer(COUNT)[0] == 0


def test_a_page_is_of_one_state_and_the_next_one_of_the_newest(
    site: psycopg.Connection[object],
) -> None:
    with asked_once():
        assert answer(COUNT)[0] == 0
        site.execute("INSERT INTO evals_developer (slug, name) VALUES ('other', 'Other')")
        assert answer(COUNT)[0] == 0
        with transaction.atomic():
            assert answer(COUNT)[0] == 1, "a transaction asks for itself"
    with asked_once():
        assert answer(COUNT)[0] == 1


def test_a_connection_that_died_is_opened_again_but_not_within_a_transaction(
    site: psycopg.Connection[object],
) -> None:
    assert answer(COUNT)[0] == 0
    end_connections(site)
    assert answer(COUNT)[0] == 0
    with pytest.raises(OperationalError):
        die_within_a_transaction(site)


@transaction.atomic
def die_within_a_transaction(site: psycopg.Connection[object]) -> None:
    """Ask when the first half of a transaction is lost already."""
    end_connections(site)
    answer(COUNT)


def end_connections(site: psycopg.Connection[object]) -> None:
    """Have the server end every connection but this one."""
    site.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


def test_a_remembered_answer_is_given_until_something_is_written(
    site: psycopg.Connection[object],
) -> None:
    asked: list[str] = []

    @remembered(2)
    def selector(name: str) -> int:
        asked.append(name)
        return len(asked)

    assert [selector("a"), selector("b"), selector("a")] == [1, 2, 1]
    selector("c")
    assert selector("b") == 4, "the one asked longest ago was to make room"
    site.execute("INSERT INTO evals_developer (slug, name) VALUES ('other', 'Other')")
    assert selector("b") == 5
    with override("zh-hant"):
        assert selector("b") == 6, "an answer may hold words"


@pytest.mark.usefixtures("site")
def test_nothing_is_remembered_within_a_transaction() -> None:
    selector = remembered(2)(Developer.objects.count)
    assert selector() == 0
    with transaction.atomic():
        Developer.objects.create(slug="own", name="Own")
        assert selector() == 1
        transaction.set_rollback(True)
    assert selector() == 0
