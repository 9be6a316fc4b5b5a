"""An import among kills: the short form of `python -m tests.bench.crash`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, connections
from pytest_django import DjangoDbBlocker, Settings

from evals.models import ImportRun, Score
from evals.services import imports
from indexsite import embedded
from tests.evals.scratch import scratch
from tests.importing import SOURCE, add_names, business_hash, write_scores
from tests.killing import Killer, finish, workers

pytestmark = pytest.mark.slow
ROWS, KILLS = 30_000, 5


@pytest.fixture
def alone(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    urls: embedded.Urls,
    settings: Settings,
    media: Path,
) -> Iterator[embedded.Urls]:
    """A database of this test's own with the names that its file uses, and its media folder."""
    with scratch(urls, django_db_blocker) as clone:
        add_names(300)
        yield clone


def clear() -> None:
    """Take away what the import stored, as the owner of the tables."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE evals_importrun, evals_score, evals_decision CASCADE")
    connections["owner"].close()


def test_it_ends_as_if_nothing_had_been_when_its_workers_are_killed(
    alone: embedded.Urls, tmp_path: Path
) -> None:
    path = write_scores(tmp_path / "many.csv", ROWS, evals=300, every=1_000)
    quiet = imports.run_import(imports.create_run(path=path, source=SOURCE).pk)
    assert quiet is not None and (quiet.accepted, quiet.held) == (ROWS - 60, 30)
    before = business_hash()
    clear()
    with workers(alone, tmp_path, 2) as crew:
        run = imports.create_run(path=path, source=SOURCE).pk
        killer = Killer(run, crew, KILLS, whole_every=3)
        (ended,) = finish([run], killer.look)
        assert (killer.kills, ended.state, ended.error) == (KILLS, "done", "")
        assert business_hash() == before
        twice = finish([imports.create_run(path=path, source=SOURCE).pk for _ in range(2)])
    assert [(again.accepted, again.held) for again in twice] == [(0, 0), (0, 0)]
    assert Score.objects.count() == ROWS - 60


def test_it_begins_again_where_the_server_lost_what_was_staged(
    alone: embedded.Urls, tmp_path: Path
) -> None:
    path = write_scores(tmp_path / "many.csv", 6_000, evals=300)
    pk = imports.create_run(path=path, source=SOURCE).pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM evals_stagedscore")
        assert cursor.fetchone() == (0,)
    # As a crash leaves it: the run's progress is logged, the staged rows were not.
    ImportRun.objects.filter(pk=pk).update(records_done=5_000, rows_staged=5_000)
    run = imports.run_import(pk)
    assert run is not None
    assert (run.state, run.read, run.accepted) == ("done", 6_000, 6_000)
