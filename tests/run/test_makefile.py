"""The environment that the make targets build, as far as it shows without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from indexsite import env

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh copy of what make reads, without an environment."""
    shutil.copy(env.ROOT / "Makefile", tmp_path)
    shutil.copytree(env.ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # `make test` may be what runs this: its own make is not to speak in the answer.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**outside, "MFLAGS": ""},
    )


def python_that(folder: Path, script: str) -> str:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return f"PYTHON={path}"


def test_it_refuses_a_python_that_is_too_old(checkout: Path) -> None:
    refused = make(checkout, "run", python_that(checkout, "exit 1"))
    assert refused.returncode != 0
    assert refused.stderr.startswith("Python 3.11 or newer is needed;")
    assert not (checkout / ".venv").exists()


def test_it_refuses_a_machine_without_python(checkout: Path) -> None:
    refused = make(checkout, "test", "PYTHON=")
    assert refused.returncode != 0
    assert "none was found on PATH" in refused.stderr


def test_it_leaves_an_environment_alone_that_is_up_to_date(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "run.stamp").touch()
    assert "Building" not in make(checkout, "--dry-run", "run").stdout


def test_it_builds_again_when_the_requirements_change(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    stamp = checkout / ".venv" / "run.stamp"
    stamp.touch()
    os.utime(stamp, (1, 1))
    assert "Building the environment" in make(checkout, "--dry-run", "run").stdout


def test_it_hands_its_process_to_the_site(checkout: Path) -> None:
    planned = make(checkout, "--dry-run", "run").stdout.splitlines()[-1]
    assert planned == "exec .venv/bin/python -m indexsite.run"
