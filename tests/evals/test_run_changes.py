"""Withdrawing as work: kept as a row, carried out once, by whichever worker comes to it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from evals.models import ImportRun, RunChange, Score
from evals.services import settling, withdrawal
from evals.services.withdrawal import NotPossible, carry_out, change_run
from indexsite import embedded
from tests.evals.conftest import imported
from tests.evals.tables import score, write
from tests.evals.web import conftest as web

importer, as_role = web.importer, web.as_role
Kind = RunChange.Kind


@pytest.fixture
def run(names: None, tmp_path: Path) -> ImportRun:
    """A run of two scores."""
    return imported(write(tmp_path / "a.csv", [score(1), score(2)]))


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows are many."""
    monkeypatch.setattr(withdrawal, "SMALL", 1)


def statuses() -> set[str]:
    return {str(found.decisions.latest("id").status) for found in Score.objects.all()}


def asked(run: ImportRun, kind: Kind = Kind.WITHDRAW) -> RunChange:
    return change_run(run, kind, reason="wrong file", by=None)


def test_a_small_run_is_withdrawn_at_once_and_comes_back(run: ImportRun) -> None:
    change = asked(run)
    assert (change.state, change.scores, change.attempts) == ("done", 2, 1)
    assert statuses() == {"withdrawn"}
    with pytest.raises(NotPossible, match="is withdrawn"):
        asked(run)
    assert asked(run, Kind.REINSTATE).scores == 2 and statuses() == {"accepted"}


@pytest.mark.usefixtures("large")
def test_a_large_run_counts_until_a_worker_has_withdrawn_it(run: ImportRun) -> None:
    change = asked(run)
    assert change.state == "pending" and statuses() == {"accepted"}
    with pytest.raises(NotPossible, match="is being withdrawn or reinstated"):
        asked(run)
    assert list(withdrawal.waiting(timezone.now())) == [change]
    assert carry_out(change.pk) and not carry_out(change.pk)
    change.refresh_from_db()
    assert (change.state, change.scores) == ("done", 2) and statuses() == {"withdrawn"}
    assert not withdrawal.waiting(timezone.now()).exists()


@pytest.mark.usefixtures("large")
def test_a_page_follows_what_is_being_done(run: ImportRun, importer: Client) -> None:
    address = reverse("imports:run", args=[run.pk])
    importer.post(reverse("imports:withdraw", args=[run.pk]), {"reason": "wrong file"})
    page = importer.get(address).content.decode()
    assert "Being withdrawn" in page and 'data-live="1500"' in page and "/withdraw/" not in page
    page = importer.get(reverse("imports:runs")).content.decode()
    assert "being withdrawn" in page and "data-live" in page
    assert carry_out(RunChange.objects.get().pk)
    page = importer.get(address).content.decode()
    assert "2 scores stopped to count. Reason: wrong file" in page and "data-live" not in page
    assert RunChange.objects.get().by == User.objects.get(username="importer-person")


@pytest.mark.usefixtures("large")
def test_a_change_that_breaks_off_changes_nothing_and_is_tried_again(
    run: ImportRun, monkeypatch: pytest.MonkeyPatch, importer: Client
) -> None:
    change = asked(run)
    with monkeypatch.context() as broken:
        broken.setattr(settling, "_TAKEN_AWAY", "SELECT no_such_column AS id, NULL AS hint")
        for attempt in range(1, withdrawal.MOST_ATTEMPTS + 1):
            RunChange.objects.update(lease_until=None)
            with pytest.raises(Exception, match="no_such_column"):
                carry_out(change.pk)
            assert RunChange.objects.get().attempts == attempt
            assert RunChange.objects.get().lease_until > timezone.now()  # type: ignore[operator]
    assert statuses() == {"accepted"} and not carry_out(change.pk)
    page = importer.get(reverse("imports:run", args=[run.pk])).content.decode()
    assert "The last attempt broke off" in page and "no_such_column" in page
    RunChange.objects.update(lease_until=None)
    assert not carry_out(change.pk) and RunChange.objects.get().state == "failed"
    assert "It was not withdrawn:" in importer.get(f"/imports/{run.pk}/").content.decode()
    asked(run)
    assert carry_out(RunChange.objects.latest("pk").pk) and statuses() == {"withdrawn"}


def test_a_change_of_a_dead_worker_is_taken_over_and_a_living_one_left(
    committed: embedded.Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(withdrawal, "SMALL", 0)
    change = asked(imported(write(tmp_path / "a.csv", [score(1)])))
    long_ago = timezone.now() - dt.timedelta(minutes=1)
    RunChange.objects.update(state="running", attempts=1, lease_until=long_ago)
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT id FROM evals_runchange FOR UPDATE")
        assert not carry_out(change.pk) and statuses() == {"accepted"}
        other.rollback()
        assert carry_out(change.pk) and statuses() == {"withdrawn"}
    finally:
        other.close()


def test_a_wish_waits_for_no_change_that_is_being_carried_out(
    committed: embedded.Urls, tmp_path: Path
) -> None:
    run = imported(write(tmp_path / "a.csv", [score(1)]))
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT id FROM evals_importrun FOR UPDATE")
        with pytest.raises(NotPossible, match="is being withdrawn or reinstated"):
            asked(run)
        other.rollback()
        assert asked(run).state == "done"
    finally:
        other.close()
