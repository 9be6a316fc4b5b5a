"""A database of one test's own, for rows that other connections and processes must see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pytest_django import DjangoDbBlocker

from indexsite import embedded
from tests import databases

NAME = "agi_scratch"


@contextmanager
def scratch(
    urls: embedded.Urls, blocker: DjangoDbBlocker, template: str = databases.TEMPLATE
) -> Iterator[embedded.Urls]:
    """A fresh clone of `template` with Django's connections on it; what is written is committed."""
    clone = databases.clone(urls, NAME, template)
    with blocker.unblock(), databases.connected_to(NAME):
        yield clone
