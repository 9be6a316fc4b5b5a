"""When the static files have to be collected again."""

from __future__ import annotations

import hashlib
import sysconfig
from collections.abc import Iterator
from pathlib import Path

STAMP = "static.stamp"


def fingerprint(root: Path, *, debug: bool) -> str:
    """A hash of what `collectstatic` reads: the project's static files, settings and packages.

    Files count by path, size and time; installed packages by the time of their folder, which
    changes with every package that comes or goes.
    """
    digest = hashlib.sha256(f"debug={debug}".encode())
    for path in sorted(_inputs(root)):
        status = path.stat()
        size = status.st_size if path.is_file() else 0
        digest.update(f"{path}\0{size}\0{status.st_mtime_ns}\0".encode())
    return digest.hexdigest()


def collected(data_dir: Path, mark: str) -> bool:
    """Whether `data_dir`/static holds what was collected from the inputs with this fingerprint."""
    stamp = data_dir / STAMP
    return (data_dir / "static").is_dir() and stamp.exists() and stamp.read_text("ascii") == mark


def note_collected(data_dir: Path, mark: str) -> None:
    """Remember that the inputs with this fingerprint were collected."""
    (data_dir / STAMP).write_text(mark, "ascii")


def _inputs(root: Path) -> Iterator[Path]:
    yield Path(sysconfig.get_paths()["purelib"])
    yield from (root / "indexsite" / name for name in ("settings.py", "stylesheets.py"))
    for folder in (root / "static", *root.glob("*/static")):
        yield from (path for path in folder.rglob("*") if path.is_file())
