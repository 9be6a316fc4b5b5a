"""Zip archives of logs of any formats, each read by its own reader; none hides another.

A catalog, the runs of HELM and repositories of the hub are found in any folder of the archive, and
everything else is tried as a file by itself. What no reader knows, what leads outside of the
archive, is a link, stands in it twice, is encrypted or is an archive itself is a rejected row with
its reason, and so is a file whose reader gives it up; the others go in. The note of a score says
which file it stands in, and `line` counts within that file. Files whose names begin with a dot are
passed over, but for `.eval_results`.

An archive that is all of one format, such as an Inspect log, goes to that format's own reader.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from evals import readers
from evals.readers import _source, _tree
from evals.records import Record, RejectedRow, ScoreRecord, UnreadableFile

NAME = "archive"
VERSION = 1
RANK = 80

# An office document is an archive too.
NOT_OURS = "[Content_Types].xml"
# Bytes of a name's end: what file systems count.
LONGEST_NAME = 200
_PIECE = 1 << 20

Read = Callable[[], Iterator[Record]]


def sniff(path: Path) -> bool:
    """Whether the path is an archive that no other reader takes as a whole."""
    if path.is_dir() or not _tree.is_tree(path):
        return False
    found = _tree.visible(_tree.names(path))
    others = (reader for name, reader in readers.REGISTRY.items() if name != NAME)
    return bool(found) and NOT_OURS not in found and not any(r.sniff(path) for r in others)


def read(path: Path, *, dated: dt.date | None = None, system: str = "") -> Iterator[Record]:
    """The records of every file that a reader knows, then a row for each that is not read."""
    told = {"dated": dated, "system": system}
    with _tree.opened(path) as tree:
        left = set(tree.names())
        known = 0
        for group in _groups(tree, left):
            known += 1
            yield from group.records(told)
        budget = _Budget(path)
        unknown: list[RejectedRow] = []
        for name in sorted(_tree.visible(left)):
            with tempfile.TemporaryDirectory() as folder:
                found = _member(tree, name, Path(folder), budget, told)
                if isinstance(found, RejectedRow):
                    unknown.append(found)
                    continue
                known += 1
                folders, slash, _name = name.rpartition("/")
                yield from _records(name, folders + slash, found)
        if not known:
            raise tree.lacks(f"no file that a reader knows ({len(unknown)} tried)")
        yield from unknown
        yield from _tree.unread(tree, tree.names())


@dataclass(frozen=True)
class _Group:
    """The files below a folder of a tree that one reader takes together."""

    reader: readers.TreeReader
    tree: _tree.Tree
    below: str
    claimed: frozenset[str]

    def records(self, told: dict[str, Any]) -> Iterator[Record]:
        part = _tree.Part(self.tree, self.below, self.claimed)
        given = readers.asked_for(self.reader.read_tree, told)
        return _records(self.below, self.below, lambda: self.reader.read_tree(part, **given))


def _groups(tree: _tree.Tree, left: set[str]) -> Iterator[_Group]:
    """What each reader of trees takes, from the top down; it is taken out of what is left."""
    folders = {"", *(f"{parent}/" for name in left for parent in PurePosixPath(name).parents)}
    folders.discard("./")
    for below in sorted(folders, key=lambda folder: (folder.count("/"), folder)):
        for reader in readers.tree_readers():
            inside = frozenset(n.removeprefix(below) for n in left if n.startswith(below))
            if claimed := reader.claims(inside):
                left -= {below + name for name in claimed}
                yield _Group(reader, tree, below, claimed)


def _records(place: str, before: str, read: Read) -> Iterator[Record]:
    """The records of a file or group, or why there is none: never the part before a failure."""
    try:
        for _record in read():
            pass
    except UnreadableFile as error:
        yield RejectedRow(line=1, reason=f"{before}{error}")
        return
    said = f"in {place}" if place else ""
    for record in read():
        if isinstance(record, ScoreRecord) and said:
            note = f"{record.note}; {said}" if record.note else said
            yield msgspec.structs.replace(record, note=note)
        elif isinstance(record, RejectedRow):
            yield msgspec.structs.replace(record, reason=f"{before}{record.reason}")
        else:
            yield record


@dataclass
class _Budget:
    """How much the files of one archive may unpack to, all together."""

    archive: Path
    taken: int = 0

    def take(self, count: int) -> None:
        self.taken += count
        most = max(_source.FREE_UNPACKED, _source.MOST_RATIO * self.archive.stat().st_size)
        if self.taken > min(most, _source.MOST_UNPACKED):
            raise _TooMuch(f"{self.archive.name}: unpacks to more than logs do.")


class _TooMuch(UnreadableFile):
    """The archive as a whole is a bomb."""


def _member(
    tree: _tree.Tree, name: str, folder: Path, budget: _Budget, told: dict[str, Any]
) -> Read | RejectedRow:
    """How to read one file by itself, unpacked to `folder`; or why nobody does."""
    path = folder / _cut(name.rpartition("/")[2])
    try:
        _unpack(tree, name, path, budget)
        known = next((r for r in _alone() if r.sniff(path)), None)
        if known is not None:
            reader = known
            given = readers.asked_for(reader.read, told)
            return lambda: reader.read(path, **given)
        readers.check_whole(path)
        why = _tree.UNKNOWN
        if _tree.is_tree(path):
            why = "is an archive in an archive, which is not opened"
        elif readers.REGISTRY[readers.MAPPED].sniff(path):
            why = "is a table whose columns nobody explained; import it by itself"
    except _TooMuch:
        raise
    except (UnreadableFile, OSError) as error:
        why = str(error).removeprefix(f"{tree.name}: ").removeprefix(name).removeprefix(path.name)
        return RejectedRow(line=1, reason=f"{tree.name}: {name}{why}")
    return RejectedRow(line=1, reason=f"{tree.name}: {name} {why}")


def _cut(name: str) -> str:
    """The end of a name, with its ending, as a file here can bear it."""
    return name.encode(errors="replace")[-LONGEST_NAME:].decode(errors="ignore")


def _alone() -> Iterator[readers.Reader]:
    """The readers that know a file by itself."""
    yield from (r for n, r in readers.REGISTRY.items() if n not in (NAME, readers.MAPPED))


def _unpack(tree: _tree.Tree, name: str, path: Path, budget: _Budget) -> None:
    with tree.open(name) as packed, path.open("wb") as file:
        while piece := packed.read(_PIECE):
            budget.take(len(piece))
            file.write(piece)
