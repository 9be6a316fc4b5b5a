"""The rules: what is told as a move of a frontier, and what never is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.models import Examination, Series
from alerts.rules import SERIES, Cell, Facts, Outcome, Standing, examine, new_evidence

GPQA = Cell("gpqa", "capability", 50.0)
FUZZ = Cell("fuzz", "safety", 90.0)


def facts(**frontier: tuple[str, float]) -> Facts:
    """A real release in which each frontier system is official and has one score per domain."""
    standing = {series: Standing(*known) for series, known in frontier.items()}
    return Facts(
        reconstructed=False,
        yardstick="agi/1",
        frontier=standing,
        official={series: frozenset({top.system}) for series, top in standing.items()},
        cells={top.system: frozenset({GPQA, FUZZ}) for top in standing.values()},
    )


def told(previous: Facts | None, new: Facts) -> list[tuple[str, str, float]]:
    """(series, system, move) of every move."""
    moves = examine(previous, new).moves
    return [(move.series, move.after.system, move.move) for move in moves]


def test_it_tells_of_a_new_system_above_the_old_frontier() -> None:
    old, new = facts(capability=("gpt-5", 590.0)), facts(capability=("sol", 613.5))
    verdict = examine(old, new)
    assert verdict.outcome is Outcome.MOVED
    assert verdict.moves[0].before == Standing("gpt-5", 590.0)
    assert told(old, new) == [("capability", "sol", 23.5)]


def test_it_measures_the_move_from_the_frontier_that_was_published() -> None:
    old = facts(safety=("opus", 150.0))
    # In the new release the old frontier system would stand at 149; readers were shown 150.
    assert told(old, facts(safety=("sol", 151.0))) == [("safety", "sol", 1.0)]


def test_it_tells_of_every_series_that_moved_in_their_fixed_order() -> None:
    old = facts(safety=("a", 100.0), headline=("a", 100.0), balanced=("a", 100.0))
    new = facts(safety=("b", 101.0), headline=("b", 102.0), balanced=("a", 99.0))
    assert told(old, new) == [("headline", "b", 2.0), ("safety", "b", 1.0)]


def test_it_says_nothing_of_a_system_below_the_frontier() -> None:
    old = facts(capability=("gpt-5", 590.0))
    verdict = examine(old, facts(capability=("gpt-5", 590.0)))
    assert verdict.outcome is Outcome.QUIET and verdict.moves == ()


def test_it_says_nothing_when_the_frontier_only_passes_to_another_system() -> None:
    old = facts(capability=("gpt-5", 590.0))
    assert told(old, facts(capability=("sol", 590.0))) == []
    assert told(old, facts(capability=("sol", 580.0))) == []


def test_it_says_nothing_when_the_frontier_system_moves_itself() -> None:
    old, new = facts(capability=("gpt-5", 590.0)), facts(capability=("gpt-5", 600.0))
    assert told(old, new) == []


def test_it_never_tells_of_a_reconstructed_release() -> None:
    old = facts(capability=("gpt-5", 590.0))
    new = replace(facts(capability=("sol", 613.5)), reconstructed=True)
    assert examine(old, new) == examine(None, new)
    assert examine(old, new).outcome is Outcome.RECONSTRUCTED


@pytest.mark.parametrize("reconstruction", [True, False])
def test_it_never_tells_of_the_first_real_release(reconstruction: bool) -> None:
    old = replace(facts(capability=("gpt-5", 590.0)), reconstructed=True)
    new = facts(capability=("sol", 613.5))
    verdict = examine(old if reconstruction else None, new)
    assert verdict.outcome is Outcome.FIRST and verdict.moves == ()


def test_it_never_tells_of_a_provisional_system() -> None:
    old, new = facts(capability=("gpt-5", 590.0)), facts(capability=("sol", 613.5))
    assert told(old, replace(new, official={"capability": frozenset({"gpt-5"})})) == []


def test_it_never_tells_a_changed_yardstick_as_progress() -> None:
    old = facts(capability=("gpt-5", 590.0))
    new = replace(facts(capability=("sol", 613.5)), yardstick="agi/2")
    verdict = examine(old, new)
    assert verdict.outcome is Outcome.REMEASURED and verdict.moves == ()


def test_it_never_tells_of_a_system_that_a_refit_carried_up() -> None:
    old = facts(capability=("gpt-5", 590.0))
    new = facts(capability=("sol", 590.5))
    assert told(replace(old, cells=new.cells), new) == []


def test_it_counts_new_scores_only_in_the_domain_they_belong_to() -> None:
    old = facts(capability=("gpt-5", 590.0), headline=("gpt-5", 400.0))
    new = facts(capability=("sol", 590.5), headline=("sol", 401.0))
    before = replace(old, cells={"sol": frozenset({GPQA})})
    assert new_evidence("capability", "sol", previous=before, new=new) == frozenset()
    assert told(before, new) == [("headline", "sol", 1.0)]


def test_it_takes_a_changed_score_as_new_and_a_withdrawn_one_as_none() -> None:
    new = facts(capability=("sol", 600.0))
    changed = replace(new, cells={"sol": frozenset({replace(GPQA, value=60.0), FUZZ})})
    withdrawn = replace(new, cells={"sol": frozenset({FUZZ})})
    assert new_evidence("capability", "sol", previous=changed, new=new) == {GPQA}
    assert new_evidence("capability", "sol", previous=new, new=withdrawn) == frozenset()


def test_it_has_nothing_to_measure_from_where_a_series_had_no_frontier() -> None:
    assert told(facts(), facts(alignment=("sol", 120.0))) == []


def test_it_passes_over_a_series_that_nobody_can_subscribe_to() -> None:
    old = facts(**{"capability/coding": ("a", 100.0)})
    assert told(old, facts(**{"capability/coding": ("b", 110.0)})) == []


def test_it_speaks_the_words_that_the_database_stores() -> None:
    assert set(Series.values) == set(SERIES)
    assert set(Examination.Outcome.values) == {outcome.value for outcome in Outcome}
