"""A web process, once it is loaded."""

from __future__ import annotations

import gc

from indexsite.loaded import MOST_NEW, settle


def test_it_leaves_what_it_loaded_out_of_later_collections() -> None:
    before = gc.get_threshold()
    try:
        settle()
        left, aside = len(gc.get_objects()), gc.get_freeze_count()
        most_new = gc.get_threshold()[0]
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
    assert left < 10_000 < 50_000 < aside
    assert most_new == MOST_NEW
