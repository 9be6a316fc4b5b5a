"""From an import to a release through a real worker, beat and Redis."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from django.conf import settings
from pytest_django import DjangoDbBlocker

from baskets.models import OwnRelease, Recompute, Release
from evals.models import ImportRun
from evals.services import imports
from indexsite import embedded
from indexsite.celery import app
from indexsite.health import servants
from tests import sites
from tests.evals.scratch import scratch
from tests.evals.tables import score, write

SECONDS = 20.0


@dataclass(frozen=True)
class Started:
    """A site that began with an import of which no message tells."""

    forgotten: ImportRun
    folder: Path


def eventually(true: Callable[[], bool], seconds: float) -> bool:
    """Whether it became true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.1)
    return true()


def created(folder: Path, source: str, value: float) -> ImportRun:
    """An import of one new score, waiting."""
    return imports.create_run(path=write(folder / f"{source}.csv", [score(value)]), source=source)


@pytest.fixture(scope="module")
def started(
    catalog_template: str,
    django_db_blocker: DjangoDbBlocker,
    urls: embedded.Urls,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Started]:
    """Redis is emptied after an import was asked for; then worker and beat start."""
    folder = tmp_path_factory.mktemp("site")
    media, settings.MEDIA_ROOT = settings.MEDIA_ROOT, str(folder / "media")
    try:
        with scratch(urls, django_db_blocker, catalog_template) as clone:
            forgotten = created(folder, "forgotten", 53.25)
            redis.Redis.from_url(urls.redis).flushall()
            with sites.worker(clone, folder), sites.beat(clone, folder):
                assert eventually(lambda: bool(app.control.ping(timeout=0.5)), sites.PATIENCE)
                yield Started(forgotten, folder)
    finally:
        settings.MEDIA_ROOT = media


def released(run: ImportRun) -> bool:
    """Whether a release was made for the run's new score."""
    cause = f"1 new scores from {run.source.name}"
    answered = Recompute.objects.filter(cause=cause, state="done")
    return answered.filter(release__reconstructed=False).exists()


def test_it_releases_what_it_is_told_to_import_within_20_seconds(started: Started) -> None:
    before = Release.objects.count()
    run = created(started.folder, "told", 53.75)
    assert eventually(lambda: released(run), SECONDS)
    run.refresh_from_db()
    assert (run.state, run.accepted, run.attempts) == ("done", 1, 1)
    assert Release.objects.count() > before


def test_it_finds_an_import_that_redis_forgot(started: Started) -> None:
    assert eventually(lambda: released(started.forgotten), SECONDS)
    started.forgotten.refresh_from_db()
    assert (started.forgotten.state, started.forgotten.attempts) == ("done", 1)


def test_it_sees_that_every_part_is_up(started: Started) -> None:
    assert {servant.name: servant.up for servant in servants()} == {
        "redis": True,
        "worker": True,
        "sweep": True,
    }


def test_it_answers_every_request_for_a_release_once(started: Started) -> None:
    open_states = ("pending", "running")
    assert eventually(lambda: not Recompute.objects.filter(state__in=open_states).exists(), SECONDS)
    assert not Recompute.objects.filter(state="failed").exists()
    numbers = list(Release.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def test_it_makes_the_releases_of_own_baskets_after_their_parents(started: Started) -> None:
    newest = Release.objects.latest("number")
    assert not newest.reconstructed
    assert eventually(lambda: OwnRelease.objects.filter(release=newest).exists(), SECONDS)
