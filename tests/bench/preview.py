"""How soon a preview follows a slider: 1,000 systems, 300 evals, a draft behind one version.

What is timed is all that a preview tells, from new weights to its dataclasses: with intervals that
is also the sensitivity band, without them the central values, ranks, links and effective weights.
The frame, with its fits and replicates, is made once, as a process makes it for a draft, and shown
apart. In a process of its own, whose memory it reports.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from statistics import quantiles

import numpy as np

from baskets.engine import Problem
from baskets.engine.whatif import WhatIf, whatif
from baskets.engine.whatif_draws import Drawn
from baskets.engine.whatif_frame import Frame
from baskets.selectors.whatif_parts import Preview, Views, preview_of
from tests.bench.apart import measured_apart, peak_gb
from tests.bench.report import Row
from tests.bench.synthetic import problem

SYSTEMS, MISSING, SLIDES, SEED = 1_000, 0.6, 40, "preview"
WITH_INTERVALS, WITHOUT, DRAWS = 300.0, 80.0, 200


def measured() -> list[Row]:
    """The 95th percentile of forty slides with intervals and without, and what they rest on."""
    found = measured_apart("tests.bench.preview", OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    size = "1,000 systems x 300 evals"
    return [
        Row(f"preview, {size}, intervals, p95", found["with"], "ms", WITH_INTERVALS),
        Row(f"preview, {size}, no intervals, p95", found["without"], "ms", WITHOUT),
        Row(f"preview, {size}, fits and replicates once", found["once"], "s"),
        Row(f"preview, {size}, peak memory", found["peak"], "GB"),
    ]


def run() -> dict[str, float]:
    """Milliseconds of a slide, seconds of what is done once, peak of memory."""
    given = problem(SYSTEMS, versions=2, missing=MISSING)
    began = time.perf_counter()
    frame = Frame.of(given, settled=1)
    drawn = Drawn.of(frame, seed=SEED)
    once = time.perf_counter() - began
    return {
        "with": _p95(_slides(given, frame, drawn)),
        "without": _p95(_slides(given, frame, None)),
        "once": once,
        "peak": peak_gb(),
    }


def _slides(given: Problem, frame: Frame, drawn: Drawn | None) -> Callable[[], Preview]:
    """Each call moves every weight of the draft by up to half."""
    draft, rng = given.baskets[-1], np.random.default_rng(0)
    everyone, draws = len(given.systems), DRAWS if drawn is not None else 0
    before: list[WhatIf] = [whatif(frame, {draft.id: draft.weights}, drawn=drawn)]

    def slide() -> Preview:
        weights = {name: x * float(rng.uniform(0.5, 1.5)) for name, x in draft.weights.items()}
        after = whatif(frame, {draft.id: weights}, drawn=drawn)
        views = Views(before[0], after, [0] * everyone, [1] * everyone, SEED, draws)
        return preview_of(views, "headline", replicates=drawn.size if drawn is not None else 0)

    # The first also looks at what it is compared with, and loads code.
    slide()
    return slide


def _p95(slide: Callable[[], object]) -> float:
    return quantiles(_milliseconds(slide), n=20)[-1]


def _milliseconds(slide: Callable[[], object]) -> Sequence[float]:
    found = []
    for _ in range(SLIDES):
        began = time.perf_counter()
        slide()
        found.append(1000 * (time.perf_counter() - began))
    return found


if __name__ == "__main__":
    json.dump(run(), sys.stdout)
