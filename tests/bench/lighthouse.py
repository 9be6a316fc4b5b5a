"""`python -m tests.bench.lighthouse`: four pages as Lighthouse sees them on a phone.

Lighthouse is no Python package: where `lighthouse` is not on PATH, and LIGHTHOUSE does not name its
command, or no Node.js or Chromium is found, one sentence says so and nothing is measured. Each page
is looked at three times with the mobile preset, and the worst of the three counts.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from indexsite import env
from tests.bench import report
from tests.bench.fetch import Connection
from tests.bench.report import MeasurementFailed, Row
from tests.bench.running import site
from tests.browsers import NAMES

TIMES, SECONDS, TRIES = 3, 180, 3
NOTHING_RECORDED = "NO_NAVSTART"
PAGES = ("/", "/generations/", "/systems/gpt-5/", "/releases/1/")
CATEGORIES = {"performance": 2.0, "accessibility": 0.0, "best-practices": 0.0, "seo": 0.0}
"""Each with the points of a hundred that may be lost."""
LATEST_PAINT, MOST_SHIFT, MOST_SCRIPT = 1.5, 0.02, 60.0
FLAGS = "--headless=new --no-sandbox"


class Missing(Exception):
    """Lighthouse, or what it needs, is not on this machine; the text says what."""


def command() -> tuple[str, str]:
    """The commands of Lighthouse and of a Chromium. Missing where one is not found."""
    named = os.environ.get("LIGHTHOUSE", "lighthouse")
    found = shutil.which(named)
    if found is None or shutil.which("node") is None:
        raise Missing(
            "Lighthouse is not measured: it needs Node.js and `lighthouse` on PATH, or its command"
            " in LIGHTHOUSE."
        )
    browser = next((path for name in NAMES if (path := shutil.which(name))), None)
    if browser is None:
        raise Missing("Lighthouse is not measured: it needs a Chromium on PATH.")
    return found, browser


def measured(port: int, pages: Sequence[str] = PAGES) -> list[Row]:
    """Five rows and one of size for each page, from the worst of its looks. Missing as `command`.

    The pages have been asked for before, as those of a site with readers have.
    """
    lighthouse, browser = command()
    rows = []
    for page in pages:
        _warm(port, page)
        found = [_look(lighthouse, browser, f"http://localhost:{port}{page}") for _ in range(TIMES)]
        rows += rows_of(page, found)
    return rows


def rows_of(page: str, found: Sequence[dict[str, Any]]) -> list[Row]:
    """What the reports of one page come to: of each number the worst."""
    audits = [one["audits"] for one in found]
    lost = {
        name: max(round(100 * (1 - (one["categories"][name]["score"] or 0)), 6) for one in found)
        for name in CATEGORIES
    }
    painted = max(one["largest-contentful-paint"]["numericValue"] for one in audits)
    shifted = max(one["cumulative-layout-shift"]["numericValue"] for one in audits)
    script = max(
        sum(
            sent["transferSize"]
            for sent in one["network-requests"]["details"]["items"]
            if sent.get("resourceType") == "Script"
        )
        for one in audits
    )
    return [
        *(Row(f"lighthouse {page} {name}, points lost", lost[name], "of 100", most)
          for name, most in CATEGORIES.items()),
        Row(f"lighthouse {page} largest paint", painted / 1000, "s", LATEST_PAINT),
        Row(f"lighthouse {page} layout shift", shifted, "", MOST_SHIFT),
        Row(f"lighthouse {page} script", script / 1000, "kB", MOST_SCRIPT),
    ]  # fmt: skip


def _warm(port: int, page: str) -> None:
    with Connection(port) as connection:
        # Two workers, each of which keeps a page on its second answer.
        for _ in range(12):
            if (status := connection.get(page).status) != 200:
                raise MeasurementFailed(f"{page} answered {status}.")


def _look(lighthouse: str, browser: str, address: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="agi-index-lighthouse-") as folder:
        path = Path(folder) / "report.json"
        line = [lighthouse, address, "--quiet", "--output=json", f"--output-path={path}"]
        for _ in range(TRIES):
            ended = subprocess.run(
                [*line, f"--chrome-flags={FLAGS}"],
                env={**os.environ, "CHROME_PATH": browser},
                capture_output=True,
                text=True,
                timeout=SECONDS,
            )
            # Now and then the browser records nothing at all, which says nothing of the page.
            if NOTHING_RECORDED not in ended.stderr:
                break
        if ended.returncode or not path.exists():
            raise MeasurementFailed(f"Lighthouse on {address}:\n{ended.stderr[-2000:]}")
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found


def main() -> int:
    """Measure on a site of its own, print the rows and write them; the exit status."""
    try:
        command()
        with (
            tempfile.TemporaryDirectory(prefix="agi-index-bench-") as folder,
            site(Path(folder) / "var") as running,
        ):
            rows = measured(running.port)
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 0
    except MeasurementFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    print(report.table(rows))
    folder_of = env.ROOT / "var" / "bench" / "lighthouse"
    print(f"\nWritten to {report.write(rows, folder_of, at=datetime.now(UTC)).name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
