"""What the pages of a new release are made of, read before its first reader asks for them."""

from __future__ import annotations

import gc
import time

from django.db import DatabaseError, InterfaceError, connection

from baskets.selectors import releases
from baskets.selectors.analyses import watch_of
from baskets.selectors.front import DOMAINS, front_page
from baskets.selectors.standing import sealed_of

PAUSE = 5.0


def read_ahead(last: int | None) -> int | None:
    """Read what the newest release is asked for first, unless that is release `last`; its id.

    The processor's seconds that a bundle of a million scores takes are then no reader's.
    """
    release = releases.current()
    if release is None or release.pk == last:
        return last
    front_page(release, series=DOMAINS[0])
    sealed_of(release)
    watch_of(release)
    return release.pk


def keep_reading_ahead() -> None:
    """Look for a new release again and again, as long as the process lives."""
    last: int | None = None
    while True:
        time.sleep(PAUSE)
        try:
            found = read_ahead(last)
            if found != last:
                # What was read stays until the next release: no later collection walks over it.
                # This one leaves no dead thing that would stay with it.
                gc.collect()
                gc.freeze()
            last = found
        except (DatabaseError, InterfaceError):
            # Away for a moment, or for good: the next look opens it again.
            connection.close()
