"""How often does a rule at 95% significance fire for noise, and how often for a real move?

`python -m tests.bench.alerts_noise [RELEASES]` draws releases in which nothing truly changes:
every score is measured anew, with its published error. The real engine computes each release with
its replicates, the real rules compare it with the one before it, and one rule, named beforehand,
is asked: "tell me when Sol's headline moves, or when Sol takes the lead, and the 95% interval of
the difference leaves zero out". Three kinds of pairs of releases are judged:

- *still*: Sol is in both, its true scores are the same. A message is a false alarm.
- *level*: Sol enters, its true scores are those of Old, which leads. A message is a false alarm.
- *moved*, *led*: as before, but Sol truly stands three standard errors of the difference higher,
  as it is spread over the releases in which nothing changes. No message is a miss.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context

import numpy as np

from alerts import comparing, rules
from alerts.rules import Facts, Heard, Kind, Pair, Term, Terms, Value
from baskets.engine import Problem, Replicates, compute_with_replicates
from tests.bench.report import Row

RELEASES = 5000
MOVED = 1000
"""Releases with a true move: enough to know a share of 80% within 2.5 points."""

REPLICATES, ERROR, EVALS = 1000, 2.0, 2
DOMAINS = ("capability", "safety", "alignment")
LEVELS = {"base": 40.0, "old": 55.0, "sol": 55.0}
TRUE_MOVE = 3.0
PER_TASK = 250
RULE = Terms(
    kinds=frozenset({Kind.MOVED, Kind.FRONTIER}),
    series=frozenset({"headline"}),
    systems=frozenset({"sol"}),
    causes=frozenset(rules.Cause),
    minimum=0.1,
    significant=True,
)


@dataclass(frozen=True)
class Drawn:
    """A release of the simulation: its values and replicates (B,) in the headline, by system."""

    values: dict[str, Value]
    replicates: Replicates

    @property
    def headline(self) -> float:
        """Sol's headline."""
        return self.values["sol"].value

    def of(self, system: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """The replicates of a system's headline."""
        row = self.replicates.problem.row_of[system]
        return np.asarray(self.replicates.index["headline", 0][row])


def release(seed: int, *, raised: float = 0.0) -> Drawn:
    """Measure everything anew; `raised`: points by which Sol truly stands higher."""
    random = np.random.default_rng([seed, round(raised * 1000)])
    evals = [(f"{domain}-{n}", domain) for domain in DOMAINS for n in range(EVALS)]
    truth = {**LEVELS, "sol": LEVELS["sol"] + raised}
    scores = [
        {"system": system, "eval": name, "value": level + random.normal(0, ERROR), "stderr": ERROR}
        for system, level in truth.items()
        for name, _domain in evals
    ]
    problem = Problem.from_json(
        {
            "method": {"base": "base", "imputation": "strict", "replicates": REPLICATES},
            "evals": [
                {"id": name, "domain": domain, "scale": "linear", "floor": 0, "ceiling": 100}
                for name, domain in evals
            ],
            "systems": [
                {"id": name, "released_on": f"2026-0{n}-01"} for n, name in enumerate(truth, 1)
            ],
            "scores": scores,
            "baskets": [
                {
                    "id": "1",
                    "effective_on": "2026-01-01",
                    "weights": {name: 1.0 for name, _ in evals},
                }
            ],
        }
    )
    answer, replicates = compute_with_replicates(problem)
    assert replicates is not None
    values = {
        point.system: Value(point.value, point.low, point.high, point.coverage)
        for point in answer.points
        if point.series == "headline" and point.official and point.value is not None
    }
    return Drawn(values, replicates)


def fires(before: Drawn, after: Drawn, *, enters: bool = False) -> bool:
    """Whether the rule has something to say of the later release.

    enters: the earlier one had no Sol. Else Sol's lead is left out, to judge its move alone.
    """
    kind = Kind.FRONTIER if enters else Kind.MOVED
    verdict = rules.examine(_pair(before, after, enters=enters))
    heard = [_heard(n, found) for n, found in enumerate(verdict.findings) if found.kind == kind]
    return rules.message(replace(RULE, kinds=frozenset({kind})), heard) is not None


def _pair(before: Drawn, after: Drawn, *, enters: bool) -> Pair:
    old = {name: value for name, value in before.values.items() if not enters or name != "sol"}
    move = after.headline - before.headline

    def compare(system: str, against: str, series: str) -> rules.Difference | None:
        return comparing.of_pair(
            after.replicates.compare(system=system, against=against, series=series)
        )

    def drift(system: str, _series: str, part: float) -> rules.Difference | None:
        return comparing.of_releases(after.of(system), before.of(system), move=move, part=part)

    return Pair(
        before=_facts(1, old),
        after=_facts(2, after.values),
        # All that acted on a value is that it was measured anew.
        terms={} if enters else {("sol", "headline"): (Term("new_scores", move),)},
        compare=compare,
        drift=drift,
    )


def _facts(number: int, values: dict[str, Value]) -> Facts:
    days = {name: dt.date(2026, n, 1) for n, name in enumerate(LEVELS, 1)}
    return Facts(
        number=number,
        on=dt.date(2026, 4, number),
        versions=(1,),
        official={"headline": values},
        known=frozenset(values),
        released=days,
    )


def _heard(number: int, found: rules.Finding) -> Heard:
    return Heard(
        id=number, place=2, on=dt.date(2026, 4, 2), reconstructed=False, kind=found.kind,
        cause=found.cause, series=found.series, system=found.system or "", developer="",
        against=found.previous or "", eval="", move=found.move, move_low=found.move_low,
        move_high=found.move_high, probability=found.probability, coverage=found.coverage,
        official=found.official, recovered=found.recovered,
    )  # fmt: skip


def noise(first: int, count: int) -> tuple[list[float], list[float], int, int]:
    """`count` pairs of consecutive releases from a seed on: moves, leads, and false alarms."""
    moves, leads, still, level = [], [], 0, 0
    before = release(first)
    for seed in range(first + 1, first + count + 1):
        after = release(seed)
        moves.append(after.headline - before.headline)
        leads.append(after.headline - after.values["old"].value)
        still += fires(before, after)
        level += fires(before, after, enters=True)
        before = after
    return moves, leads, still, level


def misses(first: int, count: int, points: tuple[float, float]) -> tuple[int, int]:
    """Of `count` releases in which Sol truly stands higher: how many moves and leads are missed."""
    moved = led = 0
    for seed in range(first, first + count):
        before = release(seed)
        moved += not fires(before, release(seed + 1, raised=points[0]))
        led += not fires(before, release(seed + 1, raised=points[1]), enters=True)
    return moved, led


def shares(releases: int = RELEASES, moved: int = MOVED) -> dict[str, float]:
    """The shares of false alarms and of misses, in percent, on all processors."""
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        # Each part has seeds of its own: no release is judged twice.
        parts = [pool.submit(noise, first, n) for first, n in _parts(releases, 0)]
        found = [part.result() for part in parts]
        # From index points to points of a score: 100 is what the base scores.
        scale = TRUE_MOVE * LEVELS["base"] / 100
        move = scale * float(np.std([x for moves, _leads, _s, _l in found for x in moves]))
        lead = scale * float(np.std([x for _moves, leads, _s, _l in found for x in leads]))
        more = [
            pool.submit(misses, first, n, (move, lead)) for first, n in _parts(moved, 10 * releases)
        ]
        missed = [part.result() for part in more]
    return {
        "still": 100 * sum(still for _moves, _leads, still, _level in found) / releases,
        "level": 100 * sum(level for _moves, _leads, _still, level in found) / releases,
        "moved": 100 * sum(one for one, _led in missed) / moved,
        "led": 100 * sum(led for _one, led in missed) / moved,
    }


def _parts(total: int, start: int) -> Iterator[tuple[int, int]]:
    for done in range(0, total, PER_TASK):
        yield start + 2 * done, min(PER_TASK, total - done)


def measured(releases: int = RELEASES) -> list[Row]:
    """Rows for the report of all measurements."""
    began = time.perf_counter()
    found = shares(releases)
    targets = {"still": 6.0, "level": 6.0, "moved": 20.0, "led": 20.0}
    names = {
        "still": "alerts, false alarms where nothing moved",
        "level": "alerts, false alarms where one enters level",
        "moved": "alerts, moves of three errors missed",
        "led": "alerts, leads of three errors missed",
    }
    rows = [Row(names[name], share, "%", targets[name]) for name, share in found.items()]
    return [*rows, Row("alerts, simulation whole", time.perf_counter() - began, "s", 120.0)]


def main(arguments: Iterable[str]) -> int:
    """Measure and print; the exit status says whether all targets were met."""
    numbers = [int(text) for text in arguments]
    rows = measured(*numbers)
    for row in rows:
        print("  ".join(row.cells()))
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
