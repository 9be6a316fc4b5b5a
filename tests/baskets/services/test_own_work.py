"""The making of own baskets' releases: once each, after the parents', whoever dies meanwhile."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.utils import timezone

from baskets import tasks
from baskets.models import BasketVersion, OwnRelease, OwnWork
from baskets.selectors.own_content import made_of
from baskets.services import own_releases
from tests.baskets.services.test_own import HALVES, released, saved
from tests.baskets.services.test_recomputes import SECOND, ask


def test_it_lets_a_parent_go_first(published: BasketVersion) -> None:
    saved(released(published), HALVES)
    request = ask(published.basket, "new scores")
    assert own_releases.run_due() == 0 and OwnWork.objects.get().attempts == 0
    request.delete()
    assert own_releases.run_due() == 1


def test_it_leaves_to_another_worker_what_that_one_holds(published: BasketVersion) -> None:
    saved(released(published), HALVES)
    held = {"state": "running", "lease": uuid.uuid4()}
    OwnWork.objects.update(**held, lease_until=timezone.now() + 60 * SECOND)
    assert own_releases.run_due() == 0
    # Its worker was killed.
    OwnWork.objects.update(lease_until=timezone.now() - SECOND)
    assert own_releases.is_due() and own_releases.run_due() == 1
    assert not OwnWork.objects.exists()


def test_it_stores_nothing_once_its_lease_is_lost(
    published: BasketVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = released(published)
    saved(release, HALVES)
    making = made_of

    def overtaken(*given: object) -> object:
        monkeypatch.undo()
        OwnWork.objects.update(lease_until=timezone.now() - SECOND)
        assert own_releases.run_due() == 1
        return making(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(own_releases, "made_of", overtaken)
    assert own_releases.run_due() == 0
    assert OwnRelease.objects.count() == 1


def test_it_tries_a_break_again_and_gives_up_after_five(
    published: BasketVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(released(published), HALVES)
    monkeypatch.setattr(own_releases, "made_of", lambda *given: 1 // 0)
    for attempt in range(1, 6):
        assert own_releases.run_due() == 0
        work = OwnWork.objects.get()
        assert (work.attempts, work.lease_until) == (attempt, None)
        OwnWork.objects.update(due_at=timezone.now())
    assert (work.state, work.error[:17]) == ("failed", "ZeroDivisionError")
    assert not own_releases.is_due()
    monkeypatch.undo()
    assert own_releases.ask_again(OwnWork.objects.all()) == 1
    assert own_releases.run_due() == 1


def test_it_takes_what_is_new_in_order_and_then_the_past_backwards(
    published: BasketVersion,
) -> None:
    past, newest = released(published), released(published)
    saved(newest, HALVES)
    after = [released(published), released(published)]
    for _turn in range(4):
        assert own_releases.run_due(budget=0) == 1
    made = [row.release for row in OwnRelease.objects.order_by("pk")]
    assert made == [*after, newest, past]


def test_it_asks_for_what_was_saved_while_a_release_was_being_stored(
    published: BasketVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = saved(released(published), HALVES)
    OwnWork.objects.all().delete()
    hinted: list[object] = []
    monkeypatch.setattr(tasks.run_own, "apply_async", lambda *a, **k: hinted.append(k))
    tasks.sweep()
    assert len(hinted) == 1 and OwnWork.objects.get().own == mine
    # What follows is asked for too where only the one after it was seen to be lacking.
    newest = released(published)
    OwnWork.objects.exclude(release=newest).delete()
    tasks.sweep()
    assert OwnWork.objects.count() == 2


def test_what_kills_its_worker_fails_alone_and_comes_last(
    published: BasketVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = released(published)
    first, second = saved(release, HALVES), saved(release, HALVES)
    making = made_of

    def killed(own: object, *given: object) -> object:
        return making(own, *given) if own == second else exit()  # type: ignore[arg-type]

    monkeypatch.setattr(own_releases, "made_of", killed)
    # A killed worker gives nothing back; its lease ends.
    monkeypatch.setattr(own_releases, "_give_back", lambda lease: None)
    with pytest.raises(SystemExit):
        own_releases.run_due()
    attempts = dict(OwnWork.objects.values_list("own", "attempts"))
    assert attempts == {first.pk: 1, second.pk: 0}
    OwnWork.objects.update(lease_until=timezone.now() - SECOND)
    with pytest.raises(SystemExit):
        own_releases.run_due()
    assert OwnRelease.objects.get().own == second


def test_its_turn_is_taken_by_one_worker_at_a_time(published: BasketVersion) -> None:
    saved(released(published), HALVES)
    lease = own_releases._claim()
    assert lease is not None and own_releases._claim() is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        assert cursor.fetchone() == (1,)
    own_releases._give_back(lease)
    assert OwnWork.objects.get().state == "pending"
