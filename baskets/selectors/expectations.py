"""What the newest release expects of scores that come: in every cell that its models can predict.

The models are those that the release recorded, fitted again to the scores that it counts; a score
that it counts for a cell has no say in what is expected of the next one there.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf, isnan, nan
from typing import Any

import msgspec
import numpy as np
from django.utils.translation import gettext as _

from baskets.engine import EngineError, Problem
from baskets.engine.expect import Expected, Recorded, expect
from baskets.engine.measurement import measurement_errors
from baskets.engine.points import Goalposts, slope_at, to_points, value_at
from baskets.models import Release
from baskets.selectors import releases
from evals.expectations import Expectation, Judge, NoJudge

SLUG = "agi"
# A model may state itself too sure: nothing is judged more finely than by this many points.
LEAST_SD = 1.0
MOST_REMEMBERED = 50_000


@dataclass(frozen=True)
class PointScale:
    """Values of an eval and points between the goalposts under which it entered the fit."""

    scale: str
    goalposts: Goalposts

    def of(self, value: float) -> float:
        """The points of a value; NaN where it has none."""
        try:
            return to_points(value, scale=self.scale, goalposts=self.goalposts).points
        except EngineError:
            return nan

    def value(self, points: float) -> float:
        """The value with these points; infinite from where points are clipped."""
        floor, ceiling = self.goalposts.floor, self.goalposts.ceiling
        up = 1.0 if floor is None or ceiling is None or ceiling > floor else -1.0
        if points <= 0:
            return -inf * up
        if points >= 100 and self.scale != "log":
            return inf * up
        return value_at(points, scale=self.scale, goalposts=self.goalposts)

    def error(self, value: float, stderr: float) -> float:
        """A standard error beside a value, in points."""
        return stderr * slope_at(value, scale=self.scale, goalposts=self.goalposts)


@dataclass(frozen=True)
class _Domain:
    """A domain's expectations, found by name."""

    found: Expected
    row: Mapping[str, int]
    column: Mapping[str, int]
    scales: tuple[PointScale, ...]

    @staticmethod
    def of(problem: Problem, found: Expected) -> _Domain:
        """With the scale of each eval."""
        return _Domain(
            found=found,
            row={name: n for n, name in enumerate(found.systems)},
            column={name: n for n, name in enumerate(found.evals)},
            scales=tuple(
                PointScale(problem.eval_by_id[name].scale, problem.fit_goalposts(name))
                for name in found.evals
            ),
        )

    def expectation(self, system: str, item: str, said_by: str) -> Expectation | None:
        """What is expected of a cell; None where the system was never measured in the domain."""
        row, column = self.row.get(system), self.column[item]
        if row is None:
            return None
        usual, counted = float(self.found.error[column]), float(self.found.counted[row, column])
        measured = int(np.count_nonzero(~np.isnan(self.found.counted[row])))
        return Expectation(
            expected=float(self.found.points[row, column]),
            below=max(float(self.found.below[row, column]), LEAST_SD),
            above=max(float(self.found.above[row, column]), LEAST_SD),
            usual=0.0 if isnan(usual) else usual,
            counted=None if isnan(counted) else counted,
            points=self.scales[column],
            said_by=said_by,
            measured=measured - (not isnan(counted)),
        )


@dataclass(frozen=True)
class Expectations:
    """All that a release expects, by eval; `name` says which release."""

    name: str
    domains: Mapping[str, _Domain]
    scores: Mapping[str, tuple[tuple[dt.date, float], ...]]
    _asked: dict[tuple[str, str], Expectation | None] = field(default_factory=dict, repr=False)

    @staticmethod
    def of(name: str, problem: Problem, models: Mapping[str, Recorded]) -> Expectations:
        """By the scores of a problem; models: of each domain that has one."""
        errors, domains = measurement_errors(problem), {}
        for domain, recorded in models.items():
            found = expect(problem, domain, recorded, errors=errors)
            domains.update(dict.fromkeys(found.evals, _Domain.of(problem, found)))
        return Expectations(name=name, domains=domains, scores=_counted(problem))

    def evals(self) -> Collection[str]:
        """The evals on which anything is expected of a system."""
        return self.domains.keys()

    def cell(self, system: str, item: str) -> Expectation | None:
        """What is expected of a system's score on an eval; None where nothing is."""
        # Each score of a cell asks twice, and those that are posted are of the same few systems.
        key = (system, item)
        if key not in self._asked:
            if len(self._asked) >= MOST_REMEMBERED:
                self._asked.clear()
            domain = self.domains.get(item)
            found = None if domain is None else domain.expectation(system, item, self.name)
            self._asked[key] = found
            return found
        return self._asked[key]

    def counted(self, item: str) -> tuple[tuple[dt.date, float], ...] | None:
        """(release date of its system, value) of every score that counts on an eval."""
        return self.scores.get(item)


def judge() -> Judge:
    """A judge by the newest release of the official basket that is no reconstruction."""
    newest = Release.objects.filter(basket__slug=SLUG, reconstructed=False).order_by("-number")
    found = newest.values_list("pk", "number").first()
    return _expectations(*found) if found else NoJudge()


class _Answer(msgspec.Struct):
    imputation: dict[str, dict[str, Any]]


class _Bundle(msgspec.Struct):
    """What of a bundle is needed here; the rest, of a large site, is better not held in memory."""

    problem: dict[str, Any]
    answer: _Answer


@lru_cache(maxsize=1)
def _expectations(release: int, number: int) -> Expectations:
    text = releases.short_text(Release(pk=release))
    bundle = msgspec.json.decode(text, type=_Bundle)
    models = {name: Recorded.of(row) for name, row in bundle.answer.imputation.items()}
    said_by = _("release %(n)s") % {"n": number}
    return Expectations.of(said_by, Problem.from_json(bundle.problem), models)


def _counted(problem: Problem) -> dict[str, tuple[tuple[dt.date, float], ...]]:
    found = defaultdict(list)
    for score in problem.scores:
        released_on = problem.system_by_id[score.system].released_on
        if released_on is not None:
            found[score.eval].append((released_on, score.value))
    return {name: tuple(values) for name, values in found.items()}
