"""What the sensitivity analysis varies: weights, and choices of method (methodology section 10).

Weights. Every eval has one relative importance per draw, the same on every basket version:
m_e = g_e / a_e with g_e ~ Gamma(a_e, 1), so that its mean is 1, and version j weighs

    w*_je = w_je m_e / sum_f w_jf m_f,   a_e = c r_e,   r_e = mean over versions of w_je E_j

r_e is the eval's weight beside the mean weight 1 / E_j of a version's E_j evals, averaged over
the versions that count it. On one version this is the Dirichlet distribution with parameters
c E w_e, whose mean is the published weights. With c = 4 an eval of mean weight has a coefficient
of variation of about one half, sqrt((E - 1) / (4 E + 1)): about seven in ten of such weights stay
between half and one and a half times what was published, the width that stewards may be expected
to show who agree on what matters but not on how much. A domain's weight moves with its evals'
and, being a sum, by less.

Choices. Scale, domain mean, link and fill are drawn independently, every option as likely as any
other; odds imply ratio links of geometric means.
"""

import hashlib
import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baskets.engine.parts import Basket

Array = NDArray[np.float64]
Ints = NDArray[np.intp]

_kept = threading.local()

CONCENTRATION = 4.0
CHOSEN, EVAL_MEAN, ONE_DIMENSIONAL = "chosen", "eval-mean", "one-dimensional"


@dataclass(frozen=True)
class Design:
    """The options that are drawn from; concentration is c, infinite for the published weights."""

    concentration: float = CONCENTRATION
    scales: tuple[str, ...] = ("points", "odds")
    domain_means: tuple[str, ...] = ("arithmetic", "geometric")
    links: tuple[str, ...] = ("additive", "ratio")
    fills: tuple[str, ...] = (CHOSEN, EVAL_MEAN, ONE_DIMENSIONAL)


@dataclass(frozen=True)
class Choices:
    """The method of every draw, as positions (D,) in the design's options."""

    design: Design
    scale: Ints
    domain_mean: Ints
    link: Ints
    fill: Ints

    @property
    def geometric(self) -> NDArray[np.bool_]:
        """(D,): whether the headline of a draw is the balanced one."""
        return np.array([name == "geometric" for name in self.design.domain_means])[
            self.domain_mean
        ]

    def on_scale(self, scale: str) -> NDArray[np.bool_]:
        """(D,): which draws are on a scale."""
        return np.array([name == scale for name in self.design.scales])[self.scale]


def draw_choices(design: Design, seed: str, draws: int) -> Choices:
    """A method for every draw; more draws begin with the same ones."""

    def drawn(name: str, options: Sequence[str]) -> Ints:
        return _generator(seed, "choice", name).integers(len(options), size=draws, dtype=np.intp)

    return Choices(
        design=design,
        scale=drawn("scale", design.scales),
        domain_mean=drawn("domain_mean", design.domain_means),
        link=drawn("link", design.links),
        fill=drawn("fill", design.fills),
    )


def draw_importance(
    baskets: Sequence[Basket], design: Design, seed: str, draws: int
) -> dict[str, Array]:
    """The relative importance m_e (D,) of every counted eval; each has numbers of its own."""
    relative: dict[str, list[float]] = {}
    for basket in baskets:
        for name, weight in basket.weights.items():
            relative.setdefault(name, []).append(weight * len(basket.weights))
    importance = {}
    for name, values in sorted(relative.items()):
        shape = design.concentration * math.fsum(values) / len(values)
        if math.isinf(shape):
            importance[name] = np.ones(draws)
            continue
        importance[name] = _generator(seed, "weight", name).standard_gamma(shape, draws) / shape
    return importance


def _generator(*name: str) -> np.random.Generator:
    """A counter-based generator keyed by a name, good until this thread asks for the next one."""
    digest = hashlib.sha256("\n".join(name).encode()).digest()
    if not hasattr(_kept, "generator"):
        _kept.generator = np.random.Generator(np.random.Philox(key=0))
    generator: np.random.Generator = _kept.generator
    # Building another generator takes ten times as long as setting this one back.
    state: Any = generator.bit_generator.state
    key = int.from_bytes(digest[:16], "big")
    state["state"] = {"key": (key % 2**64, key >> 64), "counter": (0, 0, 0, 0)}
    state.update(buffer=(0, 0, 0, 0), buffer_pos=4, has_uint32=0, uinteger=0)
    generator.bit_generator.state = state
    return generator
