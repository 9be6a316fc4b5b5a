"""The fill of missing cells: how fast, how right on a public table, how its cost grows.

`python -m tests.bench.imputation` prints the rows; each size of the growth runs in a process of
its own, so that its peak memory is its own.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from typing import Any

import numpy as np

from baskets.engine.crossvalidate import TIGHT, TIGHT_STEPS, choose
from baskets.engine.newton import fit
from baskets.engine.predict import predict
from baskets.engine.response import Array, Cells, Penalties, add_factor, sigmoid, starting_point
from tests.bench import public_table, report
from tests.bench.report import Row

TIMES, FACTORS = 5, 2
ONE_START_SECONDS, RATIO = 0.15, 0.90
# Cells of a domain's table, 60% of them missing, a hundred evals wide: a third of a table of 300.
SIZES = (3_334, 33_334, 333_334, 3_333_300)
WIDTH, SEEN = 100, 0.4
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def measured() -> list[Row]:
    """Rows of the public table, where it is there, and of the growth."""
    rows = _growth()
    if public_table.PATH.exists():
        rows = [Row(*row) for row in _in_process("public")] + rows
    return rows


def _in_process(*arguments: str) -> Any:
    """What `main` prints for some arguments in a fresh process with one thread."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.imputation", *arguments],
        env=os.environ | ONE_THREAD,
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def _of_the_public_table() -> list[Row]:
    table = public_table.read()
    seconds = min(_one_start(table.cells) for _ in range(TIMES))
    ratios = [
        public_table.held_out_error(table, split) / public
        for split, public in enumerate(public_table.PUBLIC)
    ]
    return [
        Row("fill, one start on 1,324 cells, one core", seconds, "s", ONE_START_SECONDS),
        Row("fill, held-out error against a public fit", float(np.mean(ratios)), "x", RATIO),
    ]


def _one_start(cells: Cells) -> float:
    """Seconds from cells to the converged two-factor fit at fixed penalties."""
    began = time.perf_counter()
    everything = np.ones((1, len(cells.y)))
    found = starting_point(cells, everything)
    for factor in range(FACTORS + 1):
        if factor:
            found = add_factor(cells, found, everything)
        found = fit(
            cells, found, Penalties(), weights=everything, tolerance=TIGHT, steps=TIGHT_STEPS
        )
    return time.perf_counter() - began


def _growth() -> list[Row]:
    rows = []
    for size in SIZES:
        found = _in_process("size", str(size))
        name = f"fill, a domain of {size:,} cells, {found['chosen']}"
        rows.append(Row(name, 1e6 * found["seconds"] / size, "µs per cell"))
        rows.append(Row(f"{name}: peak memory", found["peak"], "GB"))
    return rows


def _one_size(size: int) -> dict[str, object]:
    cells, systems, evals = drawn(size // WIDTH)
    began = time.perf_counter()
    chosen = choose(cells, systems, evals)
    predict(cells, chosen)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {"seconds": seconds, "peak": peak, "chosen": chosen.entry}


def drawn(systems: int) -> tuple[Cells, list[str], list[str]]:
    """Cells of one domain drawn from a one-factor world with 5 points of noise."""
    random = np.random.default_rng(3)
    system, item = np.nonzero(random.random((systems, WIDTH)) < SEEN)
    ability, difficulty = random.normal(size=systems), random.normal(size=WIDTH)
    second: Array = random.normal(size=systems)[system] * random.normal(size=WIDTH)[item]
    shares = sigmoid(ability[system] - difficulty[item] + 0.5 * second)
    y = np.clip(shares + 0.05 * random.normal(size=len(system)), 0, 1)
    error = np.full(len(y), 0.02)
    cells = Cells(system.astype(np.intp), item.astype(np.intp), y, systems, WIDTH, error)
    return cells, [f"s{n}" for n in range(systems)], [f"e{n}" for n in range(WIDTH)]


def main(arguments: list[str]) -> int:
    """Without arguments, all rows as a table; else one part as JSON. The exit status."""
    if arguments[:1] == ["public"]:
        rows = _of_the_public_table()
        print(json.dumps([(row.name, row.value, row.unit, row.target) for row in rows]))
    elif arguments[:1] == ["size"]:
        print(json.dumps(_one_size(int(arguments[1]))))
    else:
        print(report.table(measured()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
