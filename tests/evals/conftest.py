"""A system and two evals that small files speak of, and a media folder of each test's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from pytest_django import DjangoDbBlocker, Settings

from evals.models import ImportRun
from evals.records import EvalRecord, SystemRecord
from evals.services import imports
from evals.services.declared import declare_eval, declare_system
from indexsite import embedded
from tests.evals.scratch import scratch

GPT_4O = SystemRecord(
    line=2,
    slug="gpt-4o",
    name="GPT-4o",
    developer="OpenAI",
    generation="GPT-4",
    released_on=dt.date(2024, 5, 13),
)
GPQA = EvalRecord(
    line=2,
    slug="gpqa-diamond",
    name="GPQA Diamond",
    domain="capability",
    subdomain="science",
    unit="percent",
    scale="linear",
    direction="higher",
    lower=0.0,
    upper=100.0,
    floor=25.0,
    ceiling=100.0,
)
HORIZON = msgspec.structs.replace(GPQA, slug="horizon", name="Time horizon", scale="log")


def declare() -> None:
    """The names that the lines of `tables.score` use."""
    assert declare_system(GPT_4O) is None
    assert declare_eval(GPQA) is None
    assert declare_eval(HORIZON) is None


def imported(path: Path, source: str = "lab") -> ImportRun:
    """The run of a file, imported here and now."""
    run = imports.run_import(imports.create_run(path=path, source=source).pk)
    assert run is not None
    assert run.read == run.accepted + run.duplicate + run.held + run.rejected
    return run


def counts(run: ImportRun) -> tuple[int, int, int, int, int]:
    """(read, accepted, duplicate, held, rejected)."""
    return run.read, run.accepted, run.duplicate, run.held, run.rejected


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    """Where this test's uploads go."""
    folder = tmp_path / "media"
    settings.MEDIA_ROOT = str(folder)
    return folder


@pytest.fixture
def names(db: None) -> None:
    """The declared names in the empty database."""
    declare()


@pytest.fixture
def committed(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, urls: embedded.Urls
) -> Iterator[embedded.Urls]:
    """The declared names in a database of this test's own, seen by every connection."""
    with scratch(urls, django_db_blocker) as clone:
        declare()
        yield clone
