"""Large runs, whose merge goes abreast of their reading."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from django.db import connection, connections, transaction
from pytest_django import DjangoDbBlocker

from evals.models import Decision, ImportRun, Score
from evals.services import abreast, imports
from evals.services.leases import LeaseLost
from evals.services.merging import Ahead
from indexsite import embedded
from tests.evals.scratch import scratch
from tests.evals.tables import SYSTEMS, score, write
from tests.importing import add_names, business_hash, write_scores

ROWS = 200
# The second system has the values of the first.
VECTORS = [
    score(10 + n, system=f"system-{system:04d}", eval=f"eval-{n:04d}")
    for system in (20, 21)
    for n in range(6)
]


@pytest.fixture(autouse=True)
def alone(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, urls: embedded.Urls
) -> Iterator[None]:
    """A database of this test's own: the threads of an import have connections of their own."""
    with scratch(urls, django_db_blocker):
        add_names(20)
        yield


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A merge goes abreast from 50 rows on."""
    monkeypatch.setattr(imports, "CHUNK", 50)
    monkeypatch.setattr(imports, "LEAST_ROWS", 50)
    return monkeypatch


def lines(path: Path) -> list[str]:
    """Good, unknown, bad and doubtful rows, and rows twice."""
    many = write_scores(path, ROWS, evals=20, every=50).read_text("utf-8").splitlines()[1:]
    early = score(3, system="system-0022", eval="eval-0000", observed_on="2024-01-01")
    return [*many, early, *many[2:5]]


def imported(path: Path, source: str = "lab") -> ImportRun:
    """The run of a file, imported here and now."""
    run = imports.run_import(imports.create_run(path=path, source=source).pk)
    assert run is not None
    return run


def clear() -> None:
    """Take away what imports stored, as the owner of the tables."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE evals_importrun, evals_score, evals_decision CASCADE")
    connections["owner"].close()


def outcome(path: Path, known: Path | None) -> tuple[str, list[int]]:
    """What a file comes to, after another one where there is one; and its counts."""
    if known is not None:
        imported(known, "else")
    run = imported(path)
    found = business_hash()
    clear()
    return found, [run.read, run.accepted, run.duplicate, run.held, run.rejected]


def abreast_to_the_end(patch: pytest.MonkeyPatch) -> list[bool]:
    """Of each merge from here on, whether it went abreast to its end."""
    ended: list[bool] = []
    finish = abreast.Abreast.finish

    def finish_and_tell(merge: abreast.Abreast, end: Callable[[Ahead], None], place: int) -> bool:
        ended.append(finish(merge, end, place=place))
        return ended[-1]

    patch.setattr(abreast.Abreast, "finish", finish_and_tell)
    return ended


def gave_way(patch: pytest.MonkeyPatch) -> Event:
    """Set when a merge gives up going abreast."""
    found = Event()
    give_up = abreast.Abreast._give_up

    def give_up_and_tell(merge: abreast.Abreast, error: Exception) -> None:
        give_up(merge, error)
        found.set()

    patch.setattr(abreast.Abreast, "_give_up", give_up_and_tell)
    return found


def imported_elsewhere(path: Path) -> ImportRun:
    """The same on a connection of its own."""
    try:
        return imported(path)
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("known", "repeated", "wholly"),
    [(0, False, [True, False]), (30, False, [False, True, False, False]), (0, True, [False] * 2)],
)
def test_it_comes_to_what_any_other_run_comes_to(
    known: int, repeated: bool, wholly: list[bool], tmp_path: Path, small: pytest.MonkeyPatch
) -> None:
    rows = lines(tmp_path / "many.csv")
    path = write(tmp_path / "all.csv", rows + (VECTORS if repeated else []))
    first = write(tmp_path / "first.csv", rows[20 : 20 + known]) if known else None
    ended = abreast_to_the_end(small)
    found = outcome(path, first)
    small.setattr(imports, "LEAST_ROWS", 10**6)
    assert found == outcome(path, first)
    assert (ended, all(found[1])) == (wholly, True)


def test_it_loses_no_row_where_names_are_declared_on_the_way(
    tmp_path: Path, small: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "both.zip"
    new = write(tmp_path / "systems.csv", ["new-1,New,Lab,N,2024-01-01,"], header=SYSTEMS)
    late = [score(n, system="new-1", eval=f"eval-{n:04d}") for n in range(1, 20)]
    with zipfile.ZipFile(path, "w") as packed:
        packed.write(write_scores(tmp_path / "many.csv", ROWS, evals=20), "a/observations.csv")
        packed.write(new, "b/systems.csv")
        packed.write(write(tmp_path / "late.csv", late), "b/observations.csv")
    ended = abreast_to_the_end(small)
    run = imported(path)
    assert (run.accepted, run.read, ended) == (ROWS + 19, ROWS + 19, [False])
    assert Score.objects.filter(system__slug="new-1").count() == 19


@pytest.mark.parametrize("late", [dt.timedelta(0), dt.timedelta(minutes=5)])
def test_it_gives_up_where_it_lasts_too_long(
    late: dt.timedelta, tmp_path: Path, small: pytest.MonkeyPatch
) -> None:
    small.setattr(abreast, "LONGEST", late)
    ended = abreast_to_the_end(small)
    run = imported(write_scores(tmp_path / "many.csv", ROWS, evals=20))
    assert (run.accepted, ended) == (ROWS, [bool(late)])


def test_it_gives_way_to_another_that_stores_its_rows(
    tmp_path: Path, small: pytest.MonkeyPatch
) -> None:
    path = write_scores(tmp_path / "many.csv", ROWS, evals=20)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            with small.context() as patch:
                patch.setattr(imports, "LEAST_ROWS", 10**6)
                first = imported(path, "else")
            given_up = gave_way(small)
            second = pool.submit(imported_elsewhere, path)
            assert given_up.wait(10)
        run = second.result()
    assert (first.accepted, run.accepted, run.duplicate) == (ROWS, 0, ROWS)


def test_it_leaves_nothing_where_the_lease_was_lost(
    tmp_path: Path, small: pytest.MonkeyPatch
) -> None:
    def lose(*given: object, **named: object) -> None:
        raise LeaseLost

    path = write_scores(tmp_path / "many.csv", ROWS, evals=20)
    run = imports.create_run(path=path, source="lab")
    small.setattr(imports, "_store", lose)
    assert imports.run_import(run.pk) is None
    assert (Score.objects.count(), Decision.objects.count()) == (0, 0)
