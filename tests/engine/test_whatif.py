"""What-ifs: new weights on cells that were filled once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from baskets.engine import Answer, Problem, compute, prepare
from baskets.engine.compute import links_of
from baskets.engine.errors import BadWeight, EmptyBasket, UnknownId
from baskets.engine.impute import DomainFit
from baskets.engine.whatif import Seen, WhatIf, rank_moves, whatif
from baskets.engine.whatif_draws import Drawn
from baskets.engine.whatif_frame import Frame
from baskets.engine.whatif_weights import domains_scaled, on_every_version
from tests.bench.synthetic import problem as synthetic
from tests.engine.problems import changed, linked

SCALES: tuple[dict[str, str], ...] = (
    {},
    {"scale": "odds"},
    {"domain_mean": "geometric"},
    {"link": "ratio"},
)


def gappy() -> dict[str, Any]:
    """Two versions of eight evals, a third of the cells missing, filled by the model."""
    whole = synthetic(24, versions=2, missing=0.4)
    names = [item.id for item in whole.evals if int(item.id[1:]) < 9]
    obj = whole.to_json()
    for kind in ("evals", "scores"):
        key = "id" if kind == "evals" else "eval"
        obj[kind] = [row for row in obj[kind] if row[key] in names]  # type: ignore[attr-defined]
    for basket in obj["baskets"]:  # type: ignore[attr-defined]
        basket["weights"] = {name: basket["weights"][name] for name in names[:8]}
    copied: dict[str, Any] = json.loads(json.dumps(obj))
    for n, row in enumerate(copied["systems"]):
        row["released_on"] = f"2025-{n % 12 + 1:02}-01"
    return copied


def pooled(obj: dict[str, Any], *, settled: int = 1) -> Frame:
    """A frame whose last version may count every eval."""
    every = {item["id"]: 1.0 for item in obj["evals"]}
    first, last = obj["baskets"][:-1], obj["baskets"][-1] | {"weights": every}
    return Frame.of(Problem.from_json(obj | {"baskets": [*first, last]}), settled=settled)


def published(obj: dict[str, Any], weights: dict[str, float]) -> Problem:
    """The problem with these weights in its last version, as a release has it."""
    last = obj["baskets"][-1] | {"weights": weights}
    return Problem.from_json(obj | {"baskets": [*obj["baskets"][:-1], last]})


def values_differ(found: WhatIf, answer: Answer) -> list[object]:
    """The points of the last version in which the two are not the same, bit for bit."""
    position = len(found.state.tables) - 1
    columns, row_of = found.columns(position), found.state.problem.row_of
    wrong: list[object] = []
    for point in (p for p in answer.points if p.basket == found.state.problem.baskets[-1].id):
        if point.series not in columns:
            # The first version has a subdomain that this one has not.
            wrong += [] if point.value is None else [point]
            continue
        column, row = columns[point.series], row_of[point.system]
        numbers = [float(x[row]) for x in (column.value, column.worst, column.best)]
        mine = [None if np.isnan(numbers[0]) else x for x in numbers]
        same = mine == [point.value, point.worst, point.best]
        if not same or column.coverage[row] != point.coverage:
            wrong.append((point, mine))
    return wrong


@pytest.mark.parametrize("method", SCALES)
def test_its_values_are_the_published_ones_to_the_last_digit(method: dict[str, str]) -> None:
    obj = changed(gappy(), **method)
    frame, rng = pooled(obj), np.random.default_rng(7)
    names = sorted(item["id"] for item in obj["evals"])
    for leave in (None, "e004"):
        weights = {name: float(rng.uniform(0.2, 3)) for name in names if name != leave}
        answer = compute(published(obj, weights))
        found = whatif(frame, {"v2": weights | ({leave: 0.0} if leave else {})})
        assert not values_differ(found, answer)
        assert found.links() == answer.links


def test_every_version_may_be_weighed_anew() -> None:
    obj = gappy()
    frame = pooled(obj, settled=0)
    first = {name: 1.0 + n for n, name in enumerate(obj["baskets"][0]["weights"])}
    second = obj["baskets"][1]["weights"]
    obj["baskets"][0]["weights"] = first
    found = whatif(frame, {"v1": first, "v2": second})
    assert not values_differ(found, compute(Problem.from_json(obj)))


@pytest.mark.parametrize("method", SCALES[:3])
def test_its_replicates_are_those_of_a_release_with_its_seed(method: dict[str, str]) -> None:
    obj = changed(gappy(), **method, replicates=60, seed=5)
    weights = {name: 1.0 + n for n, name in enumerate(obj["baskets"][1]["weights"])}
    answer = compute(published(obj, weights))
    frame = pooled(obj)
    found = whatif(frame, {"v2": weights}, drawn=Drawn.of(frame, seed="5", size=60))
    for series in ("headline", "balanced", "d0"):
        ends = found.seen(series, [1] * 24).ends
        points = [p for p in answer.points if (p.series, p.basket) == (series, "v2")]
        expected = np.array([[p.low, p.high] for p in points], dtype=np.float64).T
        assert ends is not None
        np.testing.assert_allclose(ends, expected, rtol=2e-6)


def test_an_eval_in_the_pool_alone_changes_no_fill() -> None:
    obj = gappy()
    without = prepare(Problem.from_json(obj)).tables[1]
    within = pooled(obj).state({"v2": obj["baskets"][1]["weights"]}).tables[1]
    np.testing.assert_array_equal(within.points, without.points)


def test_a_table_that_was_fitted_is_not_fitted_again() -> None:
    obj, known = gappy(), dict[str, DomainFit]()
    problem = Problem.from_json(obj)
    first = Frame.of(problem, settled=1, known=known)
    again = Frame.of(replace(problem), settled=0, known=known)
    assert len(known) == 3
    assert all(a is b for a, b in zip(first.fill.fits, again.fill.fits, strict=True))
    obj["scores"][0]["value"] += 1
    Frame.of(Problem.from_json(obj), settled=1, known=known)
    assert len(known) == 4


@pytest.mark.parametrize(
    ("weights", "refusal"),
    [
        ({"v2": {"b": -1.0, "t": 1.0}}, BadWeight),
        ({"v2": {"b": float("nan")}}, BadWeight),
        ({"v2": {"b": 0.0}}, EmptyBasket),
        ({"v2": {"nobody": 1.0}}, UnknownId),
        ({"v1": {"a": 1.0, "s": 1.0}}, UnknownId),
    ],
)
def test_it_refuses_what_a_release_refuses(
    weights: dict[str, dict[str, float]], refusal: type[Exception]
) -> None:
    frame = Frame.of(Problem.from_json(linked()), settled=1)
    with pytest.raises(refusal):
        whatif(frame, weights)


def test_fills_that_move_with_weights_have_no_frame() -> None:
    with pytest.raises(ValueError, match="do not depend on weights"):
        Frame.of(Problem.from_json(changed(linked(), imputation="parental")), settled=1)


def test_ranks_move_among_official_systems_on_paired_replicates() -> None:
    systems = Problem.from_json(linked()).systems
    nothing = np.zeros(4)
    drawn = np.array([[3.0, 3, 3, 1], [2, 2, 2, 2], [1, 1, 1, 3], [9, 9, 9, 9]])
    first = np.array([True, True, True, False])
    before = Seen("headline", drawn[:, 0], nothing, nothing, nothing, first, drawn)
    after = replace(before, value=drawn[:, 3], official=~first | first, drawn=drawn[:, ::-1])
    found = {move.system: move for move in rank_moves(before, after, systems)}
    names = [system.id for system in systems]
    shown = [(found[n].before, found[n].after, found[n].up, found[n].down) for n in names]
    assert shown == [
        (1, 4, 0.25, 0.25),
        (2, 3, 0.0, 0.0),
        (3, 2, 0.25, 0.25),
        (None, 1, None, None),
    ]


def test_a_band_holds_the_value_of_weights_that_scatter_around_its_own() -> None:
    obj = gappy()
    frame = pooled(obj)
    found = whatif(frame, {"v2": obj["baskets"][1]["weights"]})
    low, high = found.bands([1] * 24, [2, 5], seed="x", draws=60)["headline"]
    value = found.seen("headline", [1] * 24).value[[2, 5]]
    assert ((low < value) & (value < high)).all()
    assert found.effective(1, range(24))[0].systems == 24
    assert links_of(found.state) == found.links()


def test_a_readers_weights_go_back_over_every_version() -> None:
    obj = linked()
    obj["evals"] = [
        {**row, "subdomain": {"a": "x", "b": "x", "s": "u", "t": "v"}[row["id"]]}
        for row in obj["evals"]
    ]
    problem = Problem.from_json(obj)
    found = on_every_version(problem, {"b": 0.25, "t": 1.0})
    # `a` moves as its subdomain does, halved; `s` as its domain, whose subdomain is gone, doubled.
    assert found == {"v1": {"a": 0.25, "s": 1.0}, "v2": {"b": 0.25, "t": 1.0}}
    assert on_every_version(problem, {"b": 0.5, "t": 0.5})["v1"] == {"a": 0.5, "s": 0.5}
    assert on_every_version(problem, {"t": 1.0}) == {"v1": {"s": 1.0}, "v2": {"t": 1.0}}


def test_domains_are_scaled_to_their_shares() -> None:
    evals = Problem.from_json(linked()).eval_by_id
    found = domains_scaled(evals, {"a": 0.1, "b": 0.3, "s": 0.0, "t": 0.2}, {"capability": 0.8})
    assert found == pytest.approx({"a": 0.2, "b": 0.6, "s": 0.0, "t": 0.2})
    assert domains_scaled(evals, {"s": 0.0}, {"safety": 0.5}) == {"s": 0.0}
