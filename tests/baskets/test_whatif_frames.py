"""What a process keeps for previews: made once, bounded in number."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import cast

import pytest

from baskets.engine import Problem
from baskets.engine.impute import DomainFit
from baskets.engine.whatif_frame import Frame
from baskets.selectors import whatif_frames
from baskets.selectors.whatif_frames import Kept, Memory
from tests.engine.problems import linked


def kept() -> Kept:
    """A small frame."""
    problem = Problem.from_json(linked())
    frame = Frame.of(problem, settled=1)
    return Kept(frame, dict(problem.baskets[-1].weights), "v2", problem.natural_seed)


def test_a_frame_is_made_once_for_all_who_ask_at_once() -> None:
    memory, made = Memory(), list[Kept]()

    def make() -> Kept:
        made.append(kept())
        return made[-1]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: memory.get("one", make), range(16)))
    assert len(made) == 1
    assert all(one is made[0] for one in found)


def test_what_was_used_longest_ago_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory()
    monkeypatch.setattr(whatif_frames, "MOST_FRAMES", 2)
    for key in ("a", "b", "a", "c"):
        memory.get(key, kept)
    assert list(memory.frames) == ["a", "c"]
    first = memory.frames["a"]
    assert first.nbytes == 0
    assert first.drawn is first.drawn
    assert first.nbytes > 0
    monkeypatch.setattr(whatif_frames, "MOST_BYTES", first.nbytes - 1)
    memory.get("c", kept)
    assert list(memory.frames) == ["c"]


def test_what_is_drawn_after_it_was_kept_counts_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory()
    for key in ("a", "b"):
        memory.get(key, lambda: replace(kept(), grown=memory.keep_within))
    size = kept()
    assert size.drawn is not None
    monkeypatch.setattr(whatif_frames, "MOST_BYTES", size.nbytes)
    first, second = memory.frames["a"], memory.frames["b"]
    assert first.drawn is not None and list(memory.frames) == ["a", "b"]
    assert second.drawn is not None and list(memory.frames) == ["b"]


def test_fits_are_read_by_one_thread_while_another_forgets_them() -> None:
    # Only kept and handed on here, never looked into.
    memory, fit = Memory(), cast(DomainFit, object())
    mine = memory.fits_so_far()
    mine["first"] = fit
    memory.keep_fits(mine)
    assert memory.fits_so_far()["first"] is fit
    whole = memory.fits_so_far()
    memory.keep_fits({str(n): fit for n in range(whatif_frames.MOST_FITS)})
    assert "first" in whole and "first" not in memory.fits_so_far()
    assert len(memory.fits) == whatif_frames.MOST_FITS
