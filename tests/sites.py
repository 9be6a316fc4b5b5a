"""The site's own processes for a test: web server, worker, beat, as `make run` starts them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexsite import embedded, env
from indexsite.run.processes import free_port

PATIENCE = 40.0
QUEUES = "imports,index,alerts,own,celery"


def variables(urls: embedded.Urls, data_dir: Path, **more: str) -> dict[str, str]:
    """The environment of a site's process."""
    return {
        **os.environ,
        **urls.environment(),
        "DATA_DIR": str(data_dir),
        "DJANGO_SETTINGS_MODULE": "indexsite.settings",
        "OPENBLAS_NUM_THREADS": "1",
        **more,
    }


@contextmanager
def process(name: str, variables: dict[str, str], *line: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command until the block ends; its output goes to a log in the data folder."""
    log = Path(variables["DATA_DIR"]) / f"{name}.log"
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, *line], cwd=env.ROOT, env=variables, stdout=output, stderr=output
        )
    try:
        yield child
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def web(urls: embedded.Urls, data_dir: Path, **more: str) -> Iterator[str]:
    """A gunicorn on a free port; its address."""
    port = free_port()
    environment = variables(urls, data_dir, PORT=str(port), **more)
    line = ["-m", "gunicorn", "indexsite.wsgi", "-b", f"127.0.0.1:{port}", "--threads", "4"]
    with process("web", environment, *line):
        address = f"http://127.0.0.1:{port}"
        wait_for_page(f"{address}/readyz")
        yield address


@contextmanager
def worker(urls: embedded.Urls, data_dir: Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker with one process for all queues."""
    environment = variables(urls, data_dir, **more)
    line = ["-m", "celery", "-A", "indexsite", "worker", "-Q", QUEUES, "-c", "1", "-l", "info"]
    with process("worker", environment, *line) as child:
        yield child


@contextmanager
def beat(urls: embedded.Urls, data_dir: Path, **more: str) -> Iterator[None]:
    """Celery's beat, whose sweep finds work that no message tells of."""
    environment = variables(urls, data_dir, **more)
    with process("beat", environment, "-m", "celery", "-A", "indexsite", "beat"):
        yield


def wait_for_page(address: str) -> None:
    """Return once the address answers 200; AssertionError after `PATIENCE` seconds."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=2) as response:
                if response.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError(f"{address} did not answer")
