"""Where sources disagree: candidates, spread, which one counts, and the way to each score."""

from __future__ import annotations

import pytest
from django.db.models import Count
from django.test import Client

from baskets.selectors.releases import OFFICIAL_BASKET, current
from baskets.selectors.scores import conflicts, scores_of_system
from evals.models import Score, System

pytestmark = pytest.mark.usefixtures("catalog_db")


def disputed() -> System:
    """The system with the most scores beside others on the same eval."""
    more = Count("pk") - Count("eval", distinct=True)
    cells = Score.objects.order_by().values("system").annotate(n=more)
    return System.objects.get(pk=max(cells, key=lambda cell: cell["n"])["system"])


def test_the_ledger_of_a_system_names_every_candidate_with_its_reason() -> None:
    found = conflicts(scores_of_system(disputed(), current(OFFICIAL_BASKET)))
    assert found
    for conflict in found:
        values = [row.value for row in conflict.rows]
        assert conflict.spread == max(values) - min(values) and len(values) > 1
        assert all(row.why for row in conflict.rows if not row.stands)
        assert sum(row.stands for row in conflict.rows) == (conflict.chosen is not None)


def test_each_candidate_opens_to_where_it_comes_from(client: Client) -> None:
    system = disputed()
    page = client.get(f"/systems/{system.slug}/").content.decode()
    ledger = page.partition('id="conflicts"')[2].partition('id="scores"')[0]
    (first, *_others) = conflicts(scores_of_system(system, current(OFFICIAL_BASKET)))
    assert all(f'href="/scores/{row.id}/"' in ledger for row in first.rows)
    other = client.get(f"/evals/{first.eval.slug}/").content.decode()
    assert f'href="/scores/{first.rows[0].id}/"' in other
    assert client.get(f"/scores/{first.rows[0].id}/").status_code == 200


def test_it_marks_equal_values_of_two_systems() -> None:
    shared = (
        Score.objects.values("eval", "value")
        .annotate(n=Count("system", distinct=True))
        .filter(n__gt=1)
        .order_by("eval", "value")
        .first()
    )
    assert shared is not None
    score = Score.objects.filter(eval=shared["eval"], value=shared["value"])[0]
    rows = scores_of_system(score.system, current(OFFICIAL_BASKET))
    assert next(row for row in rows if row.id == score.pk).shared
    lone = [row for row in rows if not row.shared]
    for row in lone:
        same = Score.objects.filter(eval__slug=row.eval.slug, value=row.value)
        assert not same.exclude(system=score.system_id).exists()
