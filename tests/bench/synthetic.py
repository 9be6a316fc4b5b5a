"""Seeded problems of any size for measurements: 3 domains of 10 subdomains each, 300 evals."""

from __future__ import annotations

from datetime import date

import numpy as np

from baskets.engine import Basket, Eval, Method, Problem, Score, System
from baskets.engine.points import Goalposts

EVALS, DOMAINS, SUBDOMAINS, OVERLAP = 300, 3, 10, 20
SEED = 20_261_121


def problem(
    systems: int, *, versions: int = 1, missing: float = 0.0, replicates: int = 0
) -> Problem:
    """Scores between 5 and 95 points with errors of 0.5 to 8.

    The objects are built as reading JSON would build them, so that no measurement is one of the
    JSON parser. The first systems, base and overlap, miss nothing; of the others' cells a share
    `missing` is left out, and then the model fills.
    """
    rng = np.random.default_rng(SEED)
    names = [f"s{n:06}" for n in range(systems)]
    evals = tuple(
        Eval(f"e{n:03}", f"d{n % DOMAINS}", f"t{n % (DOMAINS * SUBDOMAINS):02}",
             lower=0.0, upper=100.0, goalposts=Goalposts(0.0, 100.0))
        for n in range(EVALS)
    )  # fmt: skip
    ability = rng.normal(size=(systems, 1)) + 0.4 * rng.normal(size=(systems, DOMAINS)).repeat(
        EVALS // DOMAINS, axis=1
    ).reshape(systems, DOMAINS, -1).transpose(0, 2, 1).reshape(systems, EVALS)
    value = 5 + 90 / (1 + np.exp(-(ability - rng.normal(size=EVALS))))
    value = np.clip(value + rng.normal(scale=3, size=value.shape), 5, 95)
    keep = rng.random(value.shape) >= missing
    keep[: OVERLAP + 1] = True
    errors = rng.uniform(0.5, 8, size=value.shape)
    ids = [e.id for e in evals]
    scores = tuple(
        Score(name, ids[column], values[column], stderr=stderrs[column])
        for name, values, stderrs, row in zip(
            names, value.tolist(), errors.tolist(), keep, strict=True
        )
        for column in np.flatnonzero(row).tolist()
    )
    imputation = "model" if missing else "strict"
    return Problem(
        method=Method(base=names[0], imputation=imputation, replicates=replicates, seed=SEED),
        evals=evals,
        systems=tuple(System(name, released_on=date(2025, 1, 1)) for name in names),
        scores=scores,
        baskets=tuple(_basket(n, rng, ids, names) for n in range(versions)),
    )


def _basket(n: int, rng: np.random.Generator, evals: list[str], systems: list[str]) -> Basket:
    """A version of all evals with weights of its own; later ones are linked on 20 systems."""
    weights = rng.uniform(0.5, 1.5, size=len(evals))
    weights /= weights.sum()
    return Basket(
        id=f"v{n + 1}",
        weights=dict(zip(evals, weights.tolist(), strict=True)),
        effective_on=date(2024 + n, 1, 1),
        overlap=tuple(systems[1 : OVERLAP + 1]) if n else (),
    )
