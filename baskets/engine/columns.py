"""The scores of a problem as columns, so that a table is not filled cell by cell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baskets.engine.parts import Eval, Score, System

Array = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Columns:
    """One entry per score, in the order of the problem's scores; NaN for what is not known.

    system, eval: positions among the problem's systems and evals. value, stderr: in the eval's
    unit. by_eval: entries in order of their evals, those of eval e from starts[e] to starts[e + 1].
    """

    system: Ints
    eval: Ints
    value: Array
    stderr: Array
    n_items: Array
    by_eval: Ints
    starts: Ints

    def of(self, item: int) -> Ints:
        """The entries of an eval, in the order of the problem's scores."""
        return self.by_eval[self.starts[item] : self.starts[item + 1]]


def columns_of(
    evals: Sequence[Eval], systems: Sequence[System], scores: Sequence[Score]
) -> Columns:
    """The columns of some scores."""
    row = {system.id: n for n, system in enumerate(systems)}
    place = {item.id: n for n, item in enumerate(evals)}
    size = len(scores)
    item = np.fromiter((place[s.eval] for s in scores), dtype=np.intp, count=size)
    count = np.bincount(item, minlength=len(evals))
    return Columns(
        system=np.fromiter((row[s.system] for s in scores), dtype=np.intp, count=size),
        eval=item,
        value=np.fromiter((s.value for s in scores), dtype=np.float64, count=size),
        stderr=np.fromiter((_or_nan(s.stderr) for s in scores), dtype=np.float64, count=size),
        n_items=np.fromiter((_or_nan(s.n_items) for s in scores), dtype=np.float64, count=size),
        by_eval=np.argsort(item, kind="stable"),
        starts=np.concatenate([[0], np.cumsum(count)]),
    )


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
