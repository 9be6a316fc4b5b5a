"""The source of random numbers behind the replicates (methodology section 6)."""

import hashlib
from dataclasses import dataclass

import numpy as np

from baskets.engine.aggregate import Array
from baskets.engine.canonical import sha256
from baskets.engine.problem import Problem


@dataclass(frozen=True)
class Source:
    """Standard normal numbers that depend on a seed and a name alone, never on their order.

    Each name keys its own Philox counter, so a system that enters leaves every other system's
    draws as they were.
    """

    seed: str
    size: int

    def normals(self, *name: str) -> Array:
        """(B,) draws that belong to a name."""
        text = "\n".join((self.seed, *name))
        key = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")
        return np.random.Generator(np.random.Philox(key=key)).standard_normal(self.size)


def source_of(problem: Problem) -> Source:
    """The problem's source: its seed, or if that is 0 the hash of the problem without it."""
    method = problem.method
    seed = str(method.seed) if method.seed else natural_seed(problem)
    return Source(seed, method.replicates)


def natural_seed(problem: Problem) -> str:
    """SHA-256 of the canonical problem without its seed."""
    whole = problem.to_json()
    method = whole["method"]
    assert isinstance(method, dict)
    return sha256(whole | {"method": {k: v for k, v in method.items() if k != "seed"}})
