"""A web process once it is loaded: what stays in memory, and what is read without being asked."""

from __future__ import annotations

import gc
from threading import Thread

from django.urls import get_resolver

from baskets.selectors.ahead import keep_reading_ahead

MOST_NEW = 20_000


def settle() -> None:
    """Load what answers requests, and leave all that is loaded out of later collections.

    It stays for as long as the process does. To walk over it took a tenth of a second, which some
    reader waited for at every twentieth page. A page of thousands of scores makes that many objects
    which end with it, so new ones are looked through only where there are `MOST_NEW` of them.
    """
    assert get_resolver().url_patterns
    gc.collect()
    gc.freeze()
    gc.set_threshold(MOST_NEW, *gc.get_threshold()[1:])


def read_ahead() -> None:
    """Have a thread read what a new release needs, for as long as the process lives."""
    Thread(target=keep_reading_ahead, name="ahead", daemon=True).start()
