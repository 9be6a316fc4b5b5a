"""What previews and what-ifs share, read once and kept in memory: frames and their replicates.

A frame is kept under what it was made of. What was kept longest without use goes first.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock, RLock
from typing import Any

from django.db import connection

from baskets.engine import Problem
from baskets.engine.basket_json import write_basket
from baskets.engine.impute import DomainFit
from baskets.engine.whatif import WhatIf
from baskets.engine.whatif_draws import Drawn
from baskets.engine.whatif_frame import Frame
from baskets.models import BasketVersion, Release
from baskets.selectors.decomposition import sealed
from baskets.selectors.problems import Knowledge, knowledge
from evals.models import Decision, Flag

# What a process keeps: so many bytes of replicates, frames, and fits.
MOST_BYTES, MOST_FRAMES, MOST_FITS = 600_000_000, 8, 24

Json = dict[str, Any]


@dataclass(frozen=True)
class Kept:
    """A frame, and the published weights of the version that is weighed.

    newest: its basket id. seed: of the replicates. compared: the index that new weights are
    compared with, with intervals and without, once it was asked for.
    """

    frame: Frame
    published: Mapping[str, float]
    newest: str
    seed: str
    compared: dict[bool, WhatIf] = field(default_factory=dict, repr=False)
    drawing: Lock = field(default_factory=Lock, repr=False)
    grown: Callable[[], None] = field(default=lambda: None, repr=False)

    @property
    def drawn(self) -> Drawn:
        """The frame's replicates, drawn when they are asked for first; `grown` hears of it."""
        with self.drawing:
            before = "_drawn" in vars(self)
            found = self._drawn
        if not before:
            self.grown()
        return found

    @cached_property
    def _drawn(self) -> Drawn:
        return Drawn.of(self.frame, seed=self.seed)

    @property
    def nbytes(self) -> int:
        """The size of the replicates that were drawn, here and for what is compared with."""
        found = list(self.compared.values())
        size = sum(array.nbytes for one in found for array in (one.drawn or {}).values())
        drawn: Drawn | None = vars(self).get("_drawn")
        if drawn is None:
            return size
        levels = sum(array.nbytes for level in drawn.levels for array in level.values())
        return size + levels + sum(array.nbytes for array in drawn.cells)


class Memory:
    """Frames by key, bounded in number and bytes; each is made by one thread at a time.

    What is not forgotten is at most `MOST_BYTES`, or the frame that was used last; it is looked at
    when a frame is made or found, and when its replicates have been drawn. What a reader's request
    still holds of a forgotten frame goes with the request.
    """

    def __init__(self) -> None:
        self.frames: OrderedDict[str, Kept] = OrderedDict()
        self.fits: OrderedDict[str, DomainFit] = OrderedDict()
        self.making: dict[str, Lock] = {}
        self.guard = RLock()

    def get(self, key: str, make: Callable[[], Kept]) -> Kept:
        """What is kept under a key, made where it is not."""
        with self.guard:
            making = self.making.setdefault(key, Lock())
        with making:
            found = self.frames.get(key)
            if found is None:
                found = make()
            with self.guard:
                self.frames[key] = found
                self.frames.move_to_end(key)
                self._forget()
                self.making.pop(key, None)
        return found

    def keep_within(self) -> None:
        """Forget what is too much by now."""
        with self.guard:
            self._forget()

    def fits_so_far(self) -> dict[str, DomainFit]:
        """The fits that are kept, for one thread alone to read and add to."""
        with self.guard:
            return dict(self.fits)

    def keep_fits(self, found: Mapping[str, DomainFit]) -> None:
        """Keep the fits of a frame; those that were kept longest go first."""
        with self.guard:
            for key, fit in found.items():
                self.fits.setdefault(key, fit)
            self._forget()

    def _forget(self) -> None:
        """Drop what was used longest ago; the newest stays, whatever its size."""
        while len(self.frames) > 1 and (
            len(self.frames) > MOST_FRAMES
            or sum(kept.nbytes for kept in self.frames.values()) > MOST_BYTES
        ):
            self.frames.popitem(last=False)
        while len(self.fits) > MOST_FITS:
            self.fits.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self.guard:
            self.frames.clear()
            self.fits.clear()


