"""Where logs lie, and how tests make and read them."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from evals import readers
from evals.records import Record, RejectedRow, ScoreRecord, UnreadableFile

LOGS = Path(__file__).parent / "logs"
SHARED = Path(__file__).resolve().parents[4] / "shared"
DATED = dt.date(2026, 2, 3)


def shared(*parts: str) -> Path:
    """A file or folder of the sibling folder `shared`; the test is skipped where it is missing."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the folder shared is not beside the project: no {'/'.join(parts)}")
    return path


def write_json(path: Path, value: object) -> Path:
    """A file of one JSON value."""
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def load_json(path: Path) -> Any:
    """The value of a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def zipped(path: Path, members: Mapping[str, str | bytes]) -> Path:
    """An archive of the given members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def records(path: Path, **told: Any) -> list[Record]:
    """What the reader that is chosen by content makes of a file."""
    return list(readers.REGISTRY[readers.choose(path)].read(path, **told))


def scores(path: Path, **told: Any) -> list[ScoreRecord]:
    """The records of a file, all of which must be scores."""
    found = records(path, **told)
    assert all(isinstance(record, ScoreRecord) for record in found), found
    return [record for record in found if isinstance(record, ScoreRecord)]


def reasons(path: Path, **told: Any) -> list[str]:
    """Why the rows of a file were rejected, all of which must be."""
    found = records(path, **told)
    assert all(isinstance(record, RejectedRow) for record in found), found
    return [record.reason for record in found if isinstance(record, RejectedRow)]


def refusal(path: Path, name: str = "") -> str:
    """Why a file is refused."""
    reader = readers.REGISTRY[readers.choose(path, name)]
    with pytest.raises(UnreadableFile) as caught:
        list(reader.read(path))
    assert path.name in str(caught.value)
    return str(caught.value)
