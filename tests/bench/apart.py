"""Measurements that are made in a fresh process, so that their memory is their own."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from typing import Any

from tests.bench.report import MeasurementFailed


def measured_apart(module: str, *arguments: object, **environment: str) -> dict[str, Any]:
    """What `python -m module arguments` prints: one JSON object."""
    run = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise MeasurementFailed(f"{module} {arguments}: {run.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def peak_gb() -> float:
    """The most memory that this process has had so far, in GB (1e9 bytes)."""
    kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kib * (1 if sys.platform == "darwin" else 1024) / 1e9
