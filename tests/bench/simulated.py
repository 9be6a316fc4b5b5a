"""Data sets drawn from the model that fills missing cells, with their truth (methodology 3, 6).

In each domain the true share of system s on eval e is sigmoid(alpha_e (theta_s - delta_e)), in
capability plus a second factor u_s v_e; scores are binomial with a known number of items. Every
true share lies between 5% and 95%, because |theta| <= 1.3, |delta| <= 0.8, |u v| <= 0.25 and
alpha <= 1.28. Half of the data sets have a second basket version, which takes harder evals for
easier ones. The truth of a data set is the index of its true shares, base and links included.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from baskets.engine import Answer, Basket, Eval, Method, Problem, Score, System, compute
from baskets.engine.points import Goalposts

DOMAINS = ("alignment", "capability", "safety")
WEIGHTS = {"alignment": 0.3, "capability": 0.4, "safety": 0.3}
SYSTEMS, EVALS, REPLACED = 40, 12, 3
ITEMS = (50, 100, 200, 400, 1000)
DEVELOPERS, OVERLAP = 5, 8
FIRST_DAY, LINK_DAY, APART = date(2024, 1, 1), date(2025, 3, 1), 20
REPLICATES = 500
# What is published: everything, 40% of the cells whatever they hold, 40% but rather good scores.
SHARE_SEEN = {"none": 1.0, "random": 0.4, "selective": 0.4}
# By how many logits a cell that is one standard deviation better is likelier to be published.
PREFERENCE = 1.0

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class DataSet:
    """One problem and the answer that true shares would give."""

    problem: Problem
    truth: Answer


def data_set(seed: int, missing: str) -> DataSet:
    """The data set of a seed; `missing` is a key of SHARE_SEEN.

    The same seed has the same systems, evals and scores under each of them.
    """
    random = np.random.default_rng([seed, 0])
    shares = np.concatenate([true_shares(random, domain) for domain in DOMAINS], axis=1)
    items = random.choice(ITEMS, size=shares.shape[1])
    counts = random.binomial(items, shares)
    linked = bool(seed % 2)
    seen = _published(np.random.default_rng([seed, 1]), counts / items, missing, linked=linked)
    parts = _parts(linked, seen)
    truth = _problem(parts, shares, None, np.ones_like(seen))
    found = _problem(parts, counts / items, items, seen)
    return DataSet(
        replace(found, method=replace(found.method, replicates=REPLICATES)), compute(truth)
    )


def true_shares(random: np.random.Generator, domain: str) -> Array:
    """(S, E) for one domain; abilities rise with the release, evals harden, both with scatter."""
    drift = np.linspace(-0.5, 0.5, SYSTEMS)
    ability = drift + _bounded(random, SYSTEMS, 0.4, 0.8)
    difficulty = np.linspace(-0.3, 0.3, EVALS) + _bounded(random, EVALS, 0.25, 0.5)
    sharpness = random.uniform(0.7, 1.28, EVALS)
    logits = sharpness * (ability[:, None] - difficulty)
    if domain == "capability":
        logits += _bounded(random, SYSTEMS, 0.3, 0.5)[:, None] * _bounded(random, EVALS, 0.3, 0.5)
    return np.asarray(1 / (1 + np.exp(-logits)))


def _bounded(random: np.random.Generator, size: int, spread: float, bound: float) -> Array:
    """Normal numbers of some spread, drawn again where beyond the bound."""
    low = NormalDist(0, spread).cdf(-bound)
    chances = random.uniform(low, 1 - low, size)
    return np.array([NormalDist(0, spread).inv_cdf(chance) for chance in chances])


def _published(random: np.random.Generator, scores: Array, missing: str, *, linked: bool) -> Mask:
    """Which cells (S, E) are published; drawn again until the base and the links can stand."""
    share = SHARE_SEEN[missing]
    if share == 1:
        return np.ones(scores.shape, dtype=np.bool_)
    better = (scores - scores.mean(axis=0)) / scores.std(axis=0)
    tilt = PREFERENCE * better if missing == "selective" else np.zeros_like(better)
    chance = 1 / (1 + np.exp(-(np.log(share / (1 - share)) + tilt)))
    while True:
        seen = random.random(scores.shape) < chance
        if all(_stands(seen, places) for places in _domains_of_versions(linked)):
            return np.asarray(seen)


def _stands(seen: Mask, places: list[int]) -> bool:
    """Whether the base and the systems of the overlap have an observed cell among some evals."""
    needed = [0, *_overlap_rows()]
    return bool(seen[np.ix_(needed, places)].any(axis=1).all())


def _overlap_rows() -> list[int]:
    """Systems spread over the time before the second version."""
    last = (LINK_DAY - FIRST_DAY).days // APART
    return [int(n) for n in np.linspace(1, last, OVERLAP).round()]


def _baskets_of(linked: bool) -> list[list[int]]:
    """Positions within a domain of the evals that each version counts."""
    if not linked:
        return [list(range(EVALS))]
    return [list(range(EVALS - REPLACED)), list(range(REPLACED, EVALS))]


def _domains_of_versions(linked: bool) -> list[list[int]]:
    return [
        [EVALS * n + place for place in places]
        for places in _baskets_of(linked)
        for n in range(len(DOMAINS))
    ]


def _parts(linked: bool, seen: Mask) -> Problem:
    """The problem without scores."""
    systems = tuple(
        System(
            id=f"s{n:02}",
            released_on=FIRST_DAY + timedelta(days=APART * n),
            developer=f"d{n % DEVELOPERS}",
        )
        for n in range(SYSTEMS)
    )
    evals = tuple(
        Eval(f"{domain}-{n:02}", domain, lower=0.0, upper=100.0, goalposts=Goalposts(0.0, 100.0))
        for domain in DOMAINS
        for n in range(EVALS)
    )
    overlap = tuple(systems[row].id for row in _overlap_rows())
    baskets = tuple(
        Basket(
            id=f"v{number}",
            weights=dict(
                sorted(
                    (f"{domain}-{n:02}", WEIGHTS[domain] / len(places))
                    for domain in DOMAINS
                    for n in places
                )
            ),
            effective_on=FIRST_DAY if number == 1 else LINK_DAY,
            overlap=() if number == 1 else overlap,
        )
        for number, places in enumerate(_baskets_of(linked), start=1)
    )
    return Problem(Method(base=systems[0].id, coverage_floor=0.0), evals, systems, (), baskets)


def _problem(parts: Problem, shares: Array, items: Array | None, seen: Mask) -> Problem:
    """The problem with scores in points, in the order of its parts."""
    scores = tuple(
        Score(
            system.id,
            item.id,
            100 * float(shares[row, column]),
            n_items=None if items is None else float(items[column]),
        )
        for row, system in enumerate(parts.systems)
        for column, item in enumerate(parts.evals)
        if seen[row, column]
    )
    return replace(parts, scores=scores)
