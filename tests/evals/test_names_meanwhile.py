"""Names that are decided while rows of theirs are on their way: no row waits for what is known."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection, transaction

from evals import tasks
from evals.models import Alias, HeldRow, ImportRun, Resolution, Score, System
from evals.selectors.queues import waiting
from evals.services import identity, imports, leases, posted, postings
from indexsite import embedded
from tests.evals.conftest import counts
from tests.evals.tables import EVALS, SYSTEMS, score, write
from tests.evals.web import conftest as web

token = web.token


def decide() -> None:
    """Say what the name of the rows means, and that another one is not wanted."""
    identity.resolve("Mystery", "system", System.objects.get(), by=None)
    identity.ignore("Nonsense", "system", reason="a test", by=None)


@pytest.mark.usefixtures("names")
def test_a_name_decided_while_its_file_is_read_leaves_no_row_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 1)
    lines = [score(n, system=name) for n, name in enumerate(["Mystery", "Nonsense", "Unknown"])]
    run = imports.create_run(path=write(tmp_path / "a.csv", lines), source="lab")
    claimed = leases.claim(run.pk, now=run.created_at)
    assert claimed is not None
    first = iter([decide])
    done = imports.work_on(claimed, lambda _run: next(first, lambda: None)())
    assert done is not None and counts(done) == (3, 0, 0, 3, 0)
    ended = set(Resolution.objects.values_list("held_row__line", "outcome"))
    assert ended == {(2, "scored"), (3, "ignored")}
    assert waiting().names == 1


@pytest.mark.usefixtures("names")
def test_a_name_decided_while_requests_are_merged_leaves_no_row_waiting(
    token: web.Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = posted._end

    def end_after_deciding(*args: object, **more: object) -> None:
        decide()
        end(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(posted, "_end", end_after_deciding)
    lines = [web.line(system="Mystery").encode()]
    postings.post_lines(lines, token=token[0], source="lab", key="", sha256="")
    assert posted.merge_waiting() == 1
    assert waiting().names == 0 and Score.objects.get().held_row == HeldRow.objects.get()


def test_a_merge_waits_for_a_decision_that_is_under_way(
    committed: embedded.Urls, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", [score(system="Mystery")])
    run = imports.create_run(path=path, source="lab")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            # It finds no row to settle, as the merge is not done.
            decide()
            merging = pool.submit(_merge, run)
            while not _somebody_waits():
                time.sleep(0.01)
            assert HeldRow.objects.exists() and waiting().names == 1
        merging.result(timeout=60)
    assert waiting().names == 0 and Score.objects.count() == 1


def _merge(run: ImportRun) -> None:
    """Import in a thread, on a connection of its own."""
    try:
        imports.run_import(run.pk)
    finally:
        connection.close()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


@pytest.mark.usefixtures("names")
def test_a_system_that_an_import_declares_ends_the_rows_that_waited_for_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [score(system="nova-2")])
    imports.run_import(imports.create_run(path=path, source="lab").pk)
    assert waiting().names == 1
    facts = "nova-2,Nova 2,Lab,Nova,2026-01-01,"
    folder = tmp_path / "catalog"
    folder.mkdir()
    write(folder / "systems.csv", [facts], header=SYSTEMS)
    write(folder / "evals.csv", [], header=EVALS)
    write(folder / "observations.csv", [])
    imports.run_import(imports.create_run(path=folder, source="else").pk)
    assert waiting().names == 0 and Score.objects.get().system.slug == "nova-2"


@pytest.mark.usefixtures("names")
def test_what_a_worker_left_waiting_is_settled_at_the_next_look(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [score(system="Mystery")])
    imports.run_import(imports.create_run(path=path, source="lab").pk)
    Alias.objects.create(name="Mystery", system=System.objects.get())
    tasks.look()
    assert waiting().names == 0
