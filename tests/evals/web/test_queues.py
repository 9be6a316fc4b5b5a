"""Scores held in doubt: one decision ends a hold."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from evals.models import Decision, ImportRun, Score
from evals.selectors import queues

pytestmark = pytest.mark.django_db


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
