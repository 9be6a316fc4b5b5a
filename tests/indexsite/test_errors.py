"""Faults of the site, and a database that is being changed, get a page of their own."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def failing(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client of a site whose front page asks for a table that a migration has yet to make."""

    def asks(*args: object, **kwargs: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM baskets_of_tomorrow")

    cache.clear()
    monkeypatch.setattr("baskets.views.page.releases.current", asks)
    client.raise_request_exception = False
    return client


def test_it_says_503_while_a_migration_is_pending(failing: Client) -> None:
    answer = failing.get("/")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert "no-store" in answer["Cache-Control"]
    assert "The site is being looked after" in answer.content.decode()


def test_the_page_is_in_the_language_of_its_address(failing: Client) -> None:
    assert '<html lang="zh-hant">' in failing.get("/zh-hant/").content.decode()


def test_it_says_500_for_a_question_that_is_wrong(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asks(*args: object, **kwargs: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FRUM baskets_release")

    monkeypatch.setattr("baskets.views.page.releases.current", asks)
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert "FRUM" not in answer.content.decode()


def test_it_explains_a_form_that_has_expired() -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/accounts/login/", {"username": "a", "password": "b"})
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "The form has expired" in page
    assert 'href="/accounts/login/"' in page
