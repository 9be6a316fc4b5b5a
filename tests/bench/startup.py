"""How long the site takes to start, until a reader can be served from the newest release."""

from __future__ import annotations

import json

from tests.bench.fetch import Connection
from tests.bench.report import MeasurementFailed, Row
from tests.bench.running import Site


def measured(site: Site, kind: str) -> Row:
    """The row of one start; `kind` is "cold" (an empty data folder) or "warm"."""
    _check_released(site)
    return Row(f"start-up, {kind}", site.seconds, "s")


def _check_released(site: Site) -> None:
    """A site without its releases would be fast and useless."""
    with Connection(site.port) as connection:
        answer = connection.get("/api/v1/index?basket=agi")
    if answer.status != 200 or not json.loads(answer.text())["points"]:
        raise MeasurementFailed("The site answers, but has no release of the shipped catalog.")
