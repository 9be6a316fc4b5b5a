"""The drivers that pages show add up to what they explain."""

from __future__ import annotations

import math

import pytest

from baskets.models import Release
from baskets.selectors.catalog import eval_names
from baskets.selectors.decomposition import _rebuilt, drivers

pytestmark = pytest.mark.usefixtures("catalog_db")


@pytest.mark.parametrize("series", ["headline", "capability", "safety"])
def test_it_sums_to_the_difference_within_a_billionth(series: str) -> None:
    release = Release.objects.latest("number")
    problem, answer = _rebuilt(release.pk)
    points = {
        p.system: p.value
        for p in answer.points
        if p.series == series and p.in_force and p.value is not None
    }
    base = problem.method.base
    against = points[base]
    assert len(points) > 20
    for system in sorted(points):
        rows = drivers(release, system=system, against=base, series=series, evals=eval_names())
        assert rows is not None
        total = math.fsum(row.points for row in rows)
        assert total == pytest.approx(points[system] - against, abs=1e-9)
