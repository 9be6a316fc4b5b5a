"""`python -m tests.bench.large_pages [SCORES] [RELEASES]`: pages over a million scores.

The server is the one that `make run` starts: gunicorn with two workers of four threads, on the
embedded PostgreSQL. "Cached" asks for one address again and again; "uncached" for an address that
was never asked for, each of another system, eval or pair of systems where the page is of one. The
trivial view, /robots.txt, takes turns with the page on one connection.
"""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median, quantiles

from indexsite import env
from indexsite.run.site import WEB_THREADS, WEB_WORKERS
from tests.bench import large_site, report
from tests.bench.fetch import Connection
from tests.bench.importing import Servers
from tests.bench.pages import FLOOR
from tests.bench.report import MeasurementFailed, Row

SCORES = 1_000_000
PAGES = (
    "/",
    "/systems/system-0900/",
    "/evals/eval-010/",
    "/compare/?systems=system-0900,system-0950",
    "/systems/",
    "/evals/",
    "/search/?q=system+90",
    "/releases/",
    "/generations/",
)
HELD_TO = PAGES[:4]
CACHED, UNCACHED, WARM_UP = 300, 60, 8
MOST_TIMES_FLOOR, MOST_MS, LEAST_RATE = 2.0, 150.0, 0.7
CLIENTS, SECONDS = 4, 6.0
READ_AHEAD = 15.0


def measured(scores: int = SCORES, releases: int = large_site.RELEASES) -> list[Row]:
    """Times of the pages on such a site, and how many front pages it answers in a second."""
    with large_site.kept(scores=scores, releases=releases) as found, web(found) as port:
        return [*_times(port), *_rates(port)]


@contextmanager
def web(found: Servers) -> Iterator[int]:
    """The site's web server over the filled database; its port."""
    from django.core.management import call_command

    from indexsite.run.processes import free_port
    from tests import sites

    call_command("collectstatic", verbosity=0, interactive=False)
    port = free_port()
    variables = sites.variables(found.urls, found.folder, PORT=str(port))
    line = ["-m", "gunicorn", "indexsite.wsgi", "-b", f"127.0.0.1:{port}", "--workers"]
    line += [str(WEB_WORKERS), "--worker-class", "gthread", "--threads", str(WEB_THREADS)]
    with sites.process("web", variables, *line):
        sites.wait_for_page(f"http://127.0.0.1:{port}/readyz")
        # A process that has just started reads the newest release ahead of its readers.
        time.sleep(READ_AHEAD)
        yield port


def _times(port: int) -> Iterator[Row]:
    for page in PAGES:
        held = page in HELD_TO
        with Connection(port) as connection:
            kept = _late(connection, [page] * CACHED)
            fresh = _late(connection, list(_unseen(page)))
        yield Row(
            f"{page} cached over {FLOOR}, p95", kept[0] / kept[1], "x",
            MOST_TIMES_FLOOR if held else None,
        )  # fmt: skip
        yield Row(f"{page} uncached, p95", 1000 * fresh[0], "ms", MOST_MS if held else None)


def _unseen(page: str) -> Iterator[str]:
    """Addresses of such a page that nobody has asked for."""
    mark = "&" if "?" in page else "?"
    for n in range(UNCACHED):
        another = page.replace("-0900", f"-{300 + n:04}").replace("-010", f"-{100 + n:03}")
        yield f"{another}{mark}unseen={n}"


def _late(connection: Connection, addresses: list[str]) -> tuple[float, float]:
    """The 95th percentiles of the page's and of the trivial view's seconds."""
    page, floor = [], []
    for _ in range(WARM_UP):
        _seconds(connection, addresses[0])
    for address in addresses:
        floor.append(_seconds(connection, FLOOR))
        page.append(_seconds(connection, address))
    return quantiles(page, n=20)[-1], quantiles(floor, n=20)[-1]


def _seconds(connection: Connection, address: str) -> float:
    answer = connection.get(address)
    if answer.status != 200:
        raise MeasurementFailed(f"{address} answered {answer.status}.")
    return answer.seconds


def _rates(port: int) -> list[Row]:
    """Requests a second of the front page beside the trivial view, in turns."""
    found: dict[str, list[float]] = {FLOOR: [], "/": []}
    for _ in range(3):
        for page, rates in found.items():
            rates.append(_rate(port, page))
    floor, front = median(found[FLOOR]), median(found["/"])
    return [
        Row(f"{FLOOR}, requests a second", floor, "1/s"),
        Row("/, requests a second", front, "1/s"),
        Row("trivial view's requests a second over /'s", floor / front, "x", 1 / LEAST_RATE),
    ]


def _rate(port: int, page: str) -> float:
    with multiprocessing.get_context("fork").Pool(CLIENTS) as pool:
        return sum(pool.starmap(_client, [(port, page)] * CLIENTS)) / SECONDS


def _client(port: int, page: str) -> int:
    """How many answers one client gets in the time."""
    count, until = 0, time.monotonic() + SECONDS
    with Connection(port) as connection:
        while time.monotonic() < until:
            _seconds(connection, page)
            count += 1
    return count


def in_own_process() -> list[Row]:
    """The same measured by another process: Django takes the addresses of its servers once."""
    line = [sys.executable, "-m", "tests.bench.large_pages", "--json"]
    ended = subprocess.run(line, cwd=env.ROOT, capture_output=True, text=True)
    if ended.returncode:
        raise MeasurementFailed(f"The pages could not be measured:\n{ended.stderr}")
    return [Row(**row) for row in json.loads(ended.stdout.splitlines()[-1])]


if __name__ == "__main__":
    sizes = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    rows = measured(*sizes)
    print(json.dumps([vars(row) for row in rows]) if "--json" in sys.argv else report.table(rows))
