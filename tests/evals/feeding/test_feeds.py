"""Feeds: asked when due, imported where new, put off where they fail."""

from __future__ import annotations

import datetime as dt
from http.server import BaseHTTPRequestHandler

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from evals.models import Feed, FeedAttempt, ImportRun
from evals.services import feeding, imports
from tests.evals.feeding.server import reply, serving
from tests.evals.web.conftest import line

pytestmark = [pytest.mark.django_db]

BODY = f"{line()}\n".encode()
UNDATED = b"- dataset:\n    id: Idavidrein/gpqa\n    task_id: gpqa_diamond\n  value: 0.412\n"


@pytest.fixture(autouse=True)
def loopback(settings: Settings) -> None:
    """These tests' servers listen on loopback."""
    settings.FEEDS_MAY_REACH_LOOPBACK = True


def feed(url: str) -> Feed:
    user, _created = User.objects.get_or_create(username="ivy")
    return feeding.keep_feed(Feed(name="Nightly", url=url, every_minutes=60), source="lab", by=user)


def fetched(found: Feed) -> FeedAttempt:
    """The attempt of a feed that is made due."""
    Feed.objects.filter(pk=found.pk).update(next_at=timezone.now())
    attempt = feeding.fetch_feed(found.pk)
    assert attempt is not None
    found.refresh_from_db()
    return attempt


def test_it_imports_what_a_feed_answers() -> None:
    with serving(lambda handler: reply(handler, 200, BODY, ETag='"1"')) as server:
        found = feed(f"{server.url}/results.jsonl")
        attempt = fetched(found)
    run = attempt.import_run
    assert run is not None and (run.name, run.source.slug) == ("results.jsonl", "lab")
    assert (attempt.outcome, attempt.size, found.etag) == ("new", len(BODY), '"1"')
    done = imports.run_import(run.pk)
    assert done is not None and done.read == 1


def conditional(handler: BaseHTTPRequestHandler) -> None:
    if handler.headers.get("If-None-Match") == '"1"':
        reply(handler, 304)
    else:
        reply(handler, 200, BODY, ETag='"1"')


@pytest.mark.parametrize("with_etag", [True, False])
def test_it_imports_the_same_answer_once(with_etag: bool) -> None:
    with serving(conditional if with_etag else lambda h: reply(h, 200, BODY)) as server:
        found = feed(f"{server.url}/results.jsonl")
        outcomes = [fetched(found).outcome for _time in range(3)]
    assert outcomes == ["new", "unchanged", "unchanged"] and ImportRun.objects.count() == 1


def test_it_waits_twice_as_long_after_each_failure() -> None:
    with serving(lambda handler: reply(handler, 500)) as server:
        found = feed(server.url)
        waits = []
        for _time in range(6):
            attempt = fetched(found)
            waits.append(round((found.next_at - attempt.at) / dt.timedelta(hours=1)))
    assert waits == [2, 4, 8, 16, 24, 24]
    assert (attempt.outcome, attempt.reason) == (
        "failed",
        "the server answers 500 Internal Server Error",
    )


def test_it_begins_anew_after_a_success() -> None:
    answers = iter([500, 200])
    with serving(lambda handler: reply(handler, next(answers), BODY)) as server:
        found = feed(f"{server.url}/results.jsonl")
        fetched(found)
        assert found.failures == 1
        fetched(found)
    assert found.failures == 0 and found.next_at - timezone.now() < dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"\x89PNG\r\n\x1a\n", "no reader knows"), (b"Alpha,Beta\n1,2\n", "nobody has said yet")],
)
def test_it_says_what_it_cannot_read_and_imports_nothing(body: bytes, reason: str) -> None:
    with serving(lambda handler: reply(handler, 200, body)) as server:
        attempt = fetched(feed(server.url))
    assert attempt.outcome == "failed" and reason in attempt.reason
    assert not ImportRun.objects.exists()


def test_it_refuses_a_feed_that_leads_to_a_private_address() -> None:
    with serving(lambda handler: reply(handler, 302, Location="http://192.168.0.1/")) as server:
        attempt = fetched(feed(server.url))
    assert "192.168.0.1, which is not a public address" in attempt.reason


def test_it_reaches_no_loopback_by_default(settings: Settings) -> None:
    settings.FEEDS_MAY_REACH_LOOPBACK = False
    with serving(lambda handler: reply(handler, 200, BODY)) as server:
        attempt = fetched(feed(server.url))
    assert "not a public address" in attempt.reason and server.asked == []


def test_it_asks_neither_too_early_nor_twice_at_once() -> None:
    with serving(lambda handler: reply(handler, 200, BODY)) as server:
        found = feed(server.url)
        later = timezone.now() + dt.timedelta(minutes=1)
        Feed.objects.update(next_at=later)
        assert feeding.fetch_feed(found.pk) is None
        Feed.objects.update(next_at=timezone.now(), lease_until=later)
        assert feeding.fetch_feed(found.pk) is None
        Feed.objects.update(lease_until=None, enabled=False)
        assert feeding.fetch_feed(found.pk) is None
    assert server.asked == []


def test_it_takes_over_a_feed_whose_worker_died() -> None:
    with serving(lambda handler: reply(handler, 200, BODY)) as server:
        found = feed(f"{server.url}/results.jsonl")
        Feed.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
        attempt = feeding.fetch_feed(found.pk)
    assert attempt is not None and attempt.outcome == "new"


def test_it_gives_results_the_date_and_the_system_that_they_lack() -> None:
    with serving(lambda handler: reply(handler, 200, UNDATED)) as server:
        found = feed(f"{server.url}/hle.yaml")
        assert fetched(found).outcome == "new"
        found.dated, found.system = dt.date(2026, 2, 3), "GPT-4o"
        feeding.keep_feed(found, source="lab", by=User.objects.get())
        told = fetched(found).import_run
        outcomes = [fetched(found).outcome for _time in range(2)]
    assert told is not None and told.options == {"dated": "2026-02-03", "system": "GPT-4o"}
    assert outcomes == ["unchanged", "unchanged"]


def test_its_form_takes_what_files_leave_out_in_every_language(
    client: Client,
) -> None:
    client.force_login(User.objects.create_superuser("root"))
    known = feed("https://example.org/hle.yaml")
    sent = {"name": "N", "url": known.url, "source_name": "lab", "every_minutes": "60"}
    left_out = {"dated": "2026-02-03", "system": "GPT-4o"}
    client.post(f"/imports/feeds/{known.pk}/", {**sent, **left_out})
    known.refresh_from_db()
    assert (known.dated, known.system) == (dt.date(2026, 2, 3), "GPT-4o")
    page = client.get(f"/zh-hans/imports/feeds/{known.pk}/").content.decode()
    assert 'type="date" name="dated" value="2026-02-03"' in page
    assert "results without a date: 2026-02-03" in client.get("/imports/feeds/").content.decode()
    later = client.post(f"/imports/feeds/{known.pk}/", {**sent, "dated": "2999-01-01"})
    assert later.status_code == 400
