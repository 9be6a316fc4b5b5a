"""Nothing that an earlier test guessed or was sent counts in the next one."""

from __future__ import annotations

import pytest
import redis
from django.conf import settings as site
from pytest_django import Settings


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    """Forget every attempt and every mail that was asked for."""
    with redis.Redis.from_url(site.REDIS_URL) as server:
        for key in server.scan_iter("agi-index:1:*", count=1000):
            server.delete(key)


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """The site's own hash takes half a second, which is its purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
