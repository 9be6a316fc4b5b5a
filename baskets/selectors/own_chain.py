"""The versions of an own basket, link by link: whose cells they count, and with which weights.

A release of an own basket has every version of the parent's release, each under the weights of the
own version in force. The first own version weighs them all from the beginning. A later one begins
on its day: there the parent's version of the time is put in once more, linked over that version's
own overlap set (the systems released until then, where it has fewer than two), so that systems of
before keep their values and those of after stand on the new weights (methodology section 5).

On the parent's version that was the newest when the weights were chosen they are just these; on
earlier ones they follow from `engine.whatif_weights`; on later ones the same adjustments are made
to what is published there. So no version's weights change once it is there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from baskets.engine import Basket, Eval, Problem, sha256
from baskets.engine.basket_json import write_basket
from baskets.engine.whatif_weights import on_every_version
from baskets.models import OwnVersion, Release
from baskets.selectors.decomposition import sealed
from baskets.selectors.whatif_frames import MEMORY, Kept, framed, release_frame
from baskets.selectors.whatif_weights import from_adjustments

Weights = Mapping[str, float]


@dataclass(frozen=True)
class Segment:
    """A version of the chain: the parent's version `of`, under the weights of an own version.

    inserted: it begins where only the weights changed. weights: not normalised.
    """

    basket: Basket
    of: str
    version: OwnVersion
    weights: Weights
    inserted: bool


def versions_for(versions: Sequence[OwnVersion], release: Release) -> list[OwnVersion]:
    """The own versions that a release knows, oldest first: the first one, whenever it was made,
    and those made until the release. Of a day's several versions the last one counts."""
    first, *others = sorted(versions, key=lambda version: version.number)
    known = [version for version in others if version.created_at <= release.created_at]
    by_day = {version.effective_on: version for version in known}
    return [first, *by_day.values()]


def segments(problem: Problem, versions: Sequence[OwnVersion]) -> tuple[Segment, ...]:
    """The chain of an own basket in a release; versions: as `versions_for` gives them."""
    countable = _countable(problem)
    found: list[Segment] = []
    for day, basket, number in _beginnings(problem, versions):
        version = versions[number]
        inserted = basket.effective_on != day and number > 0
        made = _inserted(problem, basket, version, day) if inserted else basket
        weights = _weights(problem, basket, version, countable)
        found.append(Segment(made, basket.id, version, weights, inserted))
    return tuple(found)


def _beginnings(
    problem: Problem, versions: Sequence[OwnVersion]
) -> list[tuple[dt.date, Basket, int]]:
    """(day, parent's version, place of the own version) of every segment, in order of time."""
    days = [basket.effective_on or dt.date.min for basket in problem.baskets]
    starts = [dt.date.min, *(version.effective_on for version in versions[1:])]
    found = []
    for day in sorted({*days, *starts[1:]}):
        parents = [n for n, begins in enumerate(days) if begins <= day]
        if parents:
            number = max(n for n, begins in enumerate(starts) if begins <= day)
            found.append((day, problem.baskets[parents[-1]], number))
    return found


def _inserted(problem: Problem, basket: Basket, version: OwnVersion, day: dt.date) -> Basket:
    overlap = basket.overlap
    if len(overlap) < 2:
        overlap = tuple(sorted(s.id for s in problem.systems if s.released_on and
                               s.released_on < day))  # fmt: skip
    return replace(basket, id=f"{basket.id}+{version.number}", effective_on=day, overlap=overlap)


def _countable(problem: Problem) -> dict[str, Eval]:
    """The evals that may be weighed: measured, with goalposts of their own that can be used."""
    measured = {score.eval for score in problem.scores}
    return {
        item.id: item
        for item in problem.evals
        if item.id in measured and item.goalposts.usable(item.scale)
    }


def _weights(
    problem: Problem, basket: Basket, version: OwnVersion, countable: Mapping[str, Eval]
) -> Weights:
    """The weights of an own version on one version of the parent, as far as a release has them."""
    chosen_in, _answer = sealed(version.anchor)
    if basket.id in {each.id for each in chosen_in.baskets}:
        chosen = _chosen(chosen_in, chosen_in.baskets[-1], version, _countable(chosen_in))
        found: Weights = on_every_version(chosen_in, chosen)[basket.id]
    else:
        found = _chosen(problem, basket, version, countable)
    # What was added later was measured on nobody when an earlier release was made.
    return {
        name: weight
        for name, weight in found.items()
        if name in basket.weights or name in countable
    }


def _chosen(
    problem: Problem, basket: Basket, version: OwnVersion, countable: Mapping[str, Eval]
) -> dict[str, float]:
    evals = {**countable, **{name: problem.eval_by_id[name] for name in basket.weights}}
    return from_adjustments(basket.weights, evals, version.adjustments)


def frame_of(release: Release, chain: Sequence[Segment]) -> Kept:
    """The frame in which a chain can be computed.

    It is the what-if's own where the chain has the versions of the release and adds evals to the
    newest of them only.
    """
    problem, _answer = sealed(release)
    published = {basket.id: basket.weights for basket in problem.baskets}
    plain = len(chain) == len(problem.baskets) and not any(
        segment.inserted or segment.weights.keys() - published[segment.of].keys()
        for segment in chain[:-1]
    )
    if plain and not chain[-1].inserted:
        return release_frame(release)
    key = sha256([[s.basket.id, str(s.basket.effective_on), sorted(s.weights)] for s in chain])
    return MEMORY.get(f"own {release.sha256} {key}", lambda: _kept(problem, chain))


def _kept(problem: Problem, chain: Sequence[Segment]) -> Kept:
    """A frame whose versions may each count what their segment counts."""
    rows = []
    for segment in chain:
        names = {**segment.basket.weights, **segment.weights}
        rows.append({**write_basket(segment.basket), "weights": dict.fromkeys(names, 1.0)})
    pools = Problem.from_json({**problem.to_json(), "baskets": rows})
    frame = framed(pools, settled=0)
    newest, seed = chain[-1], problem.natural_seed
    return Kept(frame, newest.weights, newest.basket.id, seed, grown=MEMORY.keep_within)
