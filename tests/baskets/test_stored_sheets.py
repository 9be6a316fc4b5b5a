"""Pages that compare systems read them from their sheets, and see what the engine saw."""

from __future__ import annotations

from itertools import combinations

import pytest

from baskets.engine import EngineError, compute_with_replicates, contributions
from baskets.models import Release
from baskets.selectors.decomposition import _rebuilt
from baskets.selectors.sheets import MAIN, sheets_of

pytestmark = pytest.mark.usefixtures("catalog_db")

SYSTEMS = ["gpt-4o", "gpt-5", "claude-opus-4.7", "gpt-6.1-sol", "claude-mythos-preview"]


@pytest.mark.parametrize("series", [*MAIN, "capability/coding", "safety/hallucination/factuality"])
def test_it_takes_stored_systems_apart_as_the_engine_does(series: str) -> None:
    release = Release.objects.latest("number")
    problem, answer = _rebuilt(release.pk)
    sheets = sheets_of(release, SYSTEMS)
    for one, other in combinations(SYSTEMS, 2):
        terms = sheets.terms(one, other, series)
        try:
            rows = contributions(answer, problem, system=one, against=other, series=series)
        except EngineError:
            assert terms is None
            continue
        assert terms is not None
        for row in rows:
            assert terms[row.basket, row.eval] == pytest.approx(row.points, abs=1e-5)


def test_it_compares_on_the_replicates_of_the_release() -> None:
    release = Release.objects.latest("number")
    _answer, drawn = compute_with_replicates(_rebuilt(release.pk)[0])
    assert drawn is not None
    sheets = sheets_of(release, SYSTEMS, frame=False)
    for one, other in combinations(SYSTEMS, 2):
        found = sheets.compared(one, other, "capability")
        wanted = drawn.compare(system=one, against=other, series="capability")
        assert found is not None
        assert found.ahead == pytest.approx(wanted.ahead, abs=0.001)
        assert (found.difference, found.low, found.high) == pytest.approx(
            (wanted.difference, wanted.low, wanted.high), abs=0.01
        )


def test_it_agrees_with_what_the_release_says_of_its_frontier() -> None:
    release = Release.objects.latest("number")
    steps = release.summary["series"]["capability"]["frontier"][1:]
    assert steps
    for step in steps:
        pair = (step["system"], step["previous_system"])
        found = sheets_of(release, pair, frame=False).compared(*pair, "capability")
        assert found is not None
        assert found.ahead == pytest.approx(step["difference"]["ahead"], abs=0.001)
        assert found.low == pytest.approx(step["difference"]["low"], abs=0.01)


def test_it_compares_nothing_that_has_no_sheet() -> None:
    release = Release.objects.earliest("number")
    sheets = sheets_of(release, ["gpt-4o", "no-such-system"])
    assert sheets.compared("gpt-4o", "no-such-system", "capability") is None
    assert sheets.terms("gpt-4o", "no-such-system", "capability") is None
