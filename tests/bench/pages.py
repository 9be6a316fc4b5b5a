"""How long the server takes for a page, as a multiple of its time for a trivial view.

The trivial view, /robots.txt, passes the same server and middleware and does nothing. Requests of
the page and of the trivial view take turns on one kept connection, so both meet the same machine.
"Cached" is a page asked for again; "uncached" has an address that was never asked for, so that the
page is rendered, while the parsed release stays in the process as it does on a running site.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from tests.bench.fetch import Connection
from tests.bench.report import MeasurementFailed, Row

FLOOR = "/robots.txt"
PAGES = ("/", "/systems/gpt-5/")
CACHED_REQUESTS, UNCACHED_REQUESTS, WARM_UP = 400, 60, 5
TARGET = 3.0


@dataclass(frozen=True)
class Times:
    """Seconds per request of a page, and of the trivial view asked for in turns with it."""

    page: Sequence[float]
    floor: Sequence[float]


def measured(port: int) -> list[Row]:
    """Every page's rows, after the trivial view's own time in milliseconds."""
    found: dict[str, Times] = {}
    with Connection(port) as connection:
        for page in PAGES:
            cached = [page] * CACHED_REQUESTS
            fresh = [f"{page}?unseen={n}" for n in range(UNCACHED_REQUESTS)]
            found[f"{page} cached"] = _times(connection, cached)
            found[f"{page} uncached"] = _times(connection, fresh)
    floor = [seconds for times in found.values() for seconds in times.floor]
    rows = [Row(f"{FLOOR}, median", 1000 * median(floor), "ms")]
    for name, times in found.items():
        rows += _rows(name, times, TARGET if name.endswith(" cached") else None)
    return rows


def _times(connection: Connection, addresses: Sequence[str]) -> Times:
    page, floor = [], []
    for address in (addresses[0],) * WARM_UP:
        _seconds(connection, address)
    for address in addresses:
        floor.append(_seconds(connection, FLOOR))
        page.append(_seconds(connection, address))
    return Times(page, floor)


def _seconds(connection: Connection, address: str) -> float:
    answer = connection.get(address)
    if answer.status != 200:
        raise MeasurementFailed(f"{address} answered {answer.status}.")
    return answer.seconds


def _rows(name: str, times: Times, target: float | None) -> list[Row]:
    """The page's own median, and median and 95th percentile over the trivial view's."""
    late, late_floor = (quantiles(seconds, n=20)[-1] for seconds in (times.page, times.floor))
    middle, floor = median(times.page), median(times.floor)
    return [
        Row(f"{name}, median", 1000 * middle, "ms"),
        Row(f"{name} over {FLOOR}, median", middle / floor, "x", target),
        Row(f"{name} over {FLOOR}, p95", late / late_floor, "x", target),
    ]
