"""The source of random numbers behind the replicates (methodology section 6)."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np

from baskets.engine.aggregate import Array
from baskets.engine.problem import Problem

# A normal number is one of this many equally likely ones, picked by 16 random bits.
GRID = 2**16
PER_WORD = 4

# No number is farther from 0 than this.
REACH = 4.4


@dataclass(frozen=True)
class Source:
    """Standard normal numbers that depend on a seed and a name alone, never on their order.

    All but the last part of a name key a Philox generator (Salmon et al. 2011), the last part is
    the upper half of its counter. So each name has numbers of its own, a system that enters
    leaves every other system's draws as they were, and more replicates begin with the same ones.

    The numbers are the 65,536 mid-quantiles (k + 1/2) / 65536 of the normal law, scaled to a
    variance of exactly 1: four of them cost one step of the generator, they are the same on
    every machine, and their distribution function is never wrong by more than 1 / 131,072, which
    is four hundred times less than the noise of 20,000 replicates.
    """

    seed: str
    size: int

    @property
    def stretch(self) -> float:
        """sqrt(B / (B - 1)): B draws that are shifted to a mean of exactly 0 lose 1 / B of their
        variance, and multiplied by this have it again."""
        return math.sqrt(self.size / max(self.size - 1, 1))

    def normals(self, *name: str) -> Array:
        """(B,) draws that belong to a name."""
        return np.asarray(self.rows(name[:-1], name[-1:])[0])

    def rows(self, name: Sequence[str], lasts: Sequence[str], out: Array | None = None) -> Array:
        """(n, B): for each last part, the draws of the name that it completes.

        out: a contiguous (n, B), where they may be written.
        """
        generator = np.random.Philox(key=0)
        key = _number("\n".join((self.seed, *name)))
        state: Any = {
            "bit_generator": "Philox",
            "state": {"key": (key % 2**64, key >> 64)},
            "buffer": (0,) * PER_WORD,
            "buffer_pos": PER_WORD,
            "has_uint32": 0,
            "uinteger": 0,
        }
        words = np.empty((len(lasts), -(-self.size // PER_WORD)), dtype="<u8")
        for row, last in enumerate(lasts):
            # Setting the state costs a twentieth of building another generator.
            state["state"]["counter"] = _upper_counter(last)
            generator.state = state
            words[row] = generator.random_raw(words.shape[1])
        # No index can be out of bounds, so asking how to treat one that is costs time only.
        return normal_grid().take(words.view("<u2")[:, : self.size], mode="clip", out=out)


@cache
def normal_grid() -> Array:
    """The 65,536 numbers that are drawn from, ascending: mean 0, variance 1."""
    law = NormalDist()
    upper = [law.inv_cdf((k + 0.5) / GRID) for k in range(GRID // 2, GRID)]
    scale = math.sqrt(math.fsum(x * x for x in upper) / len(upper))
    half = np.array(upper) / scale
    return np.concatenate([-half[::-1], half])


@lru_cache(maxsize=GRID)
def _upper_counter(text: str) -> tuple[int, int, int, int]:
    """A Philox counter, lowest word first, whose upper half belongs to a text."""
    whole = _number(text)
    return (0, 0, whole % 2**64, whole >> 64)


def _number(text: str) -> int:
    """128 bits that belong to a text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")


def source_of(problem: Problem) -> Source:
    """The problem's source: its seed, or if that is 0 the hash of the problem without it."""
    method = problem.method
    seed = str(method.seed) if method.seed else natural_seed(problem)
    return Source(seed, method.replicates)


def natural_seed(problem: Problem) -> str:
    """The seed of a problem that states none: the SHA-256 of all else in it."""
    return problem.natural_seed
