"""Every file of others, and every log of our own, through the whole import."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals import readers
from evals.models import ImportRun
from evals.services import files, imports
from tests.evals.readers.files import DATED, LOGS, SHARED

SAMPLES = "_samples.jsonl"
FOUND = [
    *SHARED.glob("epoch/raw/*.csv"),
    *SHARED.glob("fixtures/*/*"),
    *(path for path in LOGS.iterdir() if path.suffix != ".md"),
]


def imported(path: Path) -> ImportRun:
    """The run of a file whose undated results are given a date."""
    run = files.create_run(path=path, source="lab", options={"dated": DATED.isoformat()})
    done = imports.run_import(run.pk)
    assert done is not None
    return done


@pytest.mark.django_db
@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("path", sorted(FOUND), ids=lambda path: path.name)
def test_it_accounts_for_everything_that_a_file_holds(path: Path) -> None:
    run = imported(path)
    assert run.read == run.accepted + run.duplicate + run.held + run.rejected
    if path.name.endswith(SAMPLES):
        assert (run.state, run.read) == (ImportRun.State.FAILED, 0)
        assert "holds samples; only aggregates are imported" in run.error
        return
    assert run.state == ImportRun.State.DONE
    found = list(readers.REGISTRY[run.format].read(path, dated=DATED))
    assert run.read + run.declared == len(found) > 0


@pytest.mark.django_db
@pytest.mark.usefixtures("names")
def test_it_finds_nothing_new_in_a_log_that_came_before() -> None:
    first, again = imported(LOGS / "inspect.eval"), imported(LOGS / "inspect.eval")
    assert (first.held, again.held, again.duplicate) == (2, 0, 2)
