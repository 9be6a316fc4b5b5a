"""Queues: one decision about a name settles its rows, one about a score ends its hold."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evals.models import Decision, ImportRun, NameDecision, Resolution, Score, System
from evals.selectors import queues
from tests.evals.web.conftest import line

pytestmark = pytest.mark.django_db

NAME = "=HYPERLINK(1)"


def decide(client: Client, **form: str) -> Any:
    fields = {"kind": "system", "name": NAME, **form}
    return client.post(reverse("imports:decide-name"), fields, follow=True)


def test_it_lists_a_name_with_its_rows_and_suggestions(
    importer: Client, mixed_run: ImportRun
) -> None:
    page = importer.get(reverse("imports:names")).content.decode()
    assert "=HYPERLINK(1)" in page and "1 row waits" in page
    assert f"import {mixed_run.pk}, line 3" in page


def test_it_ranks_what_a_name_may_mean(importer: Client, names: None, tmp_path: Any) -> None:
    from evals.services import imports

    path = tmp_path / "x.jsonl"
    path.write_text(line(system="gpt4o") + "\n")
    imports.run_import(imports.create_run(path=path, source="lab").pk)
    page = importer.get(reverse("imports:names")).content.decode()
    assert 'value="same:gpt-4o"' in page and "/100: like" in page


def test_a_known_target_settles_every_row(importer: Client, mixed_run: ImportRun) -> None:
    page = decide(importer, verdict="same:gpt-4o").content.decode()
    assert "is decided" in page and "No name waits" in page
    decision = NameDecision.objects.get()
    assert (decision.verdict, decision.by.username) == ("same", "importer-person")  # type: ignore[union-attr]
    assert Resolution.objects.get().held_row.line == 3


def test_another_known_one_is_typed_by_its_slug(importer: Client, mixed_run: ImportRun) -> None:
    decide(importer, verdict="other", other="gpt-4o")
    assert NameDecision.objects.get().system == System.objects.get(slug="gpt-4o")


def test_a_new_system_needs_its_facts(importer: Client, mixed_run: ImportRun) -> None:
    assert b"needs its developer" in decide(importer, verdict="new").content
    facts = {"developer": "OpenAI", "generation": "GPT-9", "released_on": "2024-05-01"}
    decide(importer, verdict="new", slug="gpt-9", title="GPT-9", **facts)
    assert Score.objects.get(system__slug="gpt-9").value == 53.6


def test_a_name_is_ignored_with_a_reason(importer: Client, mixed_run: ImportRun) -> None:
    assert b"Say why" in decide(importer, verdict="ignore").content
    decide(importer, verdict="ignore", reason="a formula")
    assert Resolution.objects.get().outcome == "ignored"
    assert queues.waiting().names == 0


@pytest.mark.parametrize(
    "form",
    [
        {"verdict": "same:nobody"},
        {"verdict": "other", "other": ""},
        {"verdict": ""},
        {"verdict": "other", "other": "gpt-4o", "kind": "colour"},
        {"verdict": "new", "kind": "eval"},
    ],
)
def test_it_decides_nothing_by_a_form_filled_in_wrongly(
    importer: Client, mixed_run: ImportRun, form: dict[str, str]
) -> None:
    decide(importer, **form)
    assert not NameDecision.objects.exists()


@pytest.fixture
def held_score(mixed_run: ImportRun) -> Score:
    """A score whose newest decision holds it."""
    score = Score.objects.get(eval__slug="gpqa-diamond")
    Decision.objects.create(score=score, status="held", reason="expectation: +9 sd")
    return score


def test_it_lists_held_scores_with_their_numbers(importer: Client, held_score: Score) -> None:
    page = importer.get(reverse("imports:holds")).content.decode()
    assert "expectation: +9 sd" in page and f"/scores/{held_score.pk}/" in page


@pytest.mark.parametrize(("verdict", "status"), [("accept", "accepted"), ("reject", "rejected")])
def test_a_person_ends_a_hold_with_a_reason(
    importer: Client, held_score: Score, verdict: str, status: str
) -> None:
    address = reverse("imports:decide-score", args=[held_score.pk])
    importer.post(address, {"verdict": verdict, "reason": ""})
    assert held_score.decisions.latest("pk").status == "held"
    importer.post(address, {"verdict": verdict, "reason": "looked at it"})
    newest = held_score.decisions.latest("pk")
    assert (newest.status, newest.reason) == (status, "looked at it")
    assert newest.by is not None and queues.waiting().holds == 0


def test_the_second_to_decide_is_told_so(importer: Client, held_score: Score) -> None:
    address = reverse("imports:decide-score", args=[held_score.pk])
    for _time in range(2):
        answer = importer.post(address, {"verdict": "accept", "reason": "fine"}, follow=True)
    assert b"This score is not held" in answer.content
