"""Static files are collected again exactly when something that they come from has changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from indexsite.run import static

SETTINGS = ("indexsite/settings.py", "indexsite/stylesheets.py")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (*SETTINGS, "static/site.css", "alerts/static/alerts.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.mark.parametrize(
    "name", [*SETTINGS, "static/site.css", "alerts/static/alerts.js", "static/new.css"]
)
def test_it_notices_a_changed_file(root: Path, name: str) -> None:
    before = static.fingerprint(root, debug=False)
    (root / name).write_text("other text")
    assert static.fingerprint(root, debug=False) != before


def test_it_notices_a_new_time_of_the_same_size(root: Path) -> None:
    before = static.fingerprint(root, debug=False)
    os.utime(root / "static" / "site.css", (1, 1))
    assert static.fingerprint(root, debug=False) != before


def test_it_notices_another_kind_of_storage(root: Path) -> None:
    assert static.fingerprint(root, debug=True) != static.fingerprint(root, debug=False)


def test_it_stays_the_same_while_nothing_changes(root: Path) -> None:
    assert static.fingerprint(root, debug=False) == static.fingerprint(root, debug=False)


def test_it_remembers_what_was_collected(tmp_path: Path) -> None:
    assert not static.collected(tmp_path, "mark")
    (tmp_path / "static").mkdir()
    static.note_collected(tmp_path, "mark")
    assert static.collected(tmp_path, "mark")
    assert not static.collected(tmp_path, "other mark")


def test_it_collects_again_once_the_folder_is_gone(tmp_path: Path) -> None:
    static.note_collected(tmp_path, "mark")
    assert not static.collected(tmp_path, "mark")
