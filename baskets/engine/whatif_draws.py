"""Replicates of a frame's cells, kept so that a what-if has only to weigh them.

Each is a draw of methodology section 6 by the very functions that publishing draws with. They are
fewer, they are keyed by the frame's problem instead of the one that publishing would seal, and
they are kept in single precision: their intervals agree with the published ones to Monte Carlo
error. What must be exact is computed as a release is, by `compute_with_replicates`.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from baskets.engine.aggregate import Array, Table, Version, levels_of, transformed
from baskets.engine.chain import Key
from baskets.engine.compute import State
from baskets.engine.drawn_index import without_subdomains
from baskets.engine.draws import Source
from baskets.engine.link import chain_levels
from baskets.engine.measurement import measurement_errors
from baskets.engine.redraw import Plan, Worker, plan_of
from baskets.engine.uncertainty import USEFUL_THREADS, processors
from baskets.engine.whatif_frame import Frame

Singles = NDArray[np.float32]

# Replicates while sliding, and the numbers of four bytes that may be kept for them; fewer than the
# fewest would leave no 2.5 percentile.
MOST, FEWEST = 200, 40
MOST_NUMBERS = 64_000_000


@dataclass(frozen=True)
class Drawn:
    """levels: per settled version, (S, B) of its headline and domains. cells: per open version,
    (E, S, B) on the scale of the method, 0 where a system has none."""

    frame: Frame
    size: int
    levels: tuple[Mapping[str, Array], ...]
    cells: tuple[Singles, ...]

    @staticmethod
    def of(frame: Frame, *, seed: str, size: int | None = None, threads: int = 0) -> "Drawn":
        """Draw every cell; size: by default 200, or what the memory allows.

        seed: by which the draws are keyed; that of a release pairs them with the release's own.
        """
        problem, open_tables = frame.problem, frame.tables[frame.settled :]
        systems = len(problem.systems)
        cells = sum(len(table.points) for table in open_tables) * systems
        size = size or max(FEWEST, min(MOST, MOST_NUMBERS // max(cells, 1)))
        source = Source(seed, size)
        errors = measurement_errors(problem)
        plan = plan_of(problem, frame.tables, errors, frame.fill.fits, source)
        mains = [without_subdomains(table.version) for table in frame.tables[: frame.settled]]
        levels = [np.empty((len(version.nodes), systems, size)) for version in mains]
        kept = [np.empty((len(t.points), systems, size), dtype=np.float32) for t in open_tables]
        work = _Drawing(plan, mains, levels, kept)
        work.run(threads or min(processors(), USEFUL_THREADS))
        named = [dict(zip(v.names, x, strict=True)) for v, x in zip(mains, levels, strict=True)]
        return Drawn(frame, size, tuple(named), tuple(kept))

    def replicates(self, state: State) -> Mapping[Key, Array]:
        """Index values (S, B) of headlines and domains on every version of a what-if."""
        problem, method = state.problem, state.problem.method
        settled, pools = self.frame.settled, self.frame.tables[self.frame.settled :]
        levels = [*self.levels]
        for table, pool, cells in zip(state.tables[settled:], pools, self.cells, strict=True):
            levels.append(_weighed(table.version, pool.version, cells, method.scale))
        chain = chain_levels(
            problem,
            [without_subdomains(table.version) for table in state.tables],
            levels,
            # Mappings of their own, because these versions have fewer nodes.
            [dict(standing) for standing in state.standings],
            scale=method.scale,
            link=method.effective_link,
            geometric=method.domain_mean == "geometric",
            pattern=state.chain,
            overwrite=True,
            as_pattern=True,
        )
        return chain.index


def _weighed(version: Version, pool: Version, cells: Singles, scale: str) -> dict[str, Array]:
    """Levels (S, B) of a version's headline and domains from its pool's cells (E, S, B)."""
    row_of = {name: n for n, name in enumerate(pool.evals)}
    columns = {node.domain: node.evals for node in pool.domains}
    found: dict[str, Array] = {}
    total = np.zeros(cells.shape[1:])
    for node in version.domains:
        # The pool's evals are ordered by domain: one block, in which others weigh nothing.
        first, last = columns[node.domain][0], columns[node.domain][-1] + 1
        weights = np.zeros(last - first, dtype=np.float32)
        for place, weight in zip(node.evals, node.weights, strict=True):
            weights[row_of[version.evals[place]] - first] = weight
        block = cells[first:last].reshape(last - first, -1)
        level = (weights @ block).reshape(cells.shape[1:]).astype(np.float64)
        total += node.share * level
        found[node.series] = level if scale == "points" else np.exp(level)
    headline = total if scale == "points" else np.exp(total)
    return {"headline": headline} | found


class _Drawing:
    """Draws systems one after the other, on one thread or more."""

    def __init__(
        self,
        plan: Plan,
        mains: Sequence[Version],
        levels: Sequence[Array],
        kept: Sequence[Singles],
    ) -> None:
        self.plan, self.mains, self.levels, self.kept = plan, mains, levels, kept

    def run(self, threads: int) -> None:
        """Draw all of them; the result does not depend on the threads."""
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda first: self._some(first, threads), range(threads)))

    def _some(self, first: int, step: int) -> None:
        worker, scale = Worker(self.plan), self.plan.problem.method.scale
        for column in range(first, len(self.plan.problem.systems), step):
            points = worker.points(column)
            tables = [
                _alone(measured.table, column, cells)
                for measured, cells in zip(self.plan.versions, points, strict=True)
            ]
            with np.errstate(all="ignore"):
                for table, main, out in zip(tables, self.mains, self.levels, strict=False):
                    found = levels_of(replace(table, version=main), scale)
                    out[:, column] = found.array[:, 0]
                for table, kept in zip(tables[len(self.mains) :], self.kept, strict=True):
                    kept[:, column] = np.nan_to_num(transformed(table, scale)[:, 0])


def _alone(table: Table, column: int, cells: Array) -> Table:
    """One system's redrawn cells (E, B) as a table."""
    one = slice(column, column + 1)
    return Table(table.version, cells[:, None], table.observed[:, one], table.margin[:, one])
