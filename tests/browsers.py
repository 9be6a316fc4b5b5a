"""A Chromium for the browser tests: one on PATH, or Playwright's own, fetched once if it can be."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Playwright

NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
FETCH_SECONDS = 300


class NoBrowser(Exception):
    """There is no browser and none could be fetched; the text says why."""


def chromium(playwright: Playwright) -> str:
    """The path of a Chromium; NoBrowser where there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found:
        return found
    own = Path(playwright.chromium.executable_path)
    if not own.exists():
        _fetch()
    if not own.exists():
        raise NoBrowser(f"Playwright fetched no browser; looked on PATH for {', '.join(NAMES)}")
    return str(own)


def _fetch() -> None:
    line = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        subprocess.run(line, check=True, capture_output=True, timeout=FETCH_SECONDS)
    except (subprocess.SubprocessError, OSError) as error:
        raise NoBrowser(
            f"no browser on PATH (looked for {', '.join(NAMES)}) and none could be fetched: {error}"
        ) from error
