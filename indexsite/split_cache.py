"""One cache of two parts: what a process can make again, and what all processes count together."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

# Guesses of passwords and codes, codes that were used, sessions that were noted.
SHARED = ("allauth", "accounts:")
# A Redis that was away is not asked again for so many seconds: nobody waits for it.
PAUSE = 5.0
_away_until: dict[str, float] = {}

T = TypeVar("T")


class SplitCache(BaseCache):
    """Keeps pages in the process's memory, and counts of guesses in the Redis of `LOCATION`.

    Where Redis is away the process counts alone, so that a limit holds for each process instead
    of for all of them: nobody is locked out by it, and nobody may guess without end.
    """

    def __init__(self, url: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._url = url
        self._local = LocMemCache("", params)
        patience = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}
        self._shared = RedisCache(url, {"KEY_PREFIX": "agi-index", "OPTIONS": patience})

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        return self._ask(key, lambda part: part.add(key, value, timeout, version))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._ask(key, lambda part: part.get(key, default, version))

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        self._ask(key, lambda part: part.set(key, value, timeout, version))

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._ask(key, lambda part: part.touch(key, timeout, version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return self._ask(key, lambda part: part.delete(key, version))

    def clear(self) -> None:
        """Forget what this process keeps, and no guess that somebody made."""
        self._local.clear()

    def _ask(self, key: Any, question: Callable[[BaseCache], T]) -> T:
        if str(key).startswith(SHARED) and time.monotonic() >= _away_until.get(self._url, 0.0):
            try:
                return question(self._shared)
            except RedisError:
                _away_until[self._url] = time.monotonic() + PAUSE
        return question(self._local)
