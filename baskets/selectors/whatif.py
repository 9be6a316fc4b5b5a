"""What new weights would make of a basket, for the admin's preview and for readers' what-ifs.

Two questions are asked of the same engine. A steward's draft is a further version: every system is
looked at on it, beside the version before it, both on their linked level. A reader's weights go
back over every version (`engine.whatif_weights`): each system stands on the version in force for
it, so that the published weights give the published index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from baskets.engine import EngineError, Problem, prepare, replicates_of
from baskets.engine.drawn_index import positions_in_force
from baskets.engine.whatif import WhatIf, whatif
from baskets.engine.whatif_frame import Reweighted
from baskets.engine.whatif_weights import on_every_version
from baskets.models import BasketVersion, Release
from baskets.selectors.problems import knowledge
from baskets.selectors.whatif_frames import Kept, draft_frame, draft_problem, release_frame
from baskets.selectors.whatif_parts import Preview, Views, preview_of

BAND_DRAWS, EXACT_BAND_DRAWS = 200, 1000

Weights = Mapping[str, float]


def draft_preview(
    version: BasketVersion,
    weights: Weights | None = None,
    *,
    shown: str = "headline",
    intervals: bool = True,
    band: bool = True,
) -> Preview:
    """What a draft would do under new weights by eval (by default its own); 0 leaves an eval out.

    EngineError where the engine would refuse to publish it.
    """
    kept = draft_frame(version)
    chosen = kept.published if weights is None else weights
    drawn = kept.drawn if intervals else None
    found = whatif(kept.frame, {kept.newest: chosen}, drawn=drawn)
    try:
        before = remembered(kept, {kept.newest: kept.published}, intervals=intervals)
    except EngineError:
        # What is stored would be refused; the published versions before it are in both alike.
        before = found
    views = _of_draft(kept, before, found, BAND_DRAWS if band else 0)
    return preview_of(views, shown, replicates=kept.drawn.size if intervals else 0)


def exact_preview(version: BasketVersion, *, shown: str = "headline") -> Preview:
    """What a draft would do as it is stored: the very release, from all replicates."""
    kept = draft_frame(version)
    problem = Problem.from_json(draft_problem(knowledge(version.basket, also=version)))
    state = prepare(problem)
    drawn = replicates_of(state)
    found = WhatIf(kept.frame, state, drawn.index)
    views = _of_draft(kept, found, found, EXACT_BAND_DRAWS)
    return preview_of(views, shown, replicates=problem.method.replicates, exact=True)


def _of_draft(kept: Kept, before: WhatIf, after: WhatIf, draws: int) -> Views:
    """The draft beside the version before it; a first version has none and stands on both sides."""
    last = len(after.state.tables) - 1
    systems = len(after.state.problem.systems)
    before, on = (before, last - 1) if last else (after, 0)
    return Views(before, after, [on] * systems, [last] * systems, kept.seed, draws)


def reader_preview(
    release: Release,
    weights: Weights,
    *,
    shown: str = "headline",
    intervals: bool = True,
    band: bool = True,
    links: bool = True,
) -> Preview:
    """A release under a reader's weights: of the newest version, beside its published ones.

    Evals that are not named have none. EngineError where the engine would refuse such a basket.
    """
    kept = release_frame(release)
    drawn = kept.drawn if intervals else None
    before = remembered(kept, reweighted(kept, kept.published), intervals=intervals)
    after = whatif(kept.frame, reweighted(kept, weights), drawn=drawn)
    on = positions_in_force(after.state)
    views = Views(before, after, on, on, kept.seed, BAND_DRAWS if band else 0)
    size = kept.drawn.size if intervals else 0
    return preview_of(views, shown, replicates=size, links=links)


def remembered(kept: Kept, weights: Reweighted, *, intervals: bool) -> WhatIf:
    """The index that new weights are compared with: always the same one for a frame."""
    if intervals not in kept.compared:
        kept.compared[intervals] = whatif(
            kept.frame, weights, drawn=kept.drawn if intervals else None
        )
    return kept.compared[intervals]


def reweighted(kept: Kept, weights: Weights) -> dict[str, dict[str, float]]:
    """A reader's weights on every version of a release."""
    problem = kept.frame.problem
    published = replace(problem.baskets[-1], weights=kept.published)
    return on_every_version(problem.with_baskets((*problem.baskets[:-1], published)), weights)
