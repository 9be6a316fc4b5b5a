"""Section 5: a chain grown from levels, with weights that differ from draw to draw."""

import numpy as np
import pytest

from baskets.engine import Problem, prepare
from baskets.engine.aggregate import levels_of
from baskets.engine.compute import State
from baskets.engine.link import Chain, chain_levels, chain_versions
from tests.engine.problems import Json, changed, dense, linked


def state(problem: Json) -> State:
    return prepare(Problem.from_json(problem))


def grown(found: State, *, scale: str, link: str, copies: int = 1, **more: object) -> Chain:
    """A chain from plain mappings of levels, each repeated."""
    levels = [
        {name: np.repeat(x, copies, axis=1) for name, x in levels_of(table, scale).items()}
        for table in found.tables
    ]
    versions = [table.version for table in found.tables]
    ways = {"scale": scale, "link": link, "geometric": False}
    given: dict[str, object] = {**ways, **more}
    return chain_levels(found.problem, versions, levels, found.standings, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("way", [("points", "additive"), ("points", "ratio"), ("odds", "ratio")])
def test_a_chain_of_levels_is_that_of_the_tables(way: tuple[str, str]) -> None:
    found, (scale, link) = state(linked()), way
    ways = {"scale": scale, "link": link, "geometric": False, "pattern": found.chain}
    tables = chain_versions(found.problem, found.tables, found.standings, **ways)  # type: ignore[arg-type]
    levels = grown(found, scale=scale, link=link, copies=3, pattern=found.chain)
    assert list(levels.index) == list(tables.index)
    for key, values in tables.index.items():
        assert np.array_equal(levels.index[key], np.repeat(values, 3, axis=1), equal_nan=True)


def test_levels_of_odds_need_to_be_told_the_points_of_the_base() -> None:
    found = state(changed(linked(), scale="odds"))
    with pytest.raises(ValueError, match="judged in points"):
        grown(found, scale="odds", link="ratio")
    base = found.problem.row_of["old"]
    points = [
        {name: x[base : base + 1] for name, x in levels_of(table, "points").items()}
        for table in found.tables
    ]
    told = grown(found, scale="odds", link="ratio", base_points=points)
    for key, values in found.chain.index.items():
        assert np.array_equal(told.index[key], values, equal_nan=True)


def test_domain_weights_may_differ_from_draw_to_draw() -> None:
    found = state(dense())
    drawn = np.array([0.5, 0.25])
    shares = [{"capability": drawn, "safety": 1 - drawn}]
    chain = grown(found, scale="points", link="additive", copies=2, shares=shares)
    row = found.problem.row_of["new"]
    ways = (chain.index[name, 0][row] / 100 for name in ("capability", "safety"))
    capability, safety = ways
    expected = 100 * capability**drawn * safety ** (1 - drawn)
    assert chain.index["balanced", 0][row] == pytest.approx(expected)


def test_a_chain_knows_only_the_series_that_it_has() -> None:
    chain = state(linked()).chain
    names = ["headline", "capability", "safety", "balanced"]
    assert list(chain.index) == [(name, n) for n in (0, 1) for name in names]
    assert len(chain.levels) == 6 and ("balanced", 0) not in chain.levels
    for key in (("headline", 2), ("headline", -1), ("nothing", 0)):
        assert key not in chain.index and chain.levels.get(key) is None


def test_levels_stay_as_they_were_unless_given_away() -> None:
    found = state(dense())
    levels = levels_of(found.tables[0], "points")
    before = levels.array.copy()
    rest = {"scale": "points", "link": "additive", "geometric": False}
    parts = (found.problem, [found.tables[0].version], [levels], found.standings)
    kept = chain_levels(*parts, **rest)  # type: ignore[arg-type]
    assert np.array_equal(levels.array, before)
    given = chain_levels(*parts, overwrite=True, **rest)  # type: ignore[arg-type]
    for key, values in kept.index.items():
        assert np.array_equal(given.index[key], values)
    assert np.array_equal(levels.array[0], kept.index["headline", 0])
