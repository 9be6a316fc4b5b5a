"""What a release of an own basket says, computed from the release of its parent and sealed.

    own, parent, release, parent_sha256, parent_seal, vintage_on, version
    made_with    versions of the engine, Python, NumPy and SciPy
    replicates   how many lie behind the intervals
    refusal      {name, detail} where the engine gives no index with these weights, else null
    baskets      [{id, of, version, effective_on, weights}], weights summing to 1
    frontier     {series: [{system, released_on, value, low, high}]}
    gaps         {safety: {per_year, low, high}, alignment: ...} in goalpost points, null with fewer
                 than three systems; releases made before it was computed have none
    systems      [{series, system, value, low, high, worst, best, coverage, official}]

Headlines and domains; index points rounded to six decimals, systems without a value left out. The
same numbers as those of the what-if with these weights on that release.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from baskets.engine import EngineError, canonical, round_floats
from baskets.engine.drawn_index import positions_in_force
from baskets.engine.environment import ENGINE_VERSION, environment
from baskets.engine.trend import line
from baskets.engine.whatif import Seen, WhatIf, whatif
from baskets.models import OwnBasket, OwnRelease, OwnVersion, Release
from baskets.selectors.decomposition import sealed
from baskets.selectors.own_chain import Segment, frame_of, segments, versions_for

Json = dict[str, Any]
GAP_DOMAINS = ("safety", "alignment")


@dataclass(frozen=True)
class Made:
    """A release of an own basket as it is stored."""

    version: OwnVersion
    content: Json

    @property
    def text(self) -> bytes:
        """The canonical JSON that is sealed."""
        return canonical(self.content).encode()

    @property
    def refusal(self) -> str:
        """The name of the engine's refusal; empty where there is an index."""
        said = self.content["refusal"]
        return str(said["name"]) if said else ""

    @property
    def summary(self) -> Json:
        """The newest step of the frontier by series."""
        return {name: steps[-1] for name, steps in self.content["frontier"].items() if steps}

    def row(self, own: OwnBasket, release: Release) -> OwnRelease:
        """The row to be stored."""
        text = self.text
        return OwnRelease(
            own=own,
            release=release,
            version=self.version,
            reconstructed=release.created_at < own.created_at,
            engine_version=ENGINE_VERSION,
            refusal=self.refusal,
            summary=self.summary,
            sha256=hashlib.sha256(text).hexdigest(),
            content=zlib.compress(text, 6),
        )


def made_of(own: OwnBasket, versions: Sequence[OwnVersion], release: Release) -> Made:
    """What an own basket makes of a release; versions: all of its own, in any order."""
    known = versions_for(versions, release)
    chain = segments(sealed(release)[0], known)
    head: Json = {
        "own": own.public_id,
        "parent": release.basket.slug,
        "release": release.number,
        "parent_sha256": release.sha256,
        "parent_seal": release.seal,
        "vintage_on": release.vintage_on.isoformat(),
        "version": known[-1].number,
        "made_with": environment(),
        "replicates": 0,
        "refusal": None,
        "frontier": {},
        "gaps": {},
        "systems": [],
    }
    try:
        body = _computed(release, chain)
    except EngineError as error:
        body = {"refusal": {"name": error.name, "detail": error.detail}, "baskets": []}
    rounded = round_floats({**head, **body}, 6)
    return Made(known[-1], cast(Json, rounded))


def _computed(release: Release, chain: Sequence[Segment]) -> Json:
    """All that depends on the weights. EngineError where the engine gives no index."""
    kept = frame_of(release, chain)
    weights = {segment.basket.id: segment.weights for segment in chain}
    found = whatif(kept.frame, weights, drawn=kept.drawn)
    on = positions_in_force(found.state)
    seen = [found.seen(series, on) for series in found.main]
    return {
        "replicates": kept.drawn.size,
        "baskets": [
            {
                "id": segment.basket.id,
                "of": segment.of,
                "version": segment.version.number,
                "effective_on": day.isoformat() if (day := segment.basket.effective_on) else None,
                "weights": dict(counted.weights),
            }
            for segment, counted in zip(chain, found.state.problem.baskets, strict=True)
        ],
        "frontier": {one.series: list(_frontier(found, one)) for one in seen},
        "gaps": _gaps(found, {one.series: one for one in seen}),
        "systems": [row for one in seen for row in _values(found, one)],
    }


def _frontier(found: WhatIf, seen: Seen) -> Iterator[Json]:
    problem = found.state.problem
    for step in seen.frontier(problem.systems):
        yield {
            "system": step.system,
            "released_on": step.released_on.isoformat(),
            "value": step.value,
            **_ends(seen, problem.row_of[step.system]),
        }


def _gaps(found: WhatIf, seen: Mapping[str, Seen]) -> Json:
    """The safety gaps as the engine's `safety_gap` defines them; none where it refuses them."""
    method = found.state.problem.method
    if method.scale != "points" or method.effective_link != "additive":
        return {}
    return {name: _gap(found, seen, name) for name in GAP_DOMAINS if name in seen}


def _gap(found: WhatIf, seen: Mapping[str, Seen], domain: str) -> Json | None:
    """The slope of a domain less that of capability, along the systems of its frontier."""
    problem = found.state.problem
    able, safe = seen.get("capability"), seen[domain]
    if able is None:
        return None
    # Additive links carry one slope per series over all versions.
    levels = found.state.chain.levels
    rates = {
        name: float(level.slope[0]) for (name, _at), level in levels.items()
        if name in ("capability", domain)
    }  # fmt: skip
    rows = [(step, problem.row_of[step.system]) for step in able.frontier(problem.systems)]
    gap = line(
        [
            (
                step.released_on,
                float(safe.value[row]) / rates[domain] - step.value / rates["capability"],
            )
            for step, row in rows
            if safe.official[row]
        ]
    )
    if gap is None:
        return None
    return {"per_year": gap.per_year, "low": gap.low, "high": gap.high}


def _values(found: WhatIf, seen: Seen) -> Iterator[Json]:
    systems = found.state.problem.systems
    for row in np.flatnonzero(~np.isnan(seen.value)).tolist():
        yield {
            "series": seen.series,
            "system": systems[row].id,
            "value": float(seen.value[row]),
            **_ends(seen, row),
            "worst": _known(seen.worst[row]),
            "best": _known(seen.best[row]),
            "coverage": float(seen.coverage[row]),
            "official": bool(seen.official[row]),
        }


def _ends(seen: Seen, row: int) -> Json:
    """The 95% interval, null where there is none."""
    low, high = seen.ends or (None, None)
    return {
        "low": None if low is None else _known(low[row]),
        "high": None if high is None else _known(high[row]),
    }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def read(stored: OwnRelease) -> Json:
    """The content of a stored release."""
    found: Json = json.loads(text_of(stored))
    return found


def text_of(stored: OwnRelease) -> bytes:
    """The bytes that its SHA-256 seals."""
    return zlib.decompress(stored.content)
