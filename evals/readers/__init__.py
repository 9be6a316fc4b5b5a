"""Readers, one module per format, found in this folder and chosen by content.

A reader is a module here whose name does not begin with an underscore. They are asked in the order
of RANK, lower first, and by name within one rank:

- 10: a header or set of file names that nobody else has (the catalog);
- 20: one object or folder with members of its own (Inspect, Every Eval Ever, HELM);
- 30: members or columns that another format could have too (lm-evaluation-harness, Epoch's hub);
- 40, 50: lists and front matter that are known by a few words (the Hugging Face hub);
- 80: an archive of logs of several formats;
- 90: any table, for which somebody must say what its columns mean.
"""

from __future__ import annotations

import datetime as dt
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from evals.readers import _source
from evals.readers._tree import Tree
from evals.records import Record, UnreadableFile


class Reader(Protocol):
    """A format: does this path hold it, and what does it say?

    VERSION rises with every change of what `read` makes of the same file. A reader may take more
    keywords than `dated`: facts that its format leaves out and that only the caller knows.
    """

    NAME: str
    VERSION: int
    RANK: int

    def sniff(self, path: Path) -> bool:
        """Whether `path` is of this format, judged by its content; never an error."""

    def read(self, path: Path, *, dated: dt.date | None = None) -> Iterator[Record]:
        """The records of `path` in its own order; UnreadableFile where it cannot be used.

        `dated` is the date of results to which the file gives none.
        """


class TreeReader(Reader, Protocol):
    """A format whose log is several files: it says which files of a tree are its own."""

    def claims(self, names: frozenset[str]) -> frozenset[str]:
        """Those of these paths that are part of such a log, also where nothing in them is read."""

    def read_tree(self, tree: Tree, *, dated: dt.date | None = None) -> Iterator[Record]:
        """The records of what is claimed; as `read`."""


def _found() -> dict[str, Reader]:
    modules = (module.name for module in pkgutil.iter_modules(__path__))
    readers = [
        cast(Reader, import_module(f"{__name__}.{name}"))
        for name in modules
        if not name.startswith("_")
    ]
    return {r.NAME: r for r in sorted(readers, key=lambda r: (r.RANK, r.NAME))}


def asked_for(read: Callable[..., object], told: dict[str, Any]) -> dict[str, Any]:
    """What of all that a caller can tell a reader asks for."""
    asked = inspect.signature(read).parameters
    return {name: value for name, value in told.items() if name in asked}


def tree_readers() -> list[TreeReader]:
    """The readers that take several files as one log, in their order."""
    return [cast(TreeReader, reader) for reader in REGISTRY.values() if hasattr(reader, "claims")]


REGISTRY: dict[str, Reader] = _found()
# The reader that needs to be told what columns mean, and is therefore never chosen unasked.
MAPPED = "table"


def choose(path: Path, name: str = "", *, mapped: bool = False) -> str:
    """The name of the reader for `path`, or `name` itself where it is given and known.

    A table of unknown columns is chosen only where the caller has a mapping for it. Raises
    UnreadableFile where no reader knows the content.
    """
    if name:
        if name not in REGISTRY:
            known = ", ".join(sorted(REGISTRY))
            raise UnreadableFile(f"There is no format {name!r}; the formats are: {known}.")
        return name
    for candidate, reader in REGISTRY.items():
        if (mapped or candidate != MAPPED) and reader.sniff(path):
            return candidate
    if not mapped and REGISTRY[MAPPED].sniff(path):
        raise UnreadableFile(
            f"{path.name}: no reader knows this format; it is a table, and can be imported once "
            "it is said what its columns mean."
        )
    check_whole(path)
    raise UnreadableFile(f"{path.name}: no reader knows this format.")


def check_whole(path: Path) -> None:
    """UnreadableFile where the beginning of a packed file is damaged, and tells no format so."""
    if path.is_file():
        with _source.open_bytes(path) as binary:
            binary.read(_source.HEAD)
