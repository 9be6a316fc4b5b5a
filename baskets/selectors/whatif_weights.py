"""What a reader's adjustments make of the published weights of a version.

An adjustment names a domain's share of the headline or an eval's share beside the others of its
domain, in per cent; `baskets.views.whatif_query` says how an address writes them. Whoever reads
them, the address of a what-if or a basket that was stored, gets the same numbers to the last bit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from baskets.engine import Eval
from baskets.engine.whatif_weights import domains_scaled

DOMAIN, EVAL = "d.", "w."


def adjusted(
    published: Mapping[str, float],
    evals: Mapping[str, Eval],
    *,
    of_domains: Mapping[str, str],
    of_evals: Mapping[str, str],
) -> dict[str, float]:
    """The weights after some adjustments, not normalised, without evals that have none.

    published: shares that sum to 1. of_domains, of_evals: per cent as written, by name; every
    eval that is named must be in `evals`. A domain that has no weight yet cannot be given any.
    """
    shares = domain_shares(published, evals)
    # In a fixed order, so that sums do not depend on how the adjustments were kept.
    weights = dict(published) | {name: float(of_evals[name]) / 100 for name in sorted(of_evals)}
    touched = {evals[name].domain for name in of_evals} | of_domains.keys()
    targets = {
        name: float(of_domains[name]) / 100 if name in of_domains else shares[name]
        for name in touched
        if name in shares
    }
    weights = domains_scaled(evals, weights, targets)
    return {name: weight for name, weight in weights.items() if weight > 0}


def from_adjustments(
    published: Mapping[str, float], evals: Mapping[str, Eval], adjustments: Mapping[str, str]
) -> dict[str, float]:
    """The same of adjustments as they are stored: `d.` and `w.` before the names.

    evals: those that can be counted here. What names another one, or a domain that is not in
    these weights, is left out: a version that has it not cannot be moved by it.
    """
    shares = domain_shares(published, evals)
    named = {key: key.partition(".")[2] for key in adjustments}
    return adjusted(
        published,
        evals,
        of_domains={
            name: adjustments[key]
            for key, name in named.items()
            if key.startswith(DOMAIN) and name in shares
        },
        of_evals={
            name: adjustments[key]
            for key, name in named.items()
            if key.startswith(EVAL) and name in evals
        },
    )


def domain_shares(weights: Mapping[str, float], evals: Mapping[str, Eval]) -> dict[str, float]:
    """What each domain weighs."""
    shares: dict[str, float] = defaultdict(float)
    for name, weight in weights.items():
        shares[evals[name].domain] += weight
    return dict(shares)
