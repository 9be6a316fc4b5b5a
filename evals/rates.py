"""How often a caller may ask: a counter in Redis for each minute, shared by all processes."""

from __future__ import annotations

import time
from dataclasses import dataclass

import redis
from django.conf import settings

MINUTE = 60
# A Redis that was away is not asked again for so many seconds: no reader waits for it.
PAUSE = 5.0
_away_until: dict[str, float] = {}
_clients: dict[str, redis.Redis] = {}


@dataclass(frozen=True)
class Allowance:
    """What is left of this minute: `seconds` until the next one."""

    limit: int
    left: int
    seconds: int

    @property
    def spent(self) -> bool:
        """Whether this request is one too many."""
        return self.left < 0

    def headers(self) -> dict[str, str]:
        """The headers that tell it."""
        # The newest draft of the standard has two fields; programs know the three of the older one.
        told = {
            "RateLimit": f'"minute";r={max(0, self.left)};t={self.seconds}',
            "RateLimit-Policy": f'"minute";q={self.limit};w={MINUTE}',
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.left)),
            "RateLimit-Reset": str(self.seconds),
        }
        return {**told, "Retry-After": str(self.seconds)} if self.spent else told


def ask(who: str, *, limit: int) -> Allowance:
    """Count one request of `who`. Where Redis is away everybody may go on."""
    now = time.time()
    seconds = MINUTE - int(now) % MINUTE
    key = f"agi-index:rate:{who}:{int(now) // MINUTE}"
    if time.monotonic() < _away_until.get(settings.REDIS_URL, 0.0):
        return Allowance(limit, limit, seconds)
    try:
        pipe = _client().pipeline(transaction=False)
        pipe.incr(key)
        pipe.expire(key, 2 * MINUTE)
        count = int(pipe.execute()[0])
    except redis.RedisError:
        _away_until[settings.REDIS_URL] = time.monotonic() + PAUSE
        count = 0
    return Allowance(limit, limit - count, seconds)


def _client() -> redis.Redis:
    url = settings.REDIS_URL
    if url not in _clients:
        _clients[url] = redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)
    return _clients[url]
