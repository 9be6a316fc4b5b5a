"""The engine against bare NumPy: 1,000 systems x 300 evals, 3 domains, 30 subdomains.

Indices: all 34 nodes' indices from a complete table of points, against the matrix product of the
same shape with whatever linear algebra library NumPy has and as many threads as it takes. Each is
the fastest of many, taken in turns.

Replicates: 1,000 redrawn tables to all nodes' indices and their 95% intervals, against a plain
loop on one thread that draws the table's normals, clips, multiplies, indexes and takes
percentiles. (The engine also shifts every cell back to its mean, which the loop leaves out, and
keys its draws by score.) Each is the fastest of three fresh processes, taken in turns; the peak of
memory is the engine process's own, its problem included.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import numpy as np

from baskets.engine import prepare
from baskets.engine.aggregate import Version
from baskets.engine.link import chain_versions
from baskets.engine.uncertainty import ENDS, replicate
from tests.bench.apart import measured_apart, peak_gb
from tests.bench.report import Row
from tests.bench.synthetic import problem

SYSTEMS, REPLICATES = 1000, 1000
TURNS, PROCESSES = 400, 3
MODULE = "tests.bench.engine_speed"


def measured() -> list[Row]:
    """The rows of both comparisons."""
    turns = measured_apart(MODULE, "indices")
    runs = [
        (
            measured_apart(MODULE, "replicates"),
            measured_apart(MODULE, "loop", OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1"),
        )
        for _ in range(PROCESSES)
    ]
    engine = min(run["seconds"] for run, _ in runs)
    loop = min(run["seconds"] for _, run in runs)
    peak = max(run["peak"] for run, _ in runs)
    size = "1,000 systems x 300 evals"
    return [
        Row(f"34 indices, {size}, bare matrix product", 1000 * turns["product"], "ms"),
        Row(f"34 indices, {size}, engine from points", 1000 * turns["engine"], "ms"),
        Row("34 indices, engine over bare product", turns["engine"] / turns["product"], "x", 1.5),
        Row("1,000 replicates, plain NumPy loop", loop, "s"),
        Row("1,000 replicates, engine with intervals", engine, "s"),
        Row("1,000 replicates, engine over plain loop", engine / loop, "x", 1.0),
        Row("1,000 replicates, engine's peak memory", peak, "GB", 1.0),
    ]


def indices() -> dict[str, float]:
    """Seconds of the engine and of the bare product, fastest of many turns."""
    state = prepare(problem(SYSTEMS))
    (table,), version = state.tables, state.tables[0].version
    weights, points = matrix(version), table.points[:, :, 0].copy()

    def engine() -> None:
        chain_versions(
            state.problem,
            state.tables,
            state.standings,
            scale="points",
            link="additive",
            geometric=False,
        )

    times: dict[str, list[float]] = {"product": [], "engine": []}
    for _ in range(TURNS):
        times["product"].append(_seconds(lambda: weights @ points))
        times["engine"].append(_seconds(engine))
    return {name: min(seconds) for name, seconds in times.items()}


def replicates() -> dict[str, float]:
    """Seconds of the engine from the state before, and the process's peak of memory."""
    state = prepare(problem(SYSTEMS, replicates=REPLICATES))
    seconds = _seconds(
        lambda: replicate(state.problem, state.tables, state.standings, state.chain, ()).intervals()
    )
    return {"seconds": seconds, "peak": peak_gb()}


def loop() -> dict[str, float]:
    """Seconds of the plain loop."""
    state = prepare(problem(SYSTEMS))
    points = state.tables[0].points[:, :, 0].copy()
    spread = np.random.default_rng(1).uniform(0.5, 8, points.shape)
    weights = matrix(state.tables[0].version)

    def run() -> None:
        rng = np.random.default_rng(2)
        index = np.empty((REPLICATES, len(weights), SYSTEMS))
        for number in range(REPLICATES):
            drawn = np.clip(points + spread * rng.standard_normal(points.shape), 0, 100)
            level = weights @ drawn
            index[number] = 100 * level / level[:, :1]
        np.percentile(index, ENDS, axis=0)

    return {"seconds": _seconds(run)}


def matrix(version: Version) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """The weights (34, 300) of every node."""
    weights = np.zeros((len(version.nodes), len(version.evals)))
    for row, node in enumerate(version.nodes):
        weights[row, list(node.evals)] = node.weights
    return weights


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    json.dump(
        {"indices": indices, "replicates": replicates, "loop": loop}[sys.argv[1]](), sys.stdout
    )
