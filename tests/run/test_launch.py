"""The launcher in front of a program: identity, and the tie to the parent."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from indexsite.run.launch import CANNOT_LAUNCH
from indexsite.run.processes import LAUNCHER, command_of, first_number, launched, wait_until
from tests.run.conftest import python

PARENT = """
import signal, subprocess, sys, time
from indexsite.run.processes import launched
line = ["/bin/sh", "-c", "echo $$; exec sleep 60"]
subprocess.Popen(launched(line, death_signal=signal.SIGTERM), start_new_session=True)
time.sleep(60)
"""


def launch(*command: str) -> subprocess.CompletedProcess[str]:
    line = launched(command, death_signal=signal.SIGTERM)
    return subprocess.run(line, capture_output=True, text=True, check=False)


def test_it_becomes_the_program() -> None:
    done = launch("/bin/sh", "-c", "echo said; exit 7")
    assert (done.stdout, done.returncode) == ("said\n", 7)


def test_it_says_when_there_is_no_such_program(tmp_path: Path) -> None:
    done = launch(str(tmp_path / "absent"))
    assert done.returncode == CANNOT_LAUNCH
    assert done.stderr.startswith("launch: ")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prctl is Linux's")
def test_it_starts_nothing_for_a_parent_that_has_ended() -> None:
    words = ["--parent", "1", "--death-signal", "15", "--", "/bin/echo", "started"]
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(LAUNCHER), *words], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (CANNOT_LAUNCH, b"")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prctl is Linux's")
def test_it_ends_the_program_with_a_killed_parent(tmp_path: Path) -> None:
    parent = python("-c", PARENT)
    assert parent.stdout is not None
    pid_file = tmp_path / "pid"
    pid_file.write_text(parent.stdout.readline())
    child = first_number(pid_file)
    assert "sleep" in command_of(child)
    parent.kill()
    parent.wait()
    assert wait_until(lambda: not command_of(child), seconds=5)
