"""What holds of the rules for any two releases."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from alerts.rules import DOMAINS, SERIES, Cell, Facts, Standing, examine

SYSTEMS = st.sampled_from(["a", "b", "c"])
CELLS = st.builds(Cell, st.sampled_from("xyz"), st.sampled_from(DOMAINS), st.sampled_from([1.0, 2]))
FACTS = st.builds(
    Facts,
    reconstructed=st.sampled_from([False, False, False, True]),
    yardstick=st.sampled_from(["one", "one", "one", "two"]),
    frontier=st.dictionaries(
        st.sampled_from(SERIES),
        st.builds(Standing, SYSTEMS, st.floats(-50, 900, allow_nan=False)),
    ),
    official=st.dictionaries(st.sampled_from(SERIES), st.frozensets(SYSTEMS)),
    cells=st.dictionaries(SYSTEMS, st.frozensets(CELLS, max_size=4)),
)


def expected(previous: Facts, new: Facts) -> set[tuple[str, str]]:
    """The contract spelt out once more, as one condition for each series and system."""
    return {
        (series, system)
        for series in ("headline", "balanced", "capability", "safety", "alignment")
        for system in ("a", "b", "c")
        if not (previous.reconstructed or new.reconstructed)
        and previous.yardstick == new.yardstick
        and series in previous.frontier
        and series in new.frontier
        and new.frontier[series].system == system != previous.frontier[series].system
        and new.frontier[series].value > previous.frontier[series].value
        and system in new.official.get(series, ())
        and any(
            cell not in previous.cells.get(system, ())
            for cell in new.cells.get(system, ())
            if series in ("headline", "balanced", cell.domain)
        )
    }


@given(FACTS, FACTS)
def test_it_tells_exactly_what_the_contract_says(previous: Facts, new: Facts) -> None:
    moves = examine(previous, new).moves
    assert {(move.series, move.after.system) for move in moves} == expected(previous, new)
    assert len({move.series for move in moves}) == len(moves)


@given(FACTS, FACTS)
def test_it_never_tells_of_both_a_step_and_its_reversal(one: Facts, other: Facts) -> None:
    there = {move.series for move in examine(one, other).moves}
    back = {move.series for move in examine(other, one).moves}
    assert not there & back


@given(FACTS)
def test_it_finds_no_news_in_the_same_release(facts: Facts) -> None:
    assert examine(facts, facts).moves == ()


@given(FACTS, FACTS)
def test_it_is_silent_across_any_change_of_yardstick(previous: Facts, new: Facts) -> None:
    assert examine(previous, replace(new, yardstick="three")).moves == ()
