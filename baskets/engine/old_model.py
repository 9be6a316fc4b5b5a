"""What the model of an earlier release says of cells that it recorded no fill for (section 8).

A withdrawn score leaves a cell that was observed when the release was made, and a new basket may
count evals that the release never filled. Both are then predicted by the earlier model, fitted
again to the earlier scores. An eval that nobody had been measured on gets the model's prior.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

from baskets.engine.impute import FILL_DIGITS, DomainFit, fit_domain
from baskets.engine.parts import Basket, Eval
from baskets.engine.points import between
from baskets.engine.problem import Problem

# (system, eval, basket): a cell of one version.
Place = tuple[str, str, str]


class OldModel:
    """The model of `before`, asked about the evals of `after`'s baskets too.

    A domain is fitted when the first of its cells is asked for. A system without a score in a
    domain has no place in that domain's model, and an eval whose scale was defined anew has none
    in any: the model knows nothing about their cells.
    """

    def __init__(self, before: Problem, after: Problem) -> None:
        self.before, self.after = before, after
        self._fits: dict[str, DomainFit] = {}

    def knows(self, system: str, eval_id: str) -> bool:
        """Whether there is a prediction for a system on an eval."""
        item = self.problem.eval_by_id[eval_id]
        later = self.after.eval_by_id.get(eval_id, item)
        return later.scale == item.scale and (system, item.domain) in self._seen

    def points(self, places: Iterable[Place], inside: Problem) -> dict[Place, float]:
        """Predicted points of cells that the model knows, under the goalposts of `inside`."""
        columns: dict[tuple[str, str], list[str]] = defaultdict(list)
        for system, name, basket in places:
            columns[name, basket].append(system)
        baskets = {basket.id: basket for basket in inside.baskets}
        found: dict[Place, float] = {}
        for (name, place), systems in columns.items():
            item = self.problem.eval_by_id[name]
            fit = self._fit(item.domain)
            row_of = {system: row for row, system in enumerate(fit.systems)}
            rows = [row_of[system] for system in systems]
            raw = fit.predicted.points[rows, fit.evals.index(name)]
            old, new = self.problem.fit_goalposts(name), inside.goalposts(baskets[place], name)
            moved = between(raw, scale=item.scale, old=old, new=new)
            for system, points in zip(systems, moved.tolist(), strict=True):
                found[system, name, place] = round(points, FILL_DIGITS)
        return found

    @cached_property
    def problem(self) -> Problem:
        """The earlier problem with the later baskets' evals added to it.

        Where such an eval had no usable goalposts, those of the first later basket that counts it
        are taken, and scores it may have had are left out: the earlier fit used none of them.
        """
        evals = dict(self.before.eval_by_id)
        added: dict[str, Eval] = {}
        for basket in self.after.baskets:
            for name in basket.weights.keys() - added.keys():
                known = evals.get(name)
                if not known or not self.before.fit_goalposts(name).usable(known.scale):
                    added[name] = self._defined(basket, name)
        evals |= added
        return replace(
            self.before,
            evals=tuple(evals[name] for name in sorted(evals)),
            scores=tuple(s for s in self.before.scores if s.eval not in added),
        )

    def _defined(self, basket: Basket, name: str) -> Eval:
        goalposts = self.after.goalposts(basket, name)
        return replace(self.after.eval_by_id[name], goalposts=goalposts)

    @cached_property
    def _seen(self) -> set[tuple[str, str]]:
        """(system, domain) of the scores that the fit uses."""
        problem = self.problem
        domain = {
            e.id: e.domain for e in problem.evals if problem.fit_goalposts(e.id).usable(e.scale)
        }
        return {(s.system, domain[s.eval]) for s in problem.scores if s.eval in domain}

    def _fit(self, domain: str) -> DomainFit:
        if domain not in self._fits:
            baskets = (*self.before.baskets, *self.after.baskets)
            wanted = {name for basket in baskets for name in basket.weights}
            self._fits[domain] = fit_domain(self.problem, domain, wanted)
        return self._fits[domain]
