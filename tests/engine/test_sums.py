"""Sums up the tree: one order of additions, whatever the shape of what is summed."""

import numpy as np
import pytest

from baskets.engine import Problem
from baskets.engine.aggregate import Table, Version, level, levels_of, version_of
from baskets.engine.sums import BLOCK, WIDTH, Array
from tests.engine.problems import item

# Domains with and without subdomains, of unequal sizes, one of them larger than a block.
SIZES = {"alpha/x": 3, "alpha/y": 3, "alpha/z": 5, "beta/": 4, "gamma/": 2, "gamma/v": BLOCK + 7}


def version(seed: int = 0) -> Version:
    """A version of 61 evals whose names say nothing of where they belong."""
    rng = np.random.default_rng(seed)
    places = [place for place, size in SIZES.items() for _ in range(size)]
    names = [f"e{n:02}" for n in rng.permutation(len(places))]
    evals = []
    for name, place in zip(names, places, strict=True):
        domain, subdomain = place.split("/")
        evals.append(item(name, domain, subdomain=subdomain or None))
    weights = {name: float(rng.integers(1, 9)) for name in names}
    problem = Problem.from_json(
        {
            "method": {"base": "old"},
            "evals": evals,
            "systems": [{"id": "old"}],
            "scores": [],
            "baskets": [{"id": "v1", "weights": weights}],
        }
    )
    return version_of(problem, problem.baskets[0])


def plain(version: Version, cells: Array) -> dict[str, list[float]]:
    """Every node's sums by nested loops over Python's own numbers."""
    weight = [version.basket.weights[name] for name in version.evals]
    columns = cells.reshape(len(cells), -1).T.tolist()

    def added(parts: list[tuple[float, float]], whole: float) -> float:
        total = 0.0
        for share, number in parts:
            total += share / whole * number
        return total

    found: dict[str, list[float]] = {}
    nodes = {node.series: node for node in version.nodes}
    for column in columns:
        tops = []
        for domain in version.domains:
            inner = [n for n in version.subdomains if n.domain == domain.series]
            under = {e for n in inner for e in n.evals}
            loose = tuple(e for e in domain.evals if e not in under)
            groups = [("", loose), *((n.series, n.evals) for n in inner)]
            parts = []
            for series, evals in groups:
                if evals:
                    size = nodes[series].share if series else sum(weight[e] for e in evals)
                    value = added([(weight[e], column[e]) for e in evals], size)
                    parts.append((size, value))
                    found.setdefault(series or "loose", []).append(value)
            value = added(parts, domain.share) if inner else parts[0][1]
            found.setdefault(domain.series, []).append(value)
            tops.append((domain.share, value))
        found.setdefault("headline", []).append(added(tops, sum(s for s, _ in tops)))
    return found


@pytest.mark.parametrize("shape", [(1, 1), (2, 1), (1, 3), (7, 1), (40, 5), (2 * WIDTH + 1, 1)])
def test_it_adds_as_nested_loops_do_to_the_last_bit(shape: tuple[int, int]) -> None:
    tree = version()
    cells = np.random.default_rng(1).uniform(0, 100, (len(tree.evals), *shape))
    expected = plain(tree, cells)
    sums = tree.tree.sums(cells)
    assert sums.shape == (len(tree.nodes), *shape)
    for row, node in enumerate(tree.nodes):
        assert sums[row].ravel().tolist() == expected[node.series], node.series


def test_a_column_does_not_depend_on_the_columns_beside_it() -> None:
    tree = version().tree
    cells = np.random.default_rng(2).uniform(0, 100, (61, 1000, 1))
    whole = tree.sums(cells)
    for chosen in ([3], [3, 998], list(range(0, 1000, 7))):
        assert (tree.sums(cells[:, chosen]) == whole[:, chosen]).all()


def test_the_way_memory_is_laid_out_does_not_matter() -> None:
    tree = version().tree
    cells = np.random.default_rng(3).uniform(0, 100, (61, 20, 4))
    turned = np.asfortranarray(cells)
    assert (tree.sums(turned) == tree.sums(cells)).all()


def test_the_tree_gives_the_flat_weighted_sum_of_every_node() -> None:
    tree = version()
    points = np.random.default_rng(4).uniform(0, 100, (61, 30, 2))
    seen = np.ones((61, 30), dtype=bool)
    table = Table(tree, points, seen, np.full((61, 30), 0.5))
    for scale, cells in (("points", points), ("odds", np.log(points) - np.log(100 - points))):
        table = Table(tree, points, seen, np.full((61, 30), 1e-9))
        levels = levels_of(table, scale)
        for node in tree.nodes:
            assert levels[node.series] == pytest.approx(level(node, cells, scale), rel=1e-9)


def test_a_missing_cell_spoils_only_the_sums_above_it() -> None:
    tree = version()
    cells = np.ones((61, 2, 1))
    cells[tree.subdomains[0].evals[0], 1] = np.nan
    sums = tree.tree.sums(cells)[:, :, 0]
    spoilt = {node.series for node, row in zip(tree.nodes, sums, strict=True) if np.isnan(row[1])}
    assert spoilt == {"headline", "alpha", "alpha/x"}
    assert sums[:, 0] == pytest.approx(1)
