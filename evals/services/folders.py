"""What there is to import under a folder: single files, and what one reader takes as one log."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evals import readers
from evals.readers._tree import unlike_a_file


@dataclass(frozen=True)
class Found:
    """Something to import: a file, or a folder of which `format` takes its own files.

    `why` says instead why it is not imported, whatever it holds.
    """

    path: Path
    format: str = ""
    why: str = ""


def found_below(folder: Path, *, itself: bool = True, format_name: str = "") -> Iterator[Found]:
    """Everything under a folder, each file once, in order; only what is hidden is passed over.

    Where a reader takes several files as one log, its folder comes for them, and every other file
    comes by itself. itself: whether `folder` may be such a log. format_name: of one format only.
    """
    taken: set[Path] = set()
    closed: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=closed.append):
        here = Path(parent)
        inside = sorted(name for name in (*folders, *names) if not name.startswith("."))
        folders[:] = [name for name in inside if name in folders]
        if itself or here != folder:
            yield from _logs(here, taken, format_name)
        for name in inside:
            path = here / name
            if path in taken or (name in folders and not path.is_symlink()):
                continue
            yield Found(path, format_name, unlike_a_file(path))
    for error in closed:
        yield Found(Path(error.filename), why=f"cannot be opened ({error.strerror})")


def _logs(here: Path, taken: set[Path], format_name: str) -> Iterator[Found]:
    """The logs of several files that lie in a folder; their files are then taken."""
    for reader in readers.tree_readers():
        if format_name not in ("", reader.NAME) or not reader.sniff(here):
            continue
        claimed = {here / name for name in claimed_in(here, reader)}
        if claimed - taken:
            taken |= claimed
            yield Found(here, reader.NAME)


def claimed_in(folder: Path, reader: readers.Reader) -> frozenset[str]:
    """The files below a folder that a reader takes as one log: all of them for other readers."""
    found = frozenset(files_below(folder))
    by_name = {one.NAME: one for one in readers.tree_readers()}
    return by_name[reader.NAME].claims(found) if reader.NAME in by_name else found


def files_below(folder: Path) -> Iterator[str]:
    """The plain files under a folder by their paths in it."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        here = Path(parent)
        for name in sorted(names):
            if not unlike_a_file(here / name):
                yield (here / name).relative_to(folder).as_posix()
