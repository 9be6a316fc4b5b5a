"""Section 6: the random numbers behind the replicates."""

import hashlib
from statistics import NormalDist

import numpy as np
import pytest

from baskets.engine.draws import Source, normal_grid

SOURCE = Source("seed", 1000)


def test_the_numbers_have_the_moments_of_the_normal_law() -> None:
    grid = normal_grid()
    # Mean and skewness by symmetry; kurtosis 3 but for what lies beyond 4.2 deviations.
    assert (grid == -grid[::-1]).all()
    assert float(np.mean(grid**2)) == pytest.approx(1, abs=1e-12)
    assert float(np.mean(grid**4)) == pytest.approx(3, abs=0.005)


def test_the_numbers_lie_on_the_normal_law() -> None:
    law, grid = NormalDist(), normal_grid()
    for place in range(0, len(grid), 257):
        assert law.cdf(grid[place]) == pytest.approx((place + 0.5) / len(grid), abs=1e-5)


def test_each_draw_comes_from_sixteen_bits_of_a_keyed_counter() -> None:
    key, upper = (
        int.from_bytes(hashlib.sha256(text).digest()[:16], "big")
        for text in (b"seed\nscore\nsystem", b"eval")
    )
    words = np.random.Philox(key=key, counter=upper << 128).random_raw(2)
    bits = [int(word) >> shift & 0xFFFF for word in words for shift in (0, 16, 32, 48)]
    expected = [normal_grid()[k] for k in bits[:7]]
    assert Source("seed", 7).normals("score", "system", "eval").tolist() == expected


def test_a_draw_does_not_depend_on_what_is_drawn_beside_it() -> None:
    names = ["c", "a", "b"]
    together = SOURCE.rows(("score", "system"), names)
    for name, row in zip(names, together, strict=True):
        assert (SOURCE.normals("score", "system", name) == row).all()


def test_more_replicates_begin_with_the_same_draws() -> None:
    more = Source("seed", 1003).normals("score", "system", "eval")
    assert (more[:1000] == SOURCE.normals("score", "system", "eval")).all()


def test_draws_of_different_names_are_independent() -> None:
    many = Source("seed", 20_000)
    rows = [many.normals(*name) for name in (("a", "b"), ("b", "a"), ("a", "c"), ("b", "b"))]
    rows.append(Source("other", 20_000).normals("a", "b"))
    beside = np.corrcoef(rows) - np.eye(5)
    assert np.abs(beside).max() < 4 / np.sqrt(20_000)


def test_successive_draws_are_independent_and_standard() -> None:
    drawn = Source("seed", 20_000).normals("score", "system", "eval")
    noise = 4 / np.sqrt(20_000)
    assert abs(drawn.mean()) < noise and abs(drawn.var() - 1) < 2 * noise
    for lag in (1, 2, 3, 4):
        assert abs(np.corrcoef(drawn[lag:], drawn[:-lag])[0, 1]) < noise
