"""The whole site as `make run` starts it, on a data folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from indexsite import env
from indexsite.run.processes import free_port
from tests.bench.report import MeasurementFailed

PATIENCE = 180.0
PAUSE = 0.02


@dataclass(frozen=True)
class Site:
    """A site that answers, and how long it took to, in seconds."""

    port: int
    seconds: float


@contextmanager
def site(data_dir: Path) -> Iterator[Site]:
    """Run the site under `data_dir` while the block runs."""
    port, log = free_port(), data_dir.with_name(f"{data_dir.name}.output")
    began = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "indexsite.run"],
            cwd=env.ROOT,
            env=environment(DATA_DIR=str(data_dir), PORT=str(port)),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_ready(process, port, log)
        yield Site(port, time.monotonic() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def environment(**given: str) -> dict[str, str]:
    """This environment with no setting of the site but those given; `.env` has no say either."""
    return {**os.environ, **dict.fromkeys(env.VARIABLES, ""), **given}


def _wait_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > until:
            raise MeasurementFailed(f"The site did not start:\n{log.read_text()}")
        time.sleep(PAUSE)


def _answers(port: int) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/readyz", timeout=2) as page:
            return bool(page.status == 200)
    except OSError:
        return False
