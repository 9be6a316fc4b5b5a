"""The scores that a problem is made of, as they are read."""

from __future__ import annotations

import pytest

from baskets.selectors.counted import FIELDS, counted_scores
from evals.models import Decision, Eval, Score, System
from evals.selectors.counting import counting

pytestmark = pytest.mark.usefixtures("catalog_db")


def test_they_are_the_scores_that_count_with_all_that_a_problem_needs() -> None:
    stored = list(counting().order_by("pk").select_related("system", "eval"))
    found = counted_scores(System.objects.all(), Eval.objects.all())
    assert len(found) == len(stored) == 1308
    for name in FIELDS[2:]:
        assert [getattr(one, name) for one in found] == [getattr(one, name) for one in stored]
    assert [(o.system, o.eval) for o in found] == [(o.system, o.eval) for o in stored]


def test_a_score_that_counts_no_more_is_left_out() -> None:
    score = Score.objects.first()
    assert score is not None
    Decision.objects.create(score=score, status="withdrawn", reason="x")
    found = counted_scores(System.objects.all(), Eval.objects.all())
    assert len(found) == 1307 and score.content_hash not in {one.content_hash for one in found}


def test_what_is_newer_than_the_names_that_were_read_waits() -> None:
    systems = System.objects.exclude(slug="gpt-5")
    found = counted_scores(systems, Eval.objects.all())
    assert "gpt-5" not in {one.system.slug for one in found}
    assert len(found) == 1308 - Score.objects.filter(system__slug="gpt-5").count()
