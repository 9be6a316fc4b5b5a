"""Trying the API with requests made from its own description, by Schemathesis."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from accounts.models import User
from accounts.services.tokens import make_token
from indexsite import embedded
from tests import databases, sites

# So many requests a minute are no attack here.
OPEN = {"API_READS_PER_MINUTE": "1000000", "API_REQUESTS_PER_MINUTE": "1000000"}


@dataclass(frozen=True)
class Tried:
    """Whether nothing was found, and what was said."""

    clean: bool
    report: str


@contextmanager
def api_of(urls: embedded.Urls, template: str, data_dir: Path) -> Iterator[tuple[str, str]]:
    """(the address of a served site on a clone of the database, a token that may post)."""
    live = databases.clone(urls, "agi_schema", template)
    with databases.connected_to("agi_schema"):
        owner = User.objects.create_superuser("schemathesis")
        key = make_token(owner=owner, name="schemathesis", scopes=["results:write"])[1]
    with sites.web(live, data_dir, **OPEN) as address:
        yield address, key


def tried(address: str, key: str, *, examples: int, phases: str, seed: int | None = None) -> Tried:
    """What Schemathesis finds with every check it has, in so many examples an operation."""
    line = [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/api/v1/openapi.json",
            "--header", f"Authorization: Bearer {key}", "--max-examples", str(examples),
            "--phases", phases, "--workers", "1", "--no-color"]  # fmt: skip
    if seed is not None:
        line += ["--seed", str(seed)]
    with tempfile.TemporaryDirectory() as folder:
        ended = subprocess.run(line, capture_output=True, text=True, cwd=folder, timeout=3600)
    return Tried(ended.returncode == 0, ended.stdout + ended.stderr)
