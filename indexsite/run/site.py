"""The site on one machine: which processes it takes, in which order, with which environment."""

from __future__ import annotations

import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

from indexsite import env
from indexsite.embedded import Urls, publish
from indexsite.run import checks, static
from indexsite.run.commands import Command
from indexsite.run.errors import RunError
from indexsite.run.lock import data_lock
from indexsite.run.postgres import APPLICATION, OWNER, Postgres
from indexsite.run.redis_server import Redis
from indexsite.run.supervisor import Stopped, Supervisor

QUEUES = "imports,index,alerts,own,celery"
WEB_WORKERS, WEB_THREADS = 2, 4
READY_SECONDS = 60.0

# Work in hand is given time to finish; what is cut off has a lease and is taken up again.
WORKER_STOP = ((signal.SIGTERM, 15.0), (signal.SIGQUIT, 5.0))


class Site:
    """One run of the whole site under `env.data_dir()`."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.data_dir = env.data_dir()
        self.supervisor = Supervisor(self.say)
        self.environment: dict[str, str] = {}
        self.owner_url = ""

    def say(self, text: str) -> None:
        """Print one line of progress, with the seconds since the start."""
        tell(f"[{time.monotonic() - self.began:6.1f} s] {text}")

    def run(self) -> None:
        """Start everything and keep it running; returns only by Stopped or RunError."""
        self.say("Checking the environment")
        checks.check_settings()
        checks.check_port(env.bind(), env.port())
        checks.check_programs()
        with data_lock(self.data_dir), ExitStack() as stack:
            stack.callback(self._stop)
            urls = self._start_servers()
            stack.enter_context(publish(self.data_dir, urls))
            self._prepare(urls)
            self._start_site()
            self.supervisor.wait(lambda: False)

    def _stop(self) -> None:
        if self.supervisor.children:
            self.say("Stopping")
        self.supervisor.stop_all()

    def _start_servers(self) -> Urls:
        database, owner = env.text("DATABASE_URL"), env.text("DATABASE_OWNER_URL")
        if database:
            self.say("Connecting to the PostgreSQL of DATABASE_URL")
            checks.check_database("DATABASE_OWNER_URL" if owner else "DATABASE_URL")
        if env.text("REDIS_URL"):
            self.say("Connecting to the Redis of REDIS_URL")
            checks.check_redis()
        if not database:
            postgres = Postgres(self.data_dir)
            self.say("Starting PostgreSQL")
            with self._watching(postgres):
                postgres.start(self.supervisor.stopping)
            database, owner = postgres.url(APPLICATION), postgres.url(OWNER)
        redis_url = env.text("REDIS_URL")
        if not redis_url:
            redis = Redis(self.data_dir)
            self.say("Starting Redis")
            with self._watching(redis):
                redis.start(self.supervisor.stopping)
            redis_url = redis.url
        return Urls(database, owner or database, redis_url)

    @contextmanager
    def _watching(self, server: Postgres | Redis) -> Iterator[None]:
        """Stop `server` with the rest, even where it has only half started."""
        self.supervisor.watch(server)
        try:
            yield
        except RunError:
            if self.supervisor.stopping():
                # It did not fail: nobody waited for it any longer.
                raise Stopped from None
            raise

    def _prepare(self, urls: Urls) -> None:
        self.owner_url = urls.database_owner
        self.environment = {
            **os.environ,
            **urls.environment(),
            # Only the migrations run as the owner. Empty, not absent: `.env` must not fill it in.
            "DATABASE_OWNER_URL": "",
            "DATA_DIR": str(self.data_dir),
            "SECRET_KEY": env.secret_key(self.data_dir),
            "DJANGO_SETTINGS_MODULE": "indexsite.settings",
            "PYTHONUNBUFFERED": "1",
        }
        self._migrate()
        if env.text("DATABASE_URL") and env.text("DATABASE_OWNER_URL"):
            checks.check_database("DATABASE_URL")
        self._collect_static()

    def _migrate(self) -> None:
        self.say("Migrating the database")
        migrate = self._manage("The migration of the database", "migrate", "--noinput")
        migrate.environment = {**self.environment, "DATABASE_OWNER_URL": self.owner_url}
        self.supervisor.run_step(migrate)

    def _collect_static(self) -> None:
        mark = static.fingerprint(env.ROOT, debug=env.flag("DEBUG"))
        if static.collected(self.data_dir, mark):
            return
        self.say("Collecting static files")
        self.supervisor.run_step(
            self._manage("The collection of static files", "collectstatic", "--noinput")
        )
        static.note_collected(self.data_dir, mark)

    def _start_site(self) -> None:
        self.say("Starting worker and beat")
        self.supervisor.start(self._worker())
        self.supervisor.start(self._beat())
        self.say("Setting the site up")
        setup = self._manage("The set-up of the site", "setup_site")
        setup.shown = True
        self.supervisor.run_step(setup)
        self.say("Starting the web server")
        self.supervisor.start(self._web())
        self._wait_ready()
        self.say(f"The site is ready: {public_url()}")

    def _command(self, name: str, log: str, *arguments: str) -> Command:
        return Command(
            name=name,
            line=[sys.executable, *arguments],
            log=self.data_dir / "logs" / f"{log}.log",
            cwd=env.ROOT,
            environment=self.environment,
        )

    def _manage(self, name: str, command: str, *arguments: str) -> Command:
        return self._command(name, command, "manage.py", command, *arguments)

    def _worker(self) -> Command:
        processes = str(min(4, max(2, os.cpu_count() or 2)))
        worker = self._command(
            *("The worker", "worker", "-m", "celery", "-A", "indexsite", "worker"),
            *("-Q", QUEUES, "--concurrency", processes, "--loglevel", "INFO"),
            *("--without-gossip", "--without-mingle"),
        )
        worker.stop_steps = WORKER_STOP
        # Its servers end with us, and without them Celery may wait for ever, however it is told to
        # end: for an answer of its pool, or for Redis to take a last word.
        worker.death_signal = signal.SIGKILL
        return worker

    def _beat(self) -> Command:
        return self._command(
            *("The beat", "beat", "-m", "celery", "-A", "indexsite", "beat", "--loglevel", "INFO"),
            *("--schedule", str(self.data_dir / "celerybeat-schedule")),
        )

    def _web(self) -> Command:
        return self._command(
            *("The web server", "web", "-m", "gunicorn", "indexsite.wsgi", "--no-control-socket"),
            *("--bind", f"{bracketed(env.bind())}:{env.port()}", "--graceful-timeout", "10"),
            *("--workers", str(WEB_WORKERS), "--worker-class", "gthread"),
            *("--threads", str(WEB_THREADS)),
        )

    def _wait_ready(self) -> None:
        answer = ""

        def ready() -> bool:
            nonlocal answer
            answer = ask_ready()
            return not answer

        if not self.supervisor.wait(ready, seconds=READY_SECONDS):
            log = self.data_dir / "logs" / "web.log"
            raise RunError(
                f"The site did not become ready within {READY_SECONDS:g} s; /readyz said last:"
                f" {answer}. More is in {log}."
            )


def tell(line: str) -> None:
    """Print `line`, if anybody is still there to read it: a lost terminal must not stop a stop."""
    with suppress(OSError):
        print(line, flush=True)


def ask_ready() -> str:
    """Ask the web server's /readyz; empty when it is ready, else what it said instead."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(env.bind(), env.bind())  # noqa: S104
    request = urllib.request.Request(
        f"http://{bracketed(host)}:{env.port()}/readyz", headers={"Host": known_host()}
    )
    # A proxy of the environment has no part in asking a neighbour on the same machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=5):
            return ""
    except urllib.error.HTTPError as error:
        return f"status {error.code}"
    except OSError as error:
        return str(getattr(error, "reason", error))


def known_host() -> str:
    """A host name that the site's settings accept."""
    for name in env.words("ALLOWED_HOSTS"):
        if "*" not in name:
            return name.removeprefix(".")
    return urlsplit(env.text("SITE_URL")).hostname or "localhost"


def public_url() -> str:
    """Where a person finds the site: SITE_URL, else the address it listens on."""
    given = env.text("SITE_URL")
    if given:
        return given.rstrip("/") + "/"
    everywhere = env.bind() in ("127.0.0.1", "0.0.0.0", "::", "::1")  # noqa: S104
    return f"http://{'localhost' if everywhere else bracketed(env.bind())}:{env.port()}/"


def bracketed(host: str) -> str:
    """A host as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host
