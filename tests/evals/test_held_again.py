"""Scores of earlier imports that come again in doubt: each is listed where it is counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from evals.models import ImportRun, Score
from evals.selectors import runs
from evals.services import posted, postings
from evals.services.withdrawal import withdraw_run
from tests.evals.conftest import counts, imported
from tests.evals.tables import score, write
from tests.evals.web import conftest as web

importer, as_role, token = web.importer, web.as_role, web.token
pytestmark = pytest.mark.usefixtures("names")


@pytest.fixture
def withdrawn(tmp_path: Path) -> ImportRun:
    """A withdrawn import of a value that looks like a proportion since the next import."""
    first = imported(write(tmp_path / "a.csv", [score(0.87)]))
    withdraw_run(first, reason="wrong file", by=None)
    imported(write(tmp_path / "b.csv", [score(n) for n in (40, 50, 60)]))
    return first


def doubtful(run: ImportRun) -> list[tuple[int, int | None, str]]:
    """(line, import that brought the score first, what became of it) of the rows held in doubt."""
    rows = runs.rows_of(run, "doubtful").rows
    assert len(rows) == runs.doubtful_count(run)
    return [(row.line, row.first_run, row.ended) for row in rows]


def test_a_run_lists_what_it_brought_to_be_held_again(
    tmp_path: Path, withdrawn: ImportRun, importer: Client
) -> None:
    again = imported(write(tmp_path / "c.csv", [score(40), score(0.87)]), source="else")
    assert counts(again) == (2, 0, 1, 1, 0)
    assert doubtful(again) == [(3, withdrawn.pk, "")] and doubtful(withdrawn) == []
    ((kind, line, why),) = runs.reasons_of(again, most=9)
    assert (kind, line) == ("doubtful", 3) and "as a proportion it is 87" in why
    assert why.endswith(f"(the score came first with import {withdrawn.pk})")
    page = importer.get(reverse("imports:run", args=[again.pk])).content.decode()
    assert "as a proportion it is 87" in page and f'href="/imports/{withdrawn.pk}/"' in page
    sheet = importer.get(reverse("imports:rows", args=[again.pk, "doubtful"])).getvalue().decode()
    assert f"first with import {withdrawn.pk})" in sheet


def test_the_command_names_what_it_brought_to_be_held_again(
    tmp_path: Path, withdrawn: ImportRun, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "c.csv", [score(0.87)])
    with pytest.raises(SystemExit):
        call_command("import_results", str(path), "--source", "else", "--dry-run")
    told = capsys.readouterr()
    assert told.out == "read=1 accepted=0 duplicate=0 held=1 rejected=0\n"
    assert "held: line 2: unit:" in told.err and f"import {withdrawn.pk})" in told.err


def test_of_requests_merged_together_the_last_one_lists_it(token: web.Token) -> None:
    def post(*lines: str) -> ImportRun:
        bodies = [line.encode() for line in lines]
        made = postings.post_lines(bodies, token=token[0], source="lab", key="", sha256="")
        return ImportRun.objects.get(pk=made)

    first = post(web.line(value=0.87))
    posted.merge_waiting()
    first.refresh_from_db()
    withdraw_run(first, reason="wrong", by=None)
    post(*(web.line(value=n) for n in (40, 50, 60)))
    posted.merge_waiting()
    pair = [post(web.line(value=0.87)), post(web.line(value=0.87))]
    posted.merge_waiting()
    pair = [ImportRun.objects.get(pk=run.pk) for run in pair]
    assert [(run.held, run.duplicate) for run in pair] == [(0, 1), (1, 0)]
    assert [doubtful(run) for run in pair] == [[], [(1, first.pk, "")]]
    assert Score.objects.count() == 4
