"""What a basket of a reader's weights would have been: its series release by release.

A reader's basket needs no store of values. Its releases are those of the basket that it weighs
anew: each one's cells, fills and links are sealed there, and new weights on them take some
milliseconds. So a basket of one's own is its weights, its base is its parent's, and its release n
is a function of the parent's release n.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from baskets.engine import EngineError
from baskets.engine.drawn_index import positions_in_force
from baskets.engine.trend import Step
from baskets.engine.whatif import whatif
from baskets.engine.whatif_frame import Frame, Reweighted
from baskets.models import Release
from baskets.selectors.decomposition import sealed
from baskets.selectors.whatif import reweighted
from baskets.selectors.whatif_frames import release_frame

# Frames without fits and replicates are small.
MOST_FRAMES = 64


@dataclass(frozen=True)
class PastValue:
    """A system's value in one release under the reader's weights."""

    system: str
    series: str
    value: float
    coverage: float
    official: bool


@dataclass(frozen=True)
class PastRelease:
    """One release under the reader's weights; `refusal` names why there is no index, else empty.

    frontier: by series, over model release dates, as it was known on the release's vintage.
    """

    number: int
    vintage_on: dt.date
    reconstructed: bool
    frontier: Mapping[str, tuple[Step, ...]]
    values: tuple[PastValue, ...]
    refusal: str = ""


_frames: OrderedDict[str, Frame] = OrderedDict()
_guard = Lock()


def history(newest: Release, weights: Mapping[str, float]) -> tuple[PastRelease, ...]:
    """Every release of a basket up to `newest` under a reader's weights, the oldest first.

    weights: of the newest version, as for `reader_preview`. An eval that a version of the time did
    not count has no sealed fills and so is left out of it. Central values only.
    """
    by_version = reweighted(release_frame(newest), weights)
    earlier = Release.objects.filter(basket=newest.basket_id, number__lte=newest.number)
    return tuple(
        past(release, by_version) for release in earlier.defer("bundle").order_by("number")
    )


def past(release: Release, by_version: Reweighted) -> PastRelease:
    """One release under weights by basket id."""
    frame = _frame(release)
    known = {basket.id: basket.weights for basket in frame.problem.baskets}
    given = {
        name: {item: weight for item, weight in by_version[name].items() if item in counted}
        for name, counted in known.items()
        if name in by_version
    }
    try:
        found = whatif(frame, given)
    except EngineError as error:
        return PastRelease(
            release.number, release.vintage_on, release.reconstructed, {}, (), error.name
        )
    on, systems = positions_in_force(found.state), frame.problem.systems
    seen = [found.seen(series, on) for series in found.main]
    return PastRelease(
        number=release.number,
        vintage_on=release.vintage_on,
        reconstructed=release.reconstructed,
        frontier={one.series: one.frontier(systems) for one in seen},
        values=tuple(
            PastValue(
                systems[row].id,
                one.series,
                float(one.value[row]),
                float(one.coverage[row]),
                bool(one.official[row]),
            )
            for one in seen
            for row in np.flatnonzero(~np.isnan(one.value)).tolist()
        ),
    )


def _frame(release: Release) -> Frame:
    """The release's cells and sealed fills, without a model."""
    with _guard:
        found = _frames.get(release.sha256)
        if found is None:
            problem, answer = sealed(release)
            found = Frame.of(problem, settled=0, filled=answer.imputed)
            _frames[release.sha256] = found
        _frames.move_to_end(release.sha256)
        while len(_frames) > MOST_FRAMES:
            _frames.popitem(last=False)
    return found


def frontier_by_release(
    found: Sequence[PastRelease], series: str
) -> tuple[tuple[dt.date, float], ...]:
    """The newest frontier of a series on every vintage: what an index's own history shows."""
    return tuple(
        (release.vintage_on, steps[-1].value)
        for release in found
        if (steps := release.frontier.get(series, ()))
    )
