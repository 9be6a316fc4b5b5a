"""Which scores count, against a look at every decision."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from evals.models import Decision, Eval, ImportRun, Score, Source, System
from evals.selectors.counting import MOST_VALUES, counting, dated_values

pytestmark = pytest.mark.usefixtures("names")
START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
STATUSES = ("accepted", "held", "rejected", "superseded", "withdrawn")


def scores(count: int) -> list[Score]:
    """So many scores of one cell, nothing decided yet."""
    source = Source.objects.create(slug="lab", name="Lab")
    run = ImportRun.objects.create(source=source, name="a.csv")
    return Score.objects.bulk_create(
        Score(
            system=System.objects.get(),
            eval=Eval.objects.get(slug="gpqa-diamond"),
            value=n,
            reported_by="third_party",
            observed_on=dt.date(2026, 3, 1),
            recorded_at=START,
            import_run=run,
            line=n,
            content_hash=str(n),
        )
        for n in range(count)
    )


def every_history() -> dict[Score, tuple[str, ...]]:
    """A score for every sequence of one to three decisions, one a day, stored day by day."""
    histories = [h for n in (1, 2, 3) for h in itertools.product(STATUSES, repeat=n)]
    found = dict(zip(scores(len(histories)), histories, strict=True))
    Decision.objects.bulk_create(
        Decision(score=score, status=history[day], at=START + dt.timedelta(days=day), reason="x")
        for day in range(3)
        for score, history in found.items()
        if day < len(history)
    )
    return found


def test_a_score_counts_where_its_newest_decision_accepts_it() -> None:
    histories = every_history()
    found = set(counting().values_list("pk", flat=True))
    assert found == {s.pk for s, history in histories.items() if history[-1] == "accepted"}


@pytest.mark.parametrize("days", [1, 2])
def test_it_counts_by_the_decisions_that_had_been_taken(days: int) -> None:
    histories = every_history()
    until = Q(at__lt=START + dt.timedelta(days=days))
    found = set(counting(until).values_list("pk", flat=True))
    assert found == {s.pk for s, h in histories.items() if h[:days][-1] == "accepted"}


def test_it_asks_once_however_many_scores_there_are() -> None:
    every_history()
    with connection.cursor() as cursor:
        sql, values = counting().query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Anti Join" in plan and "SubPlan" not in plan


def test_the_dated_values_of_an_eval_are_those_that_count() -> None:
    first, second, third = scores(3)
    now = timezone.now()
    for score, status in ((first, "accepted"), (second, "held"), (third, "accepted")):
        Decision.objects.create(score=score, status=status, at=now, reason="x")
    released = System.objects.get().released_on
    assert sorted(dated_values("gpqa-diamond")) == [(released, 0.0), (released, 2.0)]
    assert dated_values("horizon") == [] and MOST_VALUES >= 100
