"""What there is to import under a folder: single files, and folders that one reader takes whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from evals import readers
from evals.readers import catalog, helm, hub
from evals.readers.model_card import CARD

# The only reader that takes every file of its folder; the others name those that they read.
_WHOLE = helm.NAME
_READ = {catalog.NAME: frozenset(catalog.NAMES), hub.NAME: frozenset({CARD})}


def found_below(folder: Path, *, itself: bool = True) -> Iterator[Path]:
    """Files under a folder in order, and each folder that a reader takes as one import.

    Neither hidden files nor links. Files that such a reader leaves unread come too where another
    reader knows them. itself: whether `folder` may be one such import.
    """
    for parent, folders, names in os.walk(folder):
        here = Path(parent)
        folders[:] = sorted(name for name in folders if _plain(here / name))
        taken = known_as(here) if itself or here != folder else ""
        if taken:
            yield here
        if taken == _WHOLE:
            folders.clear()
            continue
        files = [here / name for name in sorted(names) if name not in _READ.get(taken, ())]
        yield from (path for path in files if _plain(path) and (not taken or _is_known(path)))


def known_as(folder: Path) -> str:
    """The reader that takes a folder as one import; empty where none does."""
    return next((name for name, r in readers.REGISTRY.items() if r.sniff(folder)), "")


def _is_known(path: Path) -> bool:
    return any(r.sniff(path) for name, r in readers.REGISTRY.items() if name != readers.MAPPED)


def _plain(path: Path) -> bool:
    return not path.name.startswith(".") and not path.is_symlink()
