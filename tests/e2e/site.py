"""The site of the test: gunicorn, beat and a worker that can be killed, on a clone of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis

from indexsite import embedded, env
from tests import sites

ADMIN, AUTHOR, PASSWORD = "approver", "author", "a-password-for-one-test"
MAKE_AUTHOR = f"""
from django.contrib.auth.models import Group
from accounts.models import User
user = User.objects.create_user("{AUTHOR}", password="{PASSWORD}")
user.groups.add(Group.objects.get(name="steward"))
"""


@dataclass
class Site:
    """A running site, as its readers, its operator and its steward meet it."""

    address: str
    urls: embedded.Urls
    data_dir: Path
    email_url: str
    stack: ExitStack
    worker: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def variables(self) -> dict[str, str]:
        """The environment of the site's own commands."""
        return sites.variables(self.urls, self.data_dir, **self.settings)

    @property
    def settings(self) -> dict[str, str]:
        """What this site sets itself."""
        return {
            "SITE_URL": self.address,
            "EMAIL_URL": self.email_url,
        }

    def start_worker(self) -> None:
        """Start a worker."""
        running = sites.worker(self.urls, self.data_dir, **self.settings)
        self.worker = self.stack.enter_context(running)

    def kill_worker(self) -> None:
        """End the worker and its pool by SIGKILL, with whatever they hold."""
        assert self.worker is not None
        leader = psutil.Process(self.worker.pid)
        for process in [leader, *leader.children(recursive=True)]:
            process.kill()
        self.worker.wait()

    def in_hand(self, task: str) -> bool:
        """Whether a worker has taken a message for the task and not finished with it."""
        with redis.Redis.from_url(self.urls.redis) as broker:
            return any(task.encode() in message for message in broker.hvals("unacked"))

    def manage(self, *line: str, **more: str) -> str:
        """What a management command printed; it must succeed."""
        return subprocess.run(
            [sys.executable, "manage.py", *line],
            cwd=env.ROOT,
            env={**self.variables, **more},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def index(self) -> dict[str, Any]:
        """The newest release as the API gives it."""
        found: dict[str, Any] = json.loads(self.page("/api/v1/index?basket=agi"))
        return found

    def page(self, path: str) -> str:
        """The text of a page of this site; any status but 200 is an error."""
        with urllib.request.urlopen(self.address + path, timeout=10) as answer:
            return str(answer.read().decode())

    def outcome(self, release: int) -> str:
        """What the examination of a release came to; empty while it was not examined."""
        with psycopg.connect(self.urls.database) as connection:
            row = connection.execute(
                "SELECT e.outcome FROM alerts_examination e"
                " JOIN baskets_release r ON r.id = e.release_id WHERE r.number = %s",
                [release],
            ).fetchone()
        return str(row[0]) if row else ""


@contextmanager
def running(urls: embedded.Urls, data_dir: Path, email_url: str) -> Iterator[Site]:
    """Web server, worker and beat while the block runs, with a steward who may sign in."""
    with ExitStack() as stack:
        # The mails' links lead to localhost, where the page's own address is a number.
        address = stack.enter_context(sites.web(urls, data_dir, EMAIL_URL=email_url))
        site = Site(address.replace("127.0.0.1", "localhost"), urls, data_dir, email_url, stack)
        stack.enter_context(sites.beat(urls, data_dir, **site.settings))
        site.start_worker()
        site.manage(
            *("createsuperuser", "--noinput", "--username", ADMIN, "--email", ""),
            DJANGO_SUPERUSER_PASSWORD=PASSWORD,
        )
        site.manage("shell", "-v", "0", "-c", MAKE_AUTHOR)
        yield site


def eventually(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Whether the condition comes to hold within some seconds."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.25)
    return True
