"""Requests for releases: when they are due, how they are answered, and what goes wrong."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from baskets import tasks
from baskets.models import Basket, BasketVersion, Recompute, Release
from baskets.selectors import releases as releases_selected
from baskets.selectors.problems import Knowledge
from baskets.services import recomputes, releases
from baskets.services.holding import TAKE
from evals.models import Decision, Score
from indexsite import embedded
from tests.baskets.services.conftest import add_draft, add_score, today
from tests.baskets.services.steps import publish
from tests.databases import url_of

NOW = dt.datetime(2026, 3, 4, 15, 30, tzinfo=dt.UTC)  # a Wednesday
SECOND = dt.timedelta(seconds=1)


def ask(basket: Basket, cause: str, *, after: float = -1.0) -> Recompute:
    """A request that is due some seconds from now."""
    due = timezone.now() + after * SECOND
    return recomputes.request_release(basket, cause=cause, due_at=due)


@pytest.mark.parametrize(
    ("policy", "now", "due"),
    [
        ("immediate", NOW, NOW + 5 * SECOND),
        ("daily", NOW, dt.datetime(2026, 3, 5, tzinfo=dt.UTC)),
        ("daily", dt.datetime(2026, 12, 31, tzinfo=dt.UTC), dt.datetime(2027, 1, 1, tzinfo=dt.UTC)),
        ("weekly", NOW, dt.datetime(2026, 3, 9, tzinfo=dt.UTC)),
        ("weekly", NOW + dt.timedelta(days=4), dt.datetime(2026, 3, 9, tzinfo=dt.UTC)),
        ("weekly", NOW + dt.timedelta(days=5), dt.datetime(2026, 3, 16, tzinfo=dt.UTC)),
    ],
)
def test_it_is_due_by_its_policy(policy: str, now: dt.datetime, due: dt.datetime) -> None:
    assert recomputes.next_due(now, policy) == due


def test_it_follows_the_policy_of_the_site(basket: Basket, settings: Settings) -> None:
    settings.RELEASE_POLICY = "daily"
    due = recomputes.request_release(basket, cause="x").due_at
    assert due == recomputes.next_due(timezone.now(), "daily")


def test_it_answers_requests_within_five_seconds_by_one_release(published: BasketVersion) -> None:
    basket = published.basket
    first, second = ask(basket, "3 new scores"), ask(basket, "7 new scores", after=4)
    later = ask(basket, "much later", after=60)
    release = recomputes.run_due(basket.pk)
    assert release is not None
    assert release.cause == "3 new scores; 7 new scores"
    for request in (first, second):
        request.refresh_from_db()
        assert (request.state, request.release, request.lease_until) == ("done", release, None)
    later.refresh_from_db()
    assert (later.state, Release.objects.count()) == ("pending", 1)


def test_it_is_ready_when_it_is_due_with_all_that_came_until_then(
    published: BasketVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    basket, begun, real = published.basket, [timezone.now()], releases.compute_release
    first = ask(basket, "first", after=0.6)

    def slowly(*arguments: Any, **more: Any) -> releases.Computed:
        begun.append(timezone.now())
        if len(begun) == 2:
            add_score("new", "safety-1", 99.0)
            ask(basket, "second", after=4)
        return real(*arguments, **more)

    monkeypatch.setattr(releases, "compute_release", slowly)
    release = recomputes.run_due(basket.pk)
    assert release is not None and begun[1] < first.due_at <= timezone.now()
    assert (release.cause, release.number) == ("first; second", 1)
    rows = releases_selected.bundle(release)["problem"]["scores"]
    assert 99.0 in [row["value"] for row in rows]
    assert {row.release for row in Recompute.objects.all()} == {release}


def test_it_fails_no_sooner_than_it_is_due(published: BasketVersion) -> None:
    for score in Score.objects.filter(system__slug="base"):
        Decision.objects.create(score=score, status="withdrawn", reason="a test")
    request = ask(published.basket, "withdrawn", after=0.3)
    assert recomputes.run_due(published.basket_id) is None
    request.refresh_from_db()
    assert request.state == "failed" and timezone.now() >= request.due_at


def test_it_begins_as_long_before_as_the_last_release_took(published: BasketVersion) -> None:
    request = ask(published.basket, "now")
    noon = NOW.replace(hour=12)
    request.due_at = noon
    assert recomputes.starts_at(request) == noon - recomputes.COALESCE
    assert recomputes.run_due(published.basket_id) is not None
    request.refresh_from_db()
    assert request.seconds is not None and 0 < request.seconds < 10
    Recompute.objects.update(seconds=0.8)
    request.due_at = noon
    assert recomputes.starts_at(request) == noon - dt.timedelta(seconds=1.5)
    # Versions take effect at midnight: nothing is computed under those of the day before.
    request.due_at = midnight = NOW.replace(hour=0, minute=0)
    assert recomputes.starts_at(request) == midnight


def test_it_names_three_causes_and_counts_the_rest(published: BasketVersion) -> None:
    for cause in ("a", "b", "a", "c", "d", "e"):
        ask(published.basket, cause)
    release = recomputes.run_due(published.basket_id)
    assert release is not None
    assert release.cause == "a; b; c; 2 more"


def test_it_does_nothing_where_nothing_is_due(published: BasketVersion) -> None:
    ask(published.basket, "later", after=6)
    assert recomputes.due_baskets() == []
    assert recomputes.run_due(published.basket_id) is None
    assert not Release.objects.exists()


def test_it_hints_at_each_basket_once(
    published: BasketVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    hinted: list[int] = []
    monkeypatch.setattr(tasks.run_due, "apply_async", lambda args, **kw: hinted.append(args[0]))
    ask(published.basket, "a")
    ask(published.basket, "b")
    tasks.sweep()
    assert hinted == [published.basket_id]


def test_it_fails_with_the_reason_of_the_engine(published: BasketVersion) -> None:
    for score in Score.objects.filter(system__slug="base"):
        Decision.objects.create(score=score, status="withdrawn", reason="a test")
    request = ask(published.basket, "withdrawn")
    assert recomputes.run_due(published.basket_id) is None
    request.refresh_from_db()
    assert (request.state, request.release) == ("failed", None)
    assert "base" in request.error.casefold()
    assert not Release.objects.exists()


def test_it_tries_a_break_again_and_gives_up_after_five(
    published: BasketVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = ask(published.basket, "x")
    monkeypatch.setattr(releases, "compute_release", lambda *a, **k: 1 // 0)
    for attempt in range(1, 6):
        with pytest.raises(ZeroDivisionError):
            recomputes.run_due(published.basket_id)
        request.refresh_from_db()
        assert (request.attempts, request.lease_until) == (attempt, None)
        assert request.state == ("failed" if attempt == 5 else "pending")
        assert 20 < (request.due_at - timezone.now()).total_seconds() < 31 or attempt == 5
        Recompute.objects.update(due_at=timezone.now())
    assert request.error.startswith("ZeroDivisionError")
    assert recomputes.run_due(published.basket_id) is None


def test_it_leaves_a_basket_that_another_is_at_and_takes_up_what_the_dead_left(
    published: BasketVersion, urls: embedded.Urls
) -> None:
    request = ask(published.basket, "held")
    until = timezone.now() + recomputes.LEASE
    Recompute.objects.update(state="running", lease_until=until, attempts=1)
    database = str(connection.settings_dict["NAME"])
    with psycopg.connect(url_of(urls.database, database)) as another:
        another.execute(TAKE, [published.basket_id])
        assert recomputes.due_baskets() == [published.basket_id]
        assert recomputes.run_due(published.basket_id) is None
        request.refresh_from_db()
        assert (request.state, request.attempts) == ("running", 1)
        gone = another.info.backend_pid
    wait_for_its_end(gone)
    assert recomputes.run_due(published.basket_id) is not None
    request.refresh_from_db()
    assert (request.state, request.attempts) == ("done", 2)


def wait_for_its_end(pid: int) -> None:
    """The server ends a session, and lets go of its locks, a moment after its client has left."""
    until = time.monotonic() + 30
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pid = %s", [pid])
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.01)
    raise AssertionError(f"Session {pid} still holds a lock.")


def test_it_makes_one_release_when_a_slow_holder_was_given_up(
    published: BasketVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Release | None] = []

    def overtaken(*arguments: object) -> None:
        monkeypatch.undo()
        Recompute.objects.update(lease_until=timezone.now() - SECOND)
        made.append(recomputes.run_due(published.basket_id))

    request = ask(published.basket, "x")
    monkeypatch.setattr(recomputes, "_replay", overtaken)
    assert recomputes.run_due(published.basket_id) is None
    request.refresh_from_db()
    assert (request.state, made, Release.objects.count()) == ("done", [request.release], 1)


def test_it_leaves_to_another_what_it_was_too_slow_for(
    published: BasketVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(*arguments: object) -> None:
        Recompute.objects.update(lease_until=timezone.now() - SECOND)
        assert recomputes._claim(published.basket) is not None

    request = ask(published.basket, "x")
    monkeypatch.setattr(recomputes, "_replay", overtaken)
    assert recomputes.run_due(published.basket_id) is None
    request.refresh_from_db()
    assert (request.state, request.attempts, Release.objects.count()) == ("running", 2, 0)


def test_it_waits_where_no_version_has_taken_effect(basket: Basket) -> None:
    tomorrow = today() + dt.timedelta(days=1)
    version = publish(add_draft(basket, effective_on=tomorrow))
    midnight = Recompute.objects.get()
    assert midnight.due_at.date() == version.effective_on == tomorrow
    early = ask(basket, "new scores")
    assert recomputes.run_due(basket.pk) is None
    early.refresh_from_db()
    assert (early.state, early.error) == ("done", "No version of this basket has taken effect.")
    midnight.refresh_from_db()
    assert midnight.state == "pending"


def months_before(count: int) -> dt.date:
    """The first day of the month `count` months ago."""
    day = today().replace(day=1)
    for _ in range(count):
        day = (day - dt.timedelta(days=1)).replace(day=1)
    return day


def break_second_month(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the replay reach one month and no further."""
    real = releases.make_reconstructed

    def breaking(known: Knowledge, month_end: dt.date) -> Release | None:
        if month_end >= months_before(2):
            raise RuntimeError("power cut")
        return real(known, month_end)

    monkeypatch.setattr(releases, "make_reconstructed", breaking)


def test_it_takes_a_broken_replay_up_where_it_broke(
    basket: Basket, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = add_draft(basket, effective_on=months_before(3))
    publish(draft)
    Recompute.objects.update(due_at=timezone.now())
    break_second_month(monkeypatch)
    with pytest.raises(RuntimeError):
        recomputes.run_due(basket.pk)
    monkeypatch.undo()
    first = Release.objects.get()
    Recompute.objects.update(due_at=timezone.now())
    assert recomputes.run_due(basket.pk) is not None
    found = Release.objects.order_by("number").values_list("number", "vintage_on", "reconstructed")
    ends = [months_before(n) - dt.timedelta(days=1) for n in (2, 1, 0)]
    assert list(found) == [*[(n, day, True) for n, day in enumerate(ends, 1)], (4, today(), False)]
    assert Release.objects.earliest("number") == first
