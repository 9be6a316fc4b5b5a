"""Residual smoothing over a developer's systems in time, an entry of the menu of section 3.

What a fit leaves unexplained on an eval is often shared by systems of one developer released
about the same time. A cell's prediction is moved by the weighted mean residual of its kin on the
same eval, shrunk towards 0:

    c_se = sum_t K_st r_te / (sum_t K_st + shrink),   K_st = exp(-|days between| / RANGE)

over the developer's other systems t observed on e. This is the posterior mean where residuals are
a local level of variance phi / shrink plus noise of variance phi, and each neighbour counts as K_st
observations of the level; the level is then left with the variance phi / (sum_t K_st + shrink).
It moves single cells towards kin; no ability is assumed to rise with the date.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from baskets.engine.response import Array

RANGE_DAYS = 365.0
# Kin further than this many releases of the developer away do not count: the cost stays linear.
REACH = 25


@dataclass(frozen=True)
class Kin:
    """Kernel between systems of one developer, (S, S), sparse; nobody is kin of itself."""

    kernel: csr_array

    @staticmethod
    def of(developers: Sequence[str | None], days: Sequence[float | None]) -> "Kin":
        """Kin of systems by developer and release day; without either a system has none."""
        groups: dict[str, list[int]] = {}
        for row, (developer, day) in enumerate(zip(developers, days, strict=True)):
            if developer is not None and day is not None:
                groups.setdefault(developer, []).append(row)
        day_of = np.array([np.nan if day is None else day for day in days], dtype=np.float64)
        left, right = [], []
        for members in groups.values():
            rows = np.array(members)[np.argsort(day_of[members], kind="stable")]
            for gap in range(1, min(REACH, len(rows) - 1) + 1):
                left += [rows[:-gap], rows[gap:]]
                right += [rows[gap:], rows[:-gap]]
        if not left:
            return Kin(csr_array((len(days), len(days)), dtype=np.float64))
        at, to = np.concatenate(left), np.concatenate(right)
        near = np.exp(-np.abs(day_of[at] - day_of[to]) / RANGE_DAYS)
        return Kin(csr_array((near, (at, to)), shape=(len(days), len(days))))

    def of_rows(self, rows: NDArray[np.intp]) -> "Kin":
        """Kin among some of the systems."""
        return Kin(csr_array(self.kernel[rows][:, rows]))

    @property
    def any(self) -> bool:
        """Whether any system has kin."""
        return bool(self.kernel.nnz)

    def around(self, residual: Array, seen: Array) -> tuple[Array, Array]:
        """Weighted sums of kin's residuals and of their weights, (F, S, E) each.

        residual, seen: (F, S, E), 0 where a cell was not seen.
        """
        f, s, e = residual.shape

        def summed(values: Array) -> Array:
            flat = self.kernel @ values.transpose(1, 0, 2).reshape(s, f * e)
            return np.asarray(flat).reshape(s, f, e).transpose(1, 0, 2)

        return summed(residual), summed(seen)
