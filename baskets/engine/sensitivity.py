"""How much the index owes to judgement: weights and method drawn at random (section 10).

This is judgement error. It is never mixed with the sampling error of section 6: every draw uses
the scores as they were published. OECD/JRC Handbook (2008), step 7, is the pattern.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from baskets.engine.aggregate import Array, Table, transformed
from baskets.engine.answer import Answer, Point
from baskets.engine.compute import State
from baskets.engine.drawn_index import drawn_index
from baskets.engine.draws import natural_seed
from baskets.engine.impute import DomainFit, fit_domains
from baskets.engine.leave_out import LeaveOut, LeftOut
from baskets.engine.problem import Problem
from baskets.engine.refit import eval_mean_points, filled_again, one_dimensional_points
from baskets.engine.sensitivity_design import (
    CHOSEN,
    EVAL_MEAN,
    ONE_DIMENSIONAL,
    Design,
    draw_choices,
    draw_importance,
)
from baskets.engine.stability import Band, RankShares, official_points, stability

FILLS = {EVAL_MEAN: eval_mean_points, ONE_DIMENSIONAL: one_dimensional_points}


@dataclass(frozen=True)
class Refused:
    """How many draws the engine would have refused, by the name of the refusal."""

    name: str
    draws: int


@dataclass(frozen=True)
class EffectiveWeight:
    """What an eval does in a version's headline, beside the weight that it was given.

    Over the systems official at the headline that have a value on the version: correlation of
    the eval's points (logits for odds) with the weighted level, and the eval's share of the
    level's variance, w_e cov(p_e, L) / var(L), which sums to 1. None where nothing varies.
    """

    basket: str
    eval: str
    nominal: float
    correlation: float | None
    variance_share: float | None
    systems: int


@dataclass(frozen=True)
class Sensitivity:
    """The analysis of one release; `accepted` of `draws` stand behind the bands."""

    draws: int
    accepted: int
    seed: str
    design: Design
    refused: tuple[Refused, ...]
    bands: tuple[Band, ...]
    ranks: tuple[RankShares, ...]
    without_eval: tuple[LeftOut, ...]
    without_developer: tuple[LeftOut, ...]
    effective: tuple[EffectiveWeight, ...]


def sensitivity(
    state: State, answer: Answer, *, draws: int = 1000, design: Design | None = None
) -> Sensitivity:
    """The sensitivity of an answer to weights and method, each system on its official version.

    state: the computation behind the answer, from `prepare`. Draws are keyed by the problem's
    natural seed. Which systems are official stays as published in every draw.
    """
    problem, design = state.problem, design or Design()
    seed = natural_seed(problem)
    fits = state.fill.fits
    if problem.method.imputation == "model" and not fits:
        # Recorded fills carry no model; other fills need one.
        fits = fit_domains(problem, state.tables)
    choices = draw_choices(design, seed, draws)
    importance = draw_importance(problem.baskets, design, seed, draws)
    tables = tables_by_fill(state, fits, design)
    drawn = drawn_index(state, tables, importance, choices)
    official = official_points(answer)
    on_scale = choices.on_scale(problem.method.scale)
    bands, ranks = stability(problem, drawn, official, on_scale)
    leave_out = LeaveOut(state, answer, official)
    return Sensitivity(
        draws=draws,
        accepted=int(drawn.accepted.sum()),
        seed=seed,
        design=design,
        refused=tuple(Refused(name, int(mask.sum())) for name, mask in drawn.refused.items()),
        bands=bands,
        ranks=ranks,
        without_eval=leave_out.evals(),
        without_developer=leave_out.developers(fits),
        effective=effective_weights(state, official.get("headline", ())),
    )


def tables_by_fill(
    state: State, fits: Sequence[DomainFit], design: Design
) -> dict[str, Sequence[Table]]:
    """The state's tables under every fill of the design."""
    return refilled(state.problem, state.tables, fits, design)


def refilled(
    problem: Problem, chosen: Sequence[Table], fits: Sequence[DomainFit], design: Design
) -> dict[str, Sequence[Table]]:
    """Tables under every fill of the design, from those under the chosen one.

    Without a model (`strict`, `parental`) there is only the fill that was chosen.
    """
    tables: dict[str, Sequence[Table]] = {CHOSEN: chosen}
    for name in design.fills:
        if name == CHOSEN:
            continue
        points = {fit.domain: FILLS[name](fit) for fit in fits}
        tables[name] = [filled_again(problem, t, fits, points) for t in chosen]
    return tables


def effective_weights(state: State, official: Sequence[Point]) -> tuple[EffectiveWeight, ...]:
    """Correlation and share of variance of every eval of every version, official systems only."""
    rows = [state.problem.row_of[point.system] for point in official]
    found: list[EffectiveWeight] = []
    for position, table in enumerate(state.tables):
        has_value = state.standings[position]["headline"].has_value
        kept = [row for row in rows if has_value[row]]
        cells = transformed(table, state.problem.method.scale)[:, kept, 0]
        found += effective_on(table, cells)
    return tuple(found)


def effective_on(table: Table, cells: Array) -> list[EffectiveWeight]:
    """The same of one version over some systems; cells: (E, n), on the scale of the method."""
    version, count = table.version, cells.shape[1]
    weights = np.array([version.basket.weights[name] for name in version.evals])
    result = []
    centred = cells - cells.mean(axis=1, keepdims=True) if count else cells
    level = weights @ centred
    spread = float(level @ level)
    for name, weight, row in zip(version.evals, weights.tolist(), centred, strict=True):
        along, own = float(row @ level), float(row @ row)
        varies = spread > 0 and own > 0
        result.append(
            EffectiveWeight(
                basket=version.basket.id,
                eval=name,
                nominal=weight,
                correlation=along / (own * spread) ** 0.5 if varies else None,
                variance_share=weight * along / spread if spread > 0 else None,
                systems=count,
            )
        )
    return result
