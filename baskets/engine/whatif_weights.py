"""A reader's weights on every version of a basket.

A reader weighs the newest version. On the versions before it an eval has the importance that it
was given there, beside what was published, as in section 10:

    w*_je = w_je m_e,   m_e = chosen_e / published_e   on the newest version,

for an eval that the newest version counts; one that it does not count moves as its subdomain
there, or where that is gone as its domain:

    m_e = sum of chosen / sum of published,   over the evals of the subdomain (domain).

With the weights as published, every m is 1 and the index is the published one.
"""

from collections import defaultdict
from collections.abc import Mapping

from baskets.engine.parts import Basket, Eval
from baskets.engine.problem import Problem
from baskets.engine.whatif_frame import Weights


def on_every_version(problem: Problem, chosen: Weights) -> dict[str, dict[str, float]]:
    """New weights by basket id, not normalised, without evals that have none.

    chosen: of the newest version, beside its published weights; may name evals that no version
    counts, which only enter the newest one.
    """
    newest = problem.baskets[-1]
    moved = _Moved(problem.eval_by_id, newest, chosen)
    found = {
        basket.id: {name: weight * moved.by(name) for name, weight in basket.weights.items()}
        for basket in problem.baskets[:-1]
    }
    found[newest.id] = dict(chosen)
    return {
        name: {item: weight for item, weight in weights.items() if weight != 0}
        for name, weights in found.items()
    }


def domains_scaled(
    evals: Mapping[str, Eval], chosen: Weights, shares: Mapping[str, float]
) -> dict[str, float]:
    """The weights with those of some domains scaled until they add up to their shares.

    A domain in which nothing has any weight stays so.
    """
    totals: dict[str, float] = defaultdict(float)
    for name, weight in chosen.items():
        totals[evals[name].domain] += weight
    return {
        name: weight * shares[domain] / totals[domain]
        if (domain := evals[name].domain) in shares and totals[domain]
        else weight
        for name, weight in chosen.items()
    }


class _Moved:
    """By how much an eval's importance was moved on the newest version."""

    def __init__(self, evals: Mapping[str, Eval], newest: Basket, chosen: Weights) -> None:
        self.evals, self.newest, self.chosen = evals, newest, chosen
        self.before: dict[tuple[str, str | None], float] = defaultdict(float)
        self.after: dict[tuple[str, str | None], float] = defaultdict(float)
        for weights, totals in ((newest.weights, self.before), (chosen, self.after)):
            for name, weight in weights.items():
                for branch in self._branches(name):
                    totals[branch] += weight

    def by(self, name: str) -> float:
        """m of an eval of an earlier version."""
        if name in self.newest.weights:
            return self.chosen.get(name, 0.0) / self.newest.weights[name]
        for branch in self._branches(name):
            if self.before[branch]:
                return self.after[branch] / self.before[branch]
        return 1.0

    def _branches(self, name: str) -> list[tuple[str, str | None]]:
        """The eval's subdomain, if it has one, and its domain."""
        item = self.evals[name]
        own = [(item.domain, item.subdomain)] if item.subdomain is not None else []
        return [*own, (item.domain, None)]
