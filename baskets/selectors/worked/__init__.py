"""The formulas of the methodology, worked out by hand from a release's own sealed numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

from baskets.models import Release
from baskets.selectors import releases
from baskets.selectors.catalog import EvalName, SystemName
from baskets.selectors.decomposition import sealed
from baskets.selectors.worked import (
    cells,
    coverage,
    fills,
    judgement,
    links,
    moves,
    products,
    seal,
    times,
    values,
)
from baskets.selectors.worked.case import Case
from baskets.selectors.worked.example import Grid, Worked
from baskets.selectors.worked.fills import Filled, Judged

__all__ = ["Filled", "Grid", "Judged", "Methods", "Worked", "worked_examples"]


@dataclass(frozen=True)
class Methods:
    """The examples of every section of the methodology, and how missing cells were filled."""

    examples: Mapping[str, tuple[Worked, ...]]
    filled: tuple[Filled, ...]
    judged: tuple[Judged, ...]
    band: str
    has_sensitivity: bool

    @property
    def every(self) -> tuple[Worked, ...]:
        """All examples in the order of the page."""
        return tuple(chain.from_iterable(self.examples.values()))


def worked_examples(
    release: Release, systems: Mapping[str, SystemName], evals: Mapping[str, EvalName]
) -> Methods:
    """Every example that the release has the numbers for."""
    problem, answer = sealed(release)
    case = Case(release, problem, answer, systems, evals)
    found = {
        "points": cells.of_points(case),
        "cells": cells.of_selection(case, releases.bundle(release)["excluded"]),
        "missing": chain(
            fills.of_means(case), coverage.of_coverage(case), coverage.of_headline(case)
        ),
        "index": values.of_index(case),
        "links": links.of_links(case),
        "uncertainty": chain(
            cells.of_published(case), cells.of_errors(case), moves.of_comparison(case)
        ),
        "contributions": chain(moves.of_contributions(case), products.of_products(case)),
        "moved": moves.of_revision(case),
        "core": judgement.of_core(case),
        "sensitivity": judgement.of_sensitivity(case),
        "releases": seal.of_seal(case),
        "frontier": times.of_generation(case),
        "ladder": times.of_rung(case),
        "safety_gap": times.of_gap(case),
        "saturation": times.of_saturation(case),
    }
    return Methods(
        examples={name: tuple(rows) for name, rows in found.items()},
        filled=fills.filled_cells(case),
        judged=fills.judged(answer.imputation),
        band=judgement.band_in_words(case),
        has_sensitivity=case.analyses.sensitivity is not None,
    )
