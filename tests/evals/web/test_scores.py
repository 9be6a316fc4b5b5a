"""A score opens to its import, file, line, reader, source and decisions, for everybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from evals.models import Decision, ImportRun, Score, System
from evals.services import imports
from evals.services.identity import resolve
from evals.services.withdrawal import withdraw_run
from tests.evals.web.conftest import line

pytestmark = pytest.mark.django_db


def page_of(score: Score) -> str:
    answer = Client().get(reverse("scores:score", args=[score.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_shows_where_a_score_comes_from(mixed_run: ImportRun) -> None:
    page = page_of(Score.objects.get(eval__slug="gpqa-diamond"))
    for fact in (mixed_run.content_sha256, "results 3", "mixed.jsonl", "53.6", "2024-06-01"):
        assert fact in page, fact
    assert "/imports/" not in page.replace("/imports/css", "").split("<main")[1].split("</main>")[0]


def test_it_shows_every_decision_but_no_ones_name(
    mixed_run: ImportRun, django_user_model: type
) -> None:
    person = django_user_model.objects.create_superuser("secretive")  # type: ignore[attr-defined]
    score = Score.objects.get(eval__slug="gpqa-diamond")
    withdraw_run(mixed_run, reason="wrong prompt", by=person)
    page = page_of(score)
    assert "withdrawn" in page and "wrong prompt" in page and "a person" in page
    assert "secretive" not in page


def test_it_names_the_imports_that_state_a_score_again(tmp_path: Path, names: None) -> None:
    path = tmp_path / "again.jsonl"
    path.write_text(f"{line(value=1.5)}\n{line()}\n")
    for source in ("lab", "else"):
        imports.run_import(imports.create_run(path=path, source=source).pk)
    page = page_of(Score.objects.get(value=53.6))
    assert "Stated again by" in page and "again.jsonl (else, line 2)" in page


def test_it_leads_from_a_superseded_score_to_the_other(mixed_run: ImportRun) -> None:
    old, new = Score.objects.order_by("pk")[:2]
    Decision.objects.create(score=old, status="superseded", reason="corrected", in_favour_of=new)
    assert f'href="/scores/{new.pk}/"' in page_of(old)


def test_it_shows_a_held_rows_record_as_it_was_read(mixed_run: ImportRun) -> None:
    system = System.objects.get(slug="gpt-4o")
    other = System.objects.create(
        slug="other",
        name="Other",
        developer=system.developer,
        generation=system.generation,
        released_on=system.released_on,
    )
    resolve("=HYPERLINK(1)", "system", other, by=None)
    page = page_of(Score.objects.get(system=other))
    assert "The record as it was read" in page and "=HYPERLINK(1)" in page
    assert "Other systems with the same value" in page


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30])
def test_it_knows_no_other_score(db: None, number: str) -> None:
    assert Client().get(f"/scores/{number}/").status_code == 404


def test_it_makes_no_link_of_an_address_that_is_none(mixed_run: ImportRun) -> None:
    score = Score.objects.get(eval__slug="gpqa-diamond")
    copy = {f.name: getattr(score, f.name) for f in Score._meta.fields if f.name != "id"}
    copy |= {"source_url": "javascript:alert(1)", "content_hash": "x"}
    page = page_of(Score.objects.create(**copy))
    assert "javascript:alert(1)" in page and 'href="javascript' not in page
