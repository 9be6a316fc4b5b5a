"""What readers asked last, kept in the process until anything it shows could have changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import ParamSpec, TypeVar

from django.db import connection
from django.utils import timezone
from django.utils.translation import get_language

from baskets.selectors.state import state_now

P = ParamSpec("P")
T = TypeVar("T")


def remembered(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep the last `most` answers of a selector, each for one site state, day and language.

    Its arguments must be hashable and its answers never changed by who gets them. The state is read
    before the selector runs, so that what is written meanwhile cannot be hidden under its own key.
    Within a transaction nothing is kept or taken: the state knows only what was committed.
    """

    def of(selector: Callable[P, T]) -> Callable[P, T]:
        kept: OrderedDict[object, tuple[object, T]] = OrderedDict()
        lock = Lock()

        @wraps(selector)
        def asked(*args: P.args, **kwargs: P.kwargs) -> T:
            if connection.in_atomic_block:
                return selector(*args, **kwargs)
            state = state_now(), timezone.now().date()
            key = args, tuple(sorted(kwargs.items())), get_language()
            with lock:
                found = kept.get(key)
                if found is not None and found[0] == state:
                    kept.move_to_end(key)
                    return found[1]
            answer = selector(*args, **kwargs)
            with lock:
                kept[key] = state, answer
                kept.move_to_end(key)
                while len(kept) > most:
                    kept.popitem(last=False)
            return answer

        return asked

    return of
