"""How the cost of a recompute grows with the cells of its table, from 1e4 to 1e7.

A recompute is prepare, points, links and contributions of a problem with two basket versions of
300 evals each, linked on 20 systems; reading JSON and the hash of the problem are left out, since
they measure the JSON library. Every size runs in a fresh process, small ones several times, of
which the fastest counts: code that is loaded at first would flatter the growth. Counted is the
processor's time on one thread, which others on the machine hardly touch. Complete data up to 1e7
cells; with 60% missing and the model's fill up to the size that the time allows.

The cost grows no faster than linearly where a cell costs no more in the largest table than in the
smallest; the last step alone is shown too, where fixed costs no longer help.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from itertools import pairwise

from baskets.engine import Problem, prepare
from baskets.engine.compute import links_of
from baskets.engine.contributions import against_base
from baskets.engine.report import points_of
from tests.bench.apart import measured_apart, peak_gb
from tests.bench.report import Row
from tests.bench.synthetic import EVALS, problem

COMPLETE = (10_000, 100_000, 1_000_000, 10_000_000)
SPARSE = (10_000, 100_000, 1_000_000)
MISSING, VERSIONS = 0.6, 2

# Cells that are recomputed in all, in small tables again and again but not oftener than MOST_TIMES.
CELLS, CELLS_FILLED, MOST_TIMES = 3_000_000, 300_000, 5


def measured() -> list[Row]:
    """Seconds and memory of every size, and what a cell costs in one against another."""
    return [*_rows("complete", COMPLETE, 0.0), *_rows("60% missing, filled", SPARSE, MISSING)]


def _rows(kind: str, sizes: tuple[int, ...], missing: float) -> list[Row]:
    rows = []
    cost = {}
    for cells in sizes:
        found = measured_apart(
            "tests.bench.engine_scale",
            cells,
            missing,
            OPENBLAS_NUM_THREADS="1",
            OMP_NUM_THREADS="1",
        )
        cost[cells] = found["seconds"] / found["cells"]
        name = f"recompute, {kind}, {cells:.0e} cells"
        rows += [
            Row(name, found["seconds"], "s"),
            Row(f"{name}, per cell", 1e6 * cost[cells], "us"),
            Row(f"{name}, peak memory", found["peak"], "GB"),
        ]
    first, last = sizes[0], sizes[-1]
    growth = f"recompute, {kind}, cost of a cell,"
    return [
        *rows,
        Row(f"{growth} {last:.0e} over {first:.0e}", cost[last] / cost[first], "x", 1.0),
        Row(f"{growth} {last:.0e} over {sizes[-2]:.0e}", cost[last] / cost[sizes[-2]], "x"),
    ]


def run(cells: int, missing: float) -> dict[str, float]:
    """Seconds of a recompute, the cells of its table, and the process's peak of memory."""
    systems = max(round(cells / EVALS), 1)
    given = problem(systems, versions=VERSIONS, missing=missing)
    times = min(MOST_TIMES, max(1, (CELLS_FILLED if missing else CELLS) // cells))
    parts = min((_recompute(given) for _ in range(times)), key=lambda found: sum(found.values()))
    seconds = sum(parts.values())
    return {"seconds": seconds, "cells": systems * EVALS, "peak": peak_gb(), **parts}


def _recompute(given: Problem) -> dict[str, float]:
    """Seconds of every step."""
    # Each time a problem of its own: what one has worked out of its scores it keeps.
    given = replace(given)
    at = [time.process_time()]
    state = prepare(given)
    at.append(time.process_time())
    points_of(given, state.tables, state.standings, state.chain)
    at.append(time.process_time())
    links_of(state)
    at.append(time.process_time())
    against_base(given, state.tables, state.standings, state.chain)
    at.append(time.process_time())
    names = ("prepare", "points", "links", "contributions")
    return {name: after - before for name, (before, after) in zip(names, pairwise(at), strict=True)}


if __name__ == "__main__":
    json.dump(run(int(sys.argv[1]), float(sys.argv[2])), sys.stdout)
