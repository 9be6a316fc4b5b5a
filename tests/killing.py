"""Two real workers on one import, killed again and again while they work."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
from django.db import OperationalError, close_old_connections, connection

from evals import tasks
from evals.models import ImportRun
from indexsite import embedded
from tests import sites

PATIENCE = 600.0
PAUSE = 0.02
SWEEP = 0.5
MERGING = "INSERT INTO evals_score%"


class Workers:
    """Celery workers that are started again when they were killed."""

    def __init__(self, urls: embedded.Urls, data_dir: Path, stack: ExitStack, count: int) -> None:
        self._urls, self._data_dir, self._stack = urls, data_dir, stack
        self._running = [self._start() for _ in range(count)]

    def _start(self) -> subprocess.Popen[bytes]:
        return self._stack.enter_context(sites.worker(self._urls, self._data_dir))

    def kill(self, process: psutil.Process, *, whole: bool) -> None:
        """Kill the process that works, or its whole worker, which is then started again."""
        worker = next(w for w in self._running if w.pid in (process.pid, process.ppid()))
        if not whole:
            process.send_signal(signal.SIGKILL)
            return
        for one in [psutil.Process(worker.pid), *psutil.Process(worker.pid).children()]:
            with suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)
        worker.wait()
        self._running[self._running.index(worker)] = self._start()

    def holder(self, port: int) -> psutil.Process | None:
        """The process whose connection to the database comes from a port of this machine."""
        for worker in self._running:
            with suppress(psutil.NoSuchProcess):
                found = psutil.Process(worker.pid)
                for process in [found, *found.children(recursive=True)]:
                    if any(c.laddr and c.laddr.port == port for c in process.net_connections()):
                        return process
        return None

    def peak_memory(self) -> float:
        """The most memory that any process of the workers has held, in MB."""
        peaks = [0.0]
        for worker in self._running:
            for process in psutil.Process(worker.pid).children(recursive=True):
                status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
                line = next(one for one in status.splitlines() if one.startswith("VmHWM"))
                peaks.append(int(line.split()[1]) / 1024)
        return max(peaks)


@contextmanager
def workers(urls: embedded.Urls, data_dir: Path, count: int) -> Iterator[Workers]:
    """Workers while the block runs."""
    with ExitStack() as stack:
        yield Workers(urls, data_dir, stack, count)


def finish(
    runs: list[int],
    after_each_look: Callable[[], None] = lambda: None,
    *,
    patience: float = PATIENCE,
) -> list[ImportRun]:
    """The runs once all have ended, with a sweep twice a second in the meantime, as beat makes."""
    until, swept = time.monotonic() + patience, 0.0
    while time.monotonic() < until:
        if time.monotonic() - swept > SWEEP:
            sweep()
            swept = time.monotonic()
        found = [run for run in map(state_of, runs) if run is not None]
        if len(found) == len(runs) and all(run.state in ("done", "failed") for run in found):
            return found
        after_each_look()
        time.sleep(PAUSE)
    raise AssertionError(f"the imports did not end: {[vars(run) for run in found]}")


def sweep() -> None:
    """Hint at what waits, if database and Redis answer."""
    with suppress(Exception):
        tasks.sweep()


def state_of(run: int) -> ImportRun | None:
    """The run as it is now; None while the database is away."""
    try:
        return ImportRun.objects.get(pk=run)
    except OperationalError:
        connection.close()
        close_old_connections()
        return None


class Killer:
    """Kills the holder of a run each time that it has made progress, so many times."""

    def __init__(self, run: int, crew: Workers, kills: int, *, whole_every: int = 10) -> None:
        self._run, self._crew, self._most, self._every = run, crew, kills, whole_every
        self._seen = 0
        self.kills = 0
        self.killed_in_merge = False

    def look(self) -> None:
        """Kill, if there is progress since the last kill, and at last once while it is merged."""
        if self.kills < self._most:
            run = state_of(self._run)
            if run is not None and run.state == "running" and run.records_done > self._seen:
                seen = run.records_done
                if self._kill(run.holder_pid):
                    self._seen = seen
                    self.kills += 1
        elif not self.killed_in_merge:
            self.killed_in_merge = self._kill(self._merging())

    def _merging(self) -> int | None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE %s"
                " AND pid <> pg_backend_pid()",
                [f"%{MERGING}"],
            )
            row = cursor.fetchone()
        return row[0] if row else None

    def _kill(self, session: int | None) -> bool:
        if session is None:
            return False
        with connection.cursor() as cursor:
            cursor.execute("SELECT client_port FROM pg_stat_activity WHERE pid = %s", [session])
            row = cursor.fetchone()
        process = self._crew.holder(row[0]) if row else None
        if process is None:
            return False
        with suppress(psutil.NoSuchProcess, StopIteration):
            self._crew.kill(process, whole=self.kills % self._every == self._every - 1)
            return True
        return False


def emptied(redis: embedded.Redis) -> None:
    """Restart Redis without anything that it knew."""
    assert redis.process is not None
    os.kill(redis.process.pid, signal.SIGKILL)
    redis.stop()
    (redis.folder / "dump.rdb").unlink(missing_ok=True)
    redis.start()
