"""Weighted centres that a few extreme evals cannot move (methodology section 9).

With values x sorted upwards, weights w summing to 1 and c_e the weight of all values up to x_e:

    weighted median   (lower + upper) / 2,  lower = least x with c >= 1/2,
                                            upper = least x with c > 1/2
    trimmed mean      sum x_e kept_e / sum kept_e,  kept_e the part of the weight between
                      c_{e-1} and c_e that lies within [t, 1 - t]

With whole-number weights the median is that of the list in which every value stands as often as
its weight says; an eval split into two equal ones changes neither measure. The lower weighted
median is that of Cormen, Leiserson, Rivest & Stein, Introduction to Algorithms, problem 9-2; the
use as measures of core inflation is that of Bryan & Pike 1991 and Bryan & Cecchetti 1994, and 8%
off each tail is the Federal Reserve Bank of Cleveland's 16% trimmed-mean CPI.
"""

from collections.abc import Sequence

import numpy as np

from baskets.engine.aggregate import Array

TRIMMED = 0.16

# Sums of weights that should be equal differ by rounding.
ROUNDING = 1e-12


def weighted_median(values: Array, weights: Sequence[float]) -> Array:
    """The weighted median (S,) of every column of (E, S) values; NaN where one is missing."""
    ordered, upto = _ordered(values, weights)
    lower = np.argmax(upto >= 0.5 - ROUNDING, axis=0)
    upper = np.argmax(upto > 0.5 + ROUNDING, axis=0)
    columns = np.arange(values.shape[1])
    return np.asarray((ordered[lower, columns] + ordered[upper, columns]) / 2 + _gaps(values))


def trimmed_mean(values: Array, weights: Sequence[float], *, trimmed: float = TRIMMED) -> Array:
    """The weighted mean (S,) of (E, S) values without half of `trimmed` of the weight per tail."""
    ordered, upto = _ordered(values, weights)
    tail = trimmed / 2
    before = np.concatenate([np.zeros((1, upto.shape[1])), upto[:-1]])
    kept = np.maximum(np.minimum(upto, 1 - tail) - np.maximum(before, tail), 0.0)
    total = np.zeros(values.shape[1])
    whole = np.zeros(values.shape[1])
    for row, share in zip(ordered, kept, strict=True):
        total, whole = total + share * row, whole + share
    return np.asarray(total / whole + _gaps(values))


def _ordered(values: Array, weights: Sequence[float]) -> tuple[Array, Array]:
    """Each column's values from the least up, and the share of weight up to each (E, S)."""
    order = np.argsort(values, axis=0, kind="stable")
    upto = np.cumsum(np.asarray(weights)[order], axis=0)
    return np.nan_to_num(np.take_along_axis(values, order, axis=0)), upto / upto[-1]


def _gaps(values: Array) -> Array:
    """(S,): NaN for a column with a missing value, else 0."""
    return np.where(np.isnan(values).any(axis=0), np.nan, 0.0)
