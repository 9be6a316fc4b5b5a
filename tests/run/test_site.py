"""The whole site from one command, as an operator runs it: real worker, beat, web and servers."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexsite import embedded, env
from indexsite.run.processes import command_of, free_port, wait_until
from tests.run.conftest import processes_of

PASSWORD = re.compile(r"password", re.IGNORECASE)
COLD_SECONDS, WARM_SECONDS = 300.0, 90.0


class Run:
    """One `python -m indexsite.run`; what it says goes to `output`."""

    def __init__(self, data_dir: Path, *, port: int) -> None:
        self.data_dir, self.port = data_dir, port
        self.output = data_dir.with_name(f"{data_dir.name}.output")
        blank = dict.fromkeys(env.VARIABLES, "")
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "indexsite.run"],
                cwd=env.ROOT,
                env={**os.environ, **blank, "DATA_DIR": str(data_dir), "PORT": str(port)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        return self.output.read_text()

    def wait_ready(self, seconds: float) -> None:
        ready = f"The site is ready: http://localhost:{self.port}/"
        wait_until(lambda: ready in self.said() or self.process.poll() is not None, seconds=seconds)
        assert ready in self.said(), self.said()

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as page:
                return int(page.status)
        except OSError as error:
            return int(getattr(error, "code", 0))

    def child(self, mark: str) -> int:
        """The process id of the child of the supervisor whose command line holds `mark`; or 0."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return next((int(child) for child in children if mark in command_of(int(child))), 0)

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


pytestmark = [
    pytest.mark.own_site,
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads Linux's /proc"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    run = Run(tmp_path_factory.mktemp("site") / "var", port=free_port())
    try:
        run.wait_ready(COLD_SECONDS)
        yield run
    finally:
        if run.process.poll() is None:
            run.stop(signal.SIGTERM)


def test_it_serves_readers(site: Run) -> None:
    assert [site.status(path) for path in ("/", "/healthz", "/readyz")] == [200, 200, 200]


def test_it_shows_an_admin_password_at_the_first_start_and_logs_none(site: Run) -> None:
    assert len(PASSWORD.findall(site.said())) == 1
    password = PASSWORD.split(site.said())[1].split("\n")[0].split()[-1].strip(".:")
    logs = "".join(path.read_text() for path in (site.data_dir / "logs").glob("*.log"))
    assert len(password) > 8
    assert password not in logs


@pytest.mark.parametrize("mark", ["celery -A indexsite worker", "gunicorn", "beat", "postgres -D"])
def test_it_starts_a_killed_child_again(site: Run, mark: str) -> None:
    before = site.child(mark)
    os.kill(before, signal.SIGKILL)
    assert wait_until(lambda: site.child(mark) not in (0, before), seconds=60)
    assert wait_until(lambda: site.status("/readyz") == 200, seconds=60)


def test_it_keeps_the_owners_password_from_all_but_the_migrations(site: Run) -> None:
    urls = embedded.running(site.data_dir)
    assert urls is not None
    for mark in ("worker", "gunicorn", "beat"):
        variables = Path(f"/proc/{site.child(mark)}/environ").read_text()
        assert urls.database in variables
        assert urls.database_owner not in variables


def test_it_can_be_backed_up_while_it_runs(site: Run) -> None:
    saved = subprocess.run(
        [sys.executable, "-m", "indexsite.run.backup"],
        cwd=env.ROOT,
        env={**os.environ, "DATA_DIR": str(site.data_dir)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(saved.stdout.removeprefix("Saved ").strip()).stat().st_size > 10_000


def test_it_leaves_no_process_when_it_is_killed(site: Run) -> None:
    assert len(processes_of(site.data_dir)) > 6
    site.process.kill()
    site.process.wait()
    assert wait_until(lambda: not processes_of(site.data_dir), seconds=30)


def test_it_starts_again_after_that_and_stops_whole(site: Run) -> None:
    again = Run(site.data_dir, port=site.port)
    again.wait_ready(WARM_SECONDS)
    assert not PASSWORD.search(again.said())
    assert again.stop(signal.SIGTERM) == 0
    assert again.said().endswith("Stopped.\n")
    assert processes_of(site.data_dir) == []
    assert {"run.lock", "addresses.json"}.isdisjoint(os.listdir(site.data_dir))
