"""Do intervals cover the truth, and does "probability ahead" mean what it says?

`python -m tests.bench.simulation [--publish] [SETS]` draws data sets from the model itself, runs
the public engine on each, and compares its replicates with the known truth. With `--publish` the
result becomes baskets/evidence/simulation.json, which the methodology page shows.

Coverage is the share of (system, series) points, on the version in force, whose 95% interval
holds the truth. For pairs of systems drawn at random, the engine names one as likelier ahead on
the headline, with a probability between 50 and 100%. Calibration is judged in five bins of that
probability: a bin's deviation is the share of its pairs in which the one named is truly ahead,
less the mean stated probability. Reported are the largest deviation over well-filled bins, and the
expected error, the mean deviation over all pairs.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from baskets.engine import ENGINE_VERSION, Replicates, compute_with_replicates
from tests.bench import simulated
from tests.bench.report import Row

EVIDENCE = Path(__file__).parents[2] / "baskets" / "evidence" / "simulation.json"
SETS = 500
SERIES = ("headline", "balanced", *simulated.DOMAINS)
PAIRS, BINS = 200, 5
# A bin with fewer pairs than this share of all says little: its own noise would judge it.
WELL_FILLED = 0.01
# Data sets whose counts are published one by one, so that they can be found again.
KEPT = 8


@dataclass
class Tally:
    """Counts of one or more data sets with the same share missing."""

    held: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SERIES, 0))
    asked: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SERIES, 0))
    pairs: list[int] = field(default_factory=lambda: [0] * BINS)
    ahead: list[int] = field(default_factory=lambda: [0] * BINS)
    stated: list[float] = field(default_factory=lambda: [0.0] * BINS)
    gap_squared: float = 0.0
    error_squared: float = 0.0

    def add(self, other: Tally) -> None:
        """Add the counts of other data sets."""
        for name in SERIES:
            self.held[name] += other.held[name]
            self.asked[name] += other.asked[name]
        for n in range(BINS):
            self.pairs[n] += other.pairs[n]
            self.ahead[n] += other.ahead[n]
            self.stated[n] += other.stated[n]
        self.gap_squared += other.gap_squared
        self.error_squared += other.error_squared

    def counts(self) -> list[int]:
        """The whole numbers, in a fixed order: what a seed must give again."""
        return [*self.held.values(), *self.asked.values(), *self.pairs, *self.ahead]


def tally(seed: int, missing: str) -> Tally:
    """One data set through the engine."""
    drawn = simulated.data_set(seed, missing)
    answer, replicates = compute_with_replicates(drawn.problem)
    assert replicates is not None
    result = Tally()
    base = drawn.problem.method.base
    for point in answer.points:
        # The base is 100 by definition on the first version: nothing is asked of it.
        if point.series not in SERIES or not point.in_force or point.system == base:
            continue
        truth = drawn.truth.point_at[point.system, point.series, point.basket].value
        if point.low is None or point.high is None or truth is None:
            continue
        result.asked[point.series] += 1
        result.held[point.series] += point.low <= truth <= point.high
    _compare(result, drawn, replicates, np.random.default_rng([seed, 2]))
    return result


def _compare(
    result: Tally,
    drawn: simulated.DataSet,
    replicates: Replicates,
    random: np.random.Generator,
) -> None:
    """Ask for the probability that one system is ahead of another, for pairs drawn at random."""
    truth = {p.system: p for p in drawn.truth.points if p.series == "headline" and p.in_force}
    values = {p: v.value for p, v in truth.items()}
    names = [name for name in sorted(values) if _has_value(replicates, name)]
    for _ in range(PAIRS):
        one, other = (names[n] for n in random.choice(len(names), size=2, replace=False))
        found = replicates.compare(system=one, against=other)
        first, second = values[one], values[other]
        assert first is not None and second is not None
        stated = max(found.ahead, 1 - found.ahead)
        place = min(int((stated - 0.5) * 2 * BINS), BINS - 1)
        result.pairs[place] += 1
        result.stated[place] += stated
        result.ahead[place] += (first > second) == (found.ahead >= 0.5)
        result.gap_squared += (first - second) ** 2
        result.error_squared += ((found.high - found.low) / 3.92) ** 2


def _has_value(replicates: Replicates, name: str) -> bool:
    problem = replicates.problem
    basket = problem.version_in_force(problem.system_by_id[name])
    key = ("headline", problem.baskets.index(basket))
    return not np.isnan(replicates.central.index[key][problem.row_of[name], 0])


def summary(found: Tally) -> dict[str, Any]:
    """Coverage by series and pooled, and the bins, as shares of 1."""
    total = sum(found.pairs)
    bins = [
        {
            "from": round(0.5 + place / (2 * BINS), 6),
            "pairs": n,
            "stated": round(stated / n, 6),
            "ahead": round(ahead / n, 6),
            "deviation": round(ahead / n - stated / n, 6),
            "well_filled": n >= WELL_FILLED * total,
        }
        for place, (n, stated, ahead) in enumerate(
            zip(found.pairs, found.stated, found.ahead, strict=True)
        )
        if n
    ]
    return {
        "coverage": {name: round(found.held[name] / found.asked[name], 6) for name in SERIES},
        "pooled": round(sum(found.held.values()) / sum(found.asked.values()), 6),
        "points": sum(found.asked.values()),
        "bins": bins,
        "largest_deviation": max(abs(b["deviation"]) for b in bins if b["well_filled"]),
        "expected_error": round(sum(b["pairs"] * abs(b["deviation"]) for b in bins) / total, 6),
        "gap_in_errors": round((found.gap_squared / found.error_squared) ** 0.5, 6),
    }


def run(sets: int, missing: Iterable[str]) -> dict[str, list[Tally]]:
    """Every data set under every way of missing, on all processors."""
    # One thread each: the processes share the machine already.
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        waiting = {way: [pool.submit(tally, seed, way) for seed in range(sets)] for way in missing}
        return {way: [task.result() for task in tasks] for way, tasks in waiting.items()}


def evidence(tallies: dict[str, list[Tally]]) -> dict[str, Any]:
    """What is published."""
    sets = len(next(iter(tallies.values())))
    return {
        "engine": ENGINE_VERSION,
        "seeds": [0, sets - 1],
        "sizes": {
            "sets": sets,
            "systems": simulated.SYSTEMS,
            "evals": simulated.EVALS * len(simulated.DOMAINS),
            "domains": len(simulated.DOMAINS),
            "items": list(simulated.ITEMS),
            "replicates": simulated.REPLICATES,
            "share_seen": simulated.SHARE_SEEN,
        },
        "series": list(SERIES),
        "results": {way: summary(_sum(found)) for way, found in tallies.items()},
        "counts": {way: [one.counts() for one in found[:KEPT]] for way, found in tallies.items()},
    }


def _sum(found: Iterable[Tally]) -> Tally:
    total = Tally()
    for one in found:
        total.add(one)
    return total


def measured(sets: int = SETS) -> list[Row]:
    """Rows for the report of all measurements; a deviation is in points of 100."""
    began = time.perf_counter()
    tallies = run(sets, simulated.SHARE_SEEN)
    return _rows({way: summary(_sum(found)) for way, found in tallies.items()}, began)


def _rows(results: dict[str, dict[str, Any]], began: float) -> list[Row]:
    rows = []
    for way, result in results.items():
        judged = way != "selective"
        off = 100 * result["pooled"] - 95
        rows.append(Row(f"simulation, {way} missing: coverage", 100 * result["pooled"], "%"))
        if judged:
            rows.append(Row(f"simulation, {way} missing: off 95%", abs(off), "points", 2.0))
        largest = 100 * result["largest_deviation"]
        target = 3.0 if judged else None
        rows.append(Row(f"simulation, {way} missing: probability off", largest, "points", target))
    return [*rows, Row("simulation, whole", time.perf_counter() - began, "s", 240.0)]


def main(arguments: list[str]) -> int:
    """Run, print and, where asked to, publish; the exit status."""
    publish = "--publish" in arguments
    numbers = [int(text) for text in arguments if text != "--publish"]
    began = time.perf_counter()
    tallies = run(numbers[0] if numbers else SETS, simulated.SHARE_SEEN)
    found = evidence(tallies)
    if publish:
        EVIDENCE.parent.mkdir(exist_ok=True)
        text = json.dumps(found, indent=1, sort_keys=True)
        EVIDENCE.write_text(text + "\n", encoding="utf-8")
    for way, result in found["results"].items():
        print(way, json.dumps({k: v for k, v in result.items() if k != "bins"}))
        for one in result["bins"]:
            print("   ", json.dumps(one))
    print(f"{time.perf_counter() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
