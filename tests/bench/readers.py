"""Fifty readers at once, each moving a slider of the what-if page every three seconds.

Every move asks the running site for new results at weights that nobody has asked for before, so
that each is computed; the pictures are part of it. The readers' first moves are spread over the
three seconds. A time is from sending to the last byte.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from statistics import median, quantiles

from tests.bench.fetch import Connection
from tests.bench.report import MeasurementFailed, Row

READERS, MOVES, EVERY, TARGET = 50, 6, 3.0, 1000.0
ADDRESS = "/baskets/agi/what-if/results?d.capability="
WARM_UP = 12


def measured(port: int) -> list[Row]:
    """Median and 95th percentile of a move, in milliseconds."""
    for n in range(WARM_UP):
        # Every process of the server reads the release once.
        _milliseconds(port, f"{ADDRESS}30.{n + 1:04}")
    begin = threading.Barrier(READERS)
    with ThreadPoolExecutor(READERS) as pool:
        found = pool.map(lambda reader: _reader(port, reader, begin), range(READERS))
        times = list(chain.from_iterable(found))
    return [
        Row(f"what-if, {READERS} readers at once, median", median(times), "ms"),
        Row(f"what-if, {READERS} readers at once, p95", quantiles(times, n=20)[-1], "ms", TARGET),
    ]


def _reader(port: int, reader: int, begin: threading.Barrier) -> list[float]:
    """The times of one reader's moves."""
    begin.wait()
    start = time.monotonic() + EVERY * reader / READERS
    found = []
    for move in range(MOVES):
        time.sleep(max(0.0, start + EVERY * move - time.monotonic()))
        found.append(_milliseconds(port, f"{ADDRESS}{40 + move}.{reader + 1:04}"))
    return found


def _milliseconds(port: int, address: str) -> float:
    """One move; a browser's connection may have been closed since the last, so a new one."""
    with Connection(port) as connection:
        answer = connection.get(address)
    if answer.status != 200:
        raise MeasurementFailed(f"{address} answered {answer.status}.")
    return 1000 * answer.seconds
