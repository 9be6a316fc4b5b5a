"""Readers, one file per format, tried in the order of the registry and chosen by content."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from evals.readers import catalog
from evals.records import Record, UnreadableFile


class Reader(Protocol):
    """A format: does this path hold it, and what does it say?"""

    def sniff(self, path: Path) -> bool:
        """Whether `path` is of this format, judged by its content."""

    def read(self, path: Path) -> Iterator[Record]:
        """The records of `path` in its own order; UnreadableFile where it cannot be used."""


REGISTRY: dict[str, Reader] = {"catalog": catalog}


def choose(path: Path, name: str = "") -> str:
    """The name of the reader for `path`, or `name` itself where it is given and known.

    Raises UnreadableFile where no reader knows the content.
    """
    if name:
        if name not in REGISTRY:
            known = ", ".join(sorted(REGISTRY))
            raise UnreadableFile(f"There is no format {name!r}; the formats are: {known}.")
        return name
    for candidate, reader in REGISTRY.items():
        if reader.sniff(path):
            return candidate
    raise UnreadableFile(f"{path.name}: no reader knows this format.")
