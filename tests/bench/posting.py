"""Runs of 20 results posted by 8 clients at once, over loopback, until every one is merged.

`python -m tests.bench.posting [SECONDS]` starts the whole site as `make run` does, on an empty
folder, and posts for that long. A run counts once its scores can be read: the clock goes on until
the last one is merged.
"""

from __future__ import annotations

import http.client
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from indexsite import env
from tests.bench import report
from tests.bench.report import MeasurementFailed, Row
from tests.bench.running import environment, site

CLIENTS = 8
RESULTS = 20
SECONDS = 20.0
TARGET = 300.0
PATIENCE = 300.0
# Genuine scores lie closer to what is expected of them than the limit at which one is held.
NEAR = 1.0

Cells = dict[str, list[tuple[str, float, float]]]
"""By system the evals on which scores of it are expected, and between which values."""

TOKENS = """
import sys
import django
django.setup()
from accounts.models import User
from accounts.services.tokens import make_token
owner = User.objects.create_superuser("bench")
for n in range(int(sys.argv[1])):
    print(make_token(owner=owner, name=f"client {n}", scopes=["results:write"])[1])
"""
STATE = """
import django
django.setup()
from django.db.models import Count, Max, Sum
from evals.models import ImportRun
runs = ImportRun.objects.filter(posting__isnull=False)
states = dict(runs.order_by().values_list("state").annotate(n=Count("pk")))
sums = runs.aggregate(accepted=Sum("accepted"), held=Sum("held"), rejected=Sum("rejected"))
last = runs.aggregate(at=Max("finished_at"))["at"]
import json
print(json.dumps({"states": states, **sums, "last": last.timestamp() if last else 0}))
"""
CELLS = """
import json, math, sys
import django
django.setup()
from evals.expectations import judge
from evals.models import Eval, System
judging, found = judge(), {}
evals = Eval.objects.filter(lower=0, upper=100, scale="linear", slug__in=judging.evals())
for system in System.objects.values_list("slug", flat=True):
    cells = [(item, judging.cell(system, item)) for item in evals.values_list("slug", flat=True)]
    ranges = [(item, *cell.within(float(sys.argv[1]))) for item, cell in cells if cell]
    found[system] = [(i, max(low, 2), high) for i, low, high in ranges if 2 < high < math.inf]
print(json.dumps(found))
"""


@dataclass
class Client:
    """One program that posts runs one after another over one connection."""

    number: int
    key: str
    port: int
    cells: Cells
    seconds: list[float] = field(default_factory=list)
    refused: int = 0

    def post_until(self, end: float) -> None:
        """Post until the clock says so."""
        draw = random.Random(self.number)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        while time.monotonic() < end:
            body = self._run(draw)
            began = time.monotonic()
            connection.request("POST", "/api/v1/results?source=bench", body, headers)
            answer = connection.getresponse()
            answer.read()
            self.refused += answer.status != 202
            self.seconds.append(time.monotonic() - began)
        connection.close()

    def _run(self, draw: random.Random) -> bytes:
        """A checkpoint of one system on 20 evals; no two runs have a score in common."""
        system = draw.choice(list(self.cells))
        mark = f"checkpoint {self.number}-{len(self.seconds)}"
        rows = [
            {
                "system": system,
                "eval": item,
                "value": round(draw.uniform(low, high), 3),
                "observed_on": "2026-10-01",
                "reported_by": "third_party",
                "elicitation": mark,
            }
            for item, low, high in draw.sample(self.cells[system], RESULTS)
        ]
        return json.dumps(rows).encode()


def measured(port: int, data_dir: Path, seconds: float = SECONDS) -> list[Row]:
    """Post to the site at `port` and wait for the last merge."""
    every: Cells = json.loads(_asked(data_dir, CELLS, str(NEAR)))
    cells = {system: found for system, found in every.items() if len(found) >= RESULTS}
    if not cells:
        raise MeasurementFailed("no system has 20 evals on which its scores are expected")
    keys = _asked(data_dir, TOKENS, str(CLIENTS)).split()
    clients = [Client(n, key, port, cells) for n, key in enumerate(keys)]
    began_at, began = time.time(), time.monotonic()
    threads = [threading.Thread(target=c.post_until, args=(began + seconds,)) for c in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    posted_in = time.monotonic() - began
    state = _drained(data_dir)
    last = state["last"]
    assert isinstance(last, float)
    return _rows(clients, posted_in, state, last - began_at)


def _drained(data_dir: Path) -> dict[str, object]:
    """What became of the runs, once none waits."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        state: dict[str, object] = json.loads(_asked(data_dir, STATE))
        states = state["states"]
        assert isinstance(states, dict)
        if not set(states) & {"pending", "running"}:
            return state
        time.sleep(0.5)
    raise MeasurementFailed("posted runs were not merged in time")


def _rows(
    clients: Sequence[Client], posted_in: float, state: dict[str, object], merged_in: float
) -> list[Row]:
    seconds = sorted(one for client in clients for one in client.seconds)
    refused = sum(client.refused for client in clients)
    states = state["states"]
    assert isinstance(states, dict)
    done = int(states.get("done", 0))
    if refused or done != len(seconds):
        raise MeasurementFailed(f"{refused} posts refused, {states} of {len(seconds)} runs")
    print(f"posting: {done} runs merged, rows {state}", file=sys.stderr)
    # The report asks for a largest value: the time of a run is what the rate's inverse must not be.
    return [
        Row("posting: a run of 20 accepted", posted_in / done * 1000, "ms"),
        Row("posting: a run accepted and merged", merged_in / done * 1000, "ms", 1000 / TARGET),
        Row("posting: runs accepted and merged", done / merged_in, "runs/s"),
        Row("posting: answer, median", seconds[len(seconds) // 2] * 1000, "ms"),
        Row("posting: answer, 99th percentile", seconds[len(seconds) * 99 // 100] * 1000, "ms"),
    ]


def _asked(data_dir: Path, script: str, *arguments: str) -> str:
    """What a script prints that runs on the site's own database."""
    given = environment(DATA_DIR=str(data_dir), DJANGO_SETTINGS_MODULE="indexsite.settings")
    line = [sys.executable, "-c", script, *arguments]
    found = subprocess.run(line, cwd=env.ROOT, env=given, capture_output=True, text=True)
    if found.returncode:
        raise MeasurementFailed(found.stderr)
    return found.stdout


def main() -> int:
    """Measure on a site of its own and print the rows."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    with tempfile.TemporaryDirectory(prefix="agi-index-bench-") as folder:
        data_dir = Path(folder) / "var"
        with site(data_dir) as running:
            print(report.table(measured(running.port, data_dir, seconds)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
