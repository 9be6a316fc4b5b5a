"""Imports that break off, lose their lease or run at the same time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from uuid import uuid4

import pytest
from django.db import connections
from django.utils import timezone

from evals import readers, tasks
from evals.models import Decision, HeldRow, ImportRun, Rejection, Score, System
from evals.readers import catalog
from evals.records import Record
from evals.services import imports, leases
from evals.signals import scores_changed
from tests.evals.conftest import counts
from tests.evals.tables import SYSTEMS, score, write


class Interrupted:
    """The catalog reader with something that happens after its last record."""

    NAME, VERSION, RANK = catalog.NAME, catalog.VERSION, catalog.RANK

    def __init__(self, happens: Callable[[], object]) -> None:
        self.happens = happens

    def sniff(self, path: Path) -> bool:
        return catalog.sniff(path)

    def read(self, path: Path, *, dated: dt.date | None = None) -> Iterator[Record]:
        yield from catalog.read(path, dated=dated)
        self.happens()


def rows() -> list[int]:
    """How many rows an import has written, table by table."""
    return [table.objects.count() for table in (Score, Decision, HeldRow, Rejection)]


@pytest.fixture
def run(names: None, tmp_path: Path) -> ImportRun:
    """A run whose file has a good, a held and a bad row, and declares a system."""
    write(tmp_path / "systems.csv", ["new-1,New,Lab,N,2026-01-01,"], header=SYSTEMS)
    write(tmp_path / "observations.csv", [score(), score(system="who"), score(-1)])
    return imports.create_run(path=tmp_path, source="lab")


def test_it_leaves_nothing_half_written_and_the_run_waiting_when_it_breaks(
    run: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("disk gone")

    monkeypatch.setitem(readers.REGISTRY, "catalog", Interrupted(fail))
    with pytest.raises(RuntimeError, match="disk gone"):
        imports.run_import(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempts, run.error) == ("pending", 1, "RuntimeError: disk gone")
    assert (run.finished_at, counts(run)) == (None, (0, 0, 0, 0, 0))
    assert run.lease_until is not None
    assert run.lease_until > timezone.now()
    assert imports.run_import(run.pk) is None
    assert rows() == [0, 0, 0, 0]
    assert not System.objects.filter(slug="new-1").exists()


def pause_over(run: ImportRun) -> None:
    """As if the time before the next try had passed."""
    past = timezone.now() - dt.timedelta(seconds=1)
    ImportRun.objects.filter(pk=run.pk, state="pending").update(lease_until=past)


def test_it_gives_up_a_file_whose_workers_die(run: ImportRun) -> None:
    past = timezone.now() - dt.timedelta(seconds=1)
    ImportRun.objects.filter(pk=run.pk).update(state="running", attempts=5, lease_until=past)
    assert imports.run_import(run.pk) is None
    run.refresh_from_db()
    assert (run.state, run.error) == (
        "failed",
        "given up after 5 attempts without progress; each worker that tried it ended",
    )


def test_it_is_whole_on_the_next_try(run: ImportRun, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setitem(readers.REGISTRY, "catalog", Interrupted(lambda: 1 // 0))
        with pytest.raises(ZeroDivisionError):
            imports.run_import(run.pk)
    pause_over(run)
    done = imports.run_import(run.pk)
    assert done is not None
    assert (done.state, done.attempts, done.error) == ("done", 2, "")
    assert (counts(done), rows()) == ((3, 1, 0, 1, 1), [1, 1, 1, 1])


def test_it_gives_up_after_five_breaks(run: ImportRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(readers.REGISTRY, "catalog", Interrupted(lambda: 1 // 0))
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            imports.run_import(run.pk)
        pause_over(run)
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("failed", 5)
    assert run.finished_at is not None
    assert imports.run_import(run.pk) is None


def test_it_undoes_everything_when_its_lease_was_lost(
    run: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def steal() -> None:
        ImportRun.objects.filter(pk=run.pk).update(lease=uuid4())

    def hear(*, cause: str, **kwargs: object) -> None:
        told.append(cause)

    monkeypatch.setitem(readers.REGISTRY, "catalog", Interrupted(steal))
    scores_changed.connect(hear)
    assert imports.run_import(run.pk) is None
    assert (rows(), told) == ([0, 0, 0, 0], [])
    assert not System.objects.filter(slug="new-1").exists()


def test_it_holds_its_run_by_time_where_a_file_is_slow(
    run: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []

    class Slow(Interrupted):
        def read(self, path: Path, *, dated: dt.date | None = None) -> Iterator[Record]:
            for record in catalog.read(path, dated=dated):
                yield record
                self.happens()

    slow = Slow(lambda: done.append(ImportRun.objects.get().records_done))
    monkeypatch.setitem(readers.REGISTRY, "catalog", slow)
    monkeypatch.setattr(leases, "RENEW", dt.timedelta(0))
    assert imports.run_import(run.pk) is not None
    assert done == [1, 2, 3, 4]


def test_it_leaves_a_run_that_another_holds_until_the_lease_ends(run: ImportRun) -> None:
    now = timezone.now()
    assert leases.claim(run.pk, now=now) is not None
    assert imports.run_import(run.pk) is None
    assert leases.claim(run.pk, now=now + leases.LEASE) is None
    late = leases.claim(run.pk, now=now + leases.LEASE + dt.timedelta(seconds=1))
    assert late is not None
    assert late.attempts == 2


def test_it_does_not_import_a_finished_run_again(run: ImportRun) -> None:
    assert imports.run_import(run.pk) is not None
    assert imports.run_import(run.pk) is None


def at_once(*work: Callable[[], ImportRun | None]) -> list[ImportRun | None]:
    """What each returns, all begun together, each on a connection of its own."""
    barrier = Barrier(len(work))

    def begun(one: Callable[[], ImportRun | None]) -> ImportRun | None:
        try:
            barrier.wait(10)
            return one()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(begun, work))


@pytest.mark.usefixtures("committed")
def test_it_imports_a_run_once_when_two_workers_take_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [score(n) for n in range(50)])
    pk = imports.create_run(path=path, source="lab").pk
    ended = at_once(*[lambda: imports.run_import(pk)] * 3)
    assert [run and counts(run) for run in sorted(ended, key=lambda run: run is None)] == [
        (50, 50, 0, 0, 0),
        None,
        None,
    ]


@pytest.mark.usefixtures("committed")
def test_it_stores_once_what_two_files_bring_at_once(tmp_path: Path) -> None:
    lines = [score(n) for n in range(50)] + [score(n, system="who") for n in range(50)]
    path = write(tmp_path / "a.csv", lines)
    keys = [imports.create_run(path=path, source="lab").pk for _ in range(2)]
    first, second = at_once(*[lambda pk=pk: imports.run_import(pk) for pk in keys])
    assert first is not None
    assert second is not None
    assert (first.accepted + second.accepted, first.held + second.held) == (50, 50)
    assert first.duplicate + second.duplicate == 100
    assert rows() == [50, 50, 50, 0]


def begin(reading: Event, overtaken: Event) -> None:
    """Tell that the file is read, and wait."""
    reading.set()
    assert overtaken.wait(10)


@pytest.mark.usefixtures("committed")
def test_it_keeps_one_import_when_a_slow_worker_was_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pk = imports.create_run(path=write(tmp_path / "a.csv", [score()]), source="lab").pk
    reading, overtaken = Event(), Event()

    def overtake() -> ImportRun | None:
        assert reading.wait(10)
        monkeypatch.setitem(readers.REGISTRY, "catalog", catalog)
        ImportRun.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
        run = imports.run_import(pk)
        overtaken.set()
        return run

    monkeypatch.setitem(readers.REGISTRY, "catalog", Interrupted(lambda: begin(reading, overtaken)))
    slow, quick = at_once(lambda: imports.run_import(pk), overtake)
    assert [slow, quick and counts(quick)] == [None, (1, 1, 0, 0, 0)]
    assert rows() == [1, 1, 0, 0]


@pytest.mark.usefixtures("names")
def test_it_hints_at_runs_that_wait_or_whose_holder_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, hinted = write(tmp_path / "a.csv", [score()]), []
    waiting, held, dead, done = (imports.create_run(path=path, source="lab").pk for _ in range(4))
    now = timezone.now()
    assert leases.claim(held, now=now) is not None
    assert leases.claim(dead, now=now - 2 * leases.LEASE) is not None
    assert imports.run_import(done) is not None
    monkeypatch.setattr(
        tasks.run_import, "apply_async", lambda args, **options: hinted.append(args[0])
    )
    tasks.sweep()
    assert sorted(hinted) == [waiting, dead]