MEMORY = Memory()


def release_frame(release: Release) -> Kept:
    """A release whose every version may be weighed anew, with evals that none of them counts."""
    return MEMORY.get(f"release {release.sha256}", lambda: _of_release(release))


def _of_release(release: Release) -> Kept:
    problem, _answer = sealed(release)
    newest = problem.baskets[-1]
    obj = problem.to_json()
    return _kept(obj, write_basket(newest), settled=0, published=newest.weights)


def draft_frame(version: BasketVersion) -> Kept:
    """A draft behind the published versions of its basket, on all that is accepted now."""
    key = f"draft {version.pk} {_state_of_knowledge()} {_content(version)}"
    return MEMORY.get(key, lambda: _of_draft(version))


def _of_draft(version: BasketVersion) -> Kept:
    obj = draft_problem(knowledge(version.basket, also=version))
    draft = obj["baskets"][-1]
    settled = len(obj["baskets"]) - 1
    weights = {name: weight for name, weight in draft["weights"].items() if weight > 0}
    before = obj | {"baskets": obj["baskets"][:-1]}
    seed = Problem.from_json(before).natural_seed if settled else ""
    return _kept(obj, draft, settled=settled, published=weights, seed=seed)


def draft_problem(known: Knowledge) -> Json:
    """The problem of the release that publishing the last version would make, were it in force."""
    versions = known.versions
    obj, _excluded = known.problem(
        vintage_on=versions[-1].effective_on, versions=versions, observed_only=False
    )
    rows = versions[-1].weights.all()
    # As publishing writes it: goalposts that were left open are the eval's own, from then on.
    ends = {
        w.eval.slug: [
            w.eval.floor if w.floor is None else w.floor,
            w.eval.ceiling if w.ceiling is None else w.ceiling,
        ]
        for w in rows
    }
    obj["baskets"][-1]["goalposts"] = {k: v for k, v in ends.items() if None not in v}
    return obj


def _kept(
    obj: Json, newest: Json, *, settled: int, published: Mapping[str, float], seed: str = ""
) -> Kept:
    """A frame whose last version may count every eval that somebody was measured on."""
    known = Problem.from_json(obj)
    measured = {score.eval for score in known.scores}
    usable = [e.id for e in known.evals if e.id in measured and e.goalposts.usable(e.scale)]
    pool = {**newest, "weights": dict.fromkeys([*usable, *newest["weights"]], 1.0)}
    problem = Problem.from_json(obj | {"baskets": [*obj["baskets"][:-1], pool]})
    frame = framed(problem, settled=settled)
    seed = seed or known.natural_seed
    return Kept(frame, dict(published), str(newest["id"]), seed, grown=MEMORY.keep_within)


def framed(problem: Problem, *, settled: int) -> Frame:
    """The frame of a problem, with the fits that are known already; new ones are kept."""
    fits = MEMORY.fits_so_far()
    frame = Frame.of(problem, settled=settled, known=fits)
    MEMORY.keep_fits(fits)
    return frame


def _content(version: BasketVersion) -> str:
    """A digest of a draft without its weights."""
    facts: Sequence[object] = [
        version.basket_id,
        version.number,
        version.effective_on.isoformat(),
        [version.coverage_floor, version.domain_coverage_floor, version.min_evals, version.link],
        sorted(version.overlap.values_list("pk", flat=True)),
        list(
            version.weights.order_by("eval_id").values_list(
                "eval_id", "floor", "ceiling", "reference", "selection", "protocol"
            )
        ),
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _state_of_knowledge() -> str:
    """What changes with every score, decision, flag, eval, system and published version."""
    decision = Decision.objects.order_by("-pk").values_list("pk", flat=True).first()
    flag = Flag.objects.order_by("-pk").values_list("pk", flat=True).first()
    published = BasketVersion.objects.filter(published_at__isnull=False).count()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT md5(string_agg(e::text, '' ORDER BY id)) FROM evals_eval e),"
            " (SELECT md5(string_agg(s::text, '' ORDER BY id)) FROM evals_system s)"
        )
        digests = cursor.fetchone()
    return f"{decision} {flag} {published} {digests}"
