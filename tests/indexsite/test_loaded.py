"""A web process, once it is loaded."""

from __future__ import annotations

import gc

from indexsite.loaded import settle


def test_it_leaves_what_it_loaded_out_of_later_collections() -> None:
    try:
        settle()
        left, aside = len(gc.get_objects()), gc.get_freeze_count()
    finally:
        gc.unfreeze()
    assert left < 10_000 < 50_000 < aside
