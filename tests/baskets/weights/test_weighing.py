"""Operations on the weights of a draft, by hand and as identities."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baskets.weighing import (
    WHOLE,
    CannotWeigh,
    entered,
    equalised,
    normalised,
    replaced,
    retired,
    scaled,
    shares_of,
    weight_of,
)

NAMES = [f"eval-{n}" for n in range(12)]
WEIGHTS = st.dictionaries(
    st.sampled_from(NAMES), st.floats(1e-9, 1e6, allow_nan=False), min_size=2, max_size=12
)
HUNDREDTHS = 10_000


def per_cent(*shares: float) -> dict[str, int]:
    return {name: round(share * HUNDREDTHS) for name, share in zip("abcd", shares, strict=False)}


@given(WEIGHTS)
def test_it_adds_up_to_one_exactly_as_stored(weights: dict[str, float]) -> None:
    shares = shares_of(weights)
    assert sum(Decimal(repr(weight_of(share))) for share in shares.values()) == 1
    assert min(shares.values()) >= 1 and list(shares) == list(weights)
    assert shares_of({name: weight_of(share) for name, share in shares.items()}) == shares


@given(WEIGHTS, st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES)),
       st.integers(1, WHOLE))  # fmt: skip
def test_it_never_moves_what_is_locked(
    weights: dict[str, float], locked: set[str], branch: set[str], to: int
) -> None:
    before = shares_of(weights)
    changes: list[Callable[[], dict[str, int]]] = [
        lambda: normalised(before, locked=locked),
        lambda: scaled(before, branch, to, locked=locked),
        lambda: equalised(before, branch, locked=locked),
        lambda: entered(before, "another", to, locked=locked),
        lambda: retired(before, next(iter(before)), locked=locked),
    ]
    for change in changes:
        try:
            after = change()
        except CannotWeigh:
            continue
        assert sum(after.values()) == WHOLE and min(after.values()) >= 1
        assert all(after[name] == before[name] for name in locked & before.keys() & after.keys())


def test_it_scales_a_branch_and_lets_the_rest_make_room() -> None:
    before = per_cent(10, 30, 20, 40)
    assert scaled(before, "ab", 60 * HUNDREDTHS) == {
        "a": 150_000, "b": 450_000, "c": 133_333, "d": 266_667,
    }  # fmt: skip
    assert scaled(before, "ab", 60 * HUNDREDTHS - 100_000, locked="d") == {
        "a": 125_000, "b": 375_000, "c": 100_000, "d": 400_000,
    }  # fmt: skip
    assert scaled(before, "ab", 50 * HUNDREDTHS, locked="a")["b"] == 400_000


def test_it_equalises_the_open_evals_of_a_branch() -> None:
    before = per_cent(10, 30, 21, 39)
    assert equalised(before, "abc", locked="b") == per_cent(15.5, 30, 15.5, 39)
    assert equalised(before, "abcd") == per_cent(25, 25, 25, 25)
    assert sorted(equalised(per_cent(1, 1, 98), "abc").values()) == [333_333, 333_333, 333_334]


def test_it_gives_what_leaves_and_enters_its_share() -> None:
    before = per_cent(10, 30, 20, 40)
    assert retired(before, "b", locked="d") == {"a": 200_000, "c": 400_000, "d": 400_000}
    assert entered(before, "e", 100_000, locked="d")["e"] == 100_000
    assert entered(before, "e", 100_000, locked="d")["b"] == 250_000
    assert replaced(before, "b", "e") == {"a": 100_000, "e": 300_000, "c": 200_000, "d": 400_000}


def test_it_normalises_around_locked_weights() -> None:
    assert normalised(per_cent(10, 30, 20, 60), locked="d") == {
        "a": 66_667, "b": 200_000, "c": 133_333, "d": 600_000,
    }  # fmt: skip
    assert normalised({"a": 0, "b": 0}) == {"a": 500_000, "b": 500_000}


@pytest.mark.parametrize("ask", [
    lambda: normalised(per_cent(60, 60), locked="ab"),
    lambda: normalised(per_cent(60, 60, 1), locked="ab"),
    lambda: scaled(per_cent(60, 40), "a", 50 * HUNDREDTHS, locked="b"),
    lambda: scaled(per_cent(60, 40), "ab", 50 * HUNDREDTHS),
    lambda: scaled(per_cent(60, 40), "a", WHOLE),
    lambda: scaled(per_cent(60, 40), "x", 10),
    lambda: equalised(per_cent(60, 40), "a", locked="a"),
    lambda: retired({"a": WHOLE}, "a"),
    lambda: replaced(per_cent(60, 40), "a", "b"),
    lambda: shares_of({"a": float("nan")}),
    lambda: shares_of({}),
])  # fmt: skip
def test_it_refuses_what_no_weights_can_do(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(CannotWeigh):
        ask()
