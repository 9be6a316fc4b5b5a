"""Files on their way to a run: kept whole under their hash, and given back to be read."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.core.files import File
from django.core.files.uploadedfile import UploadedFile

from accounts.models import User
from evals import readers
from evals.models import ImportRun, Source
from evals.readers.catalog import NAMES as CATALOG_NAMES
from evals.records import UnreadableFile

SHIPPED = Path(__file__).resolve().parent.parent / "catalog"
MOST_FILES = 10_000
FOLDER = "folder"


def create_shipped_run() -> ImportRun:
    """A run for the catalog that ships with the project."""
    source, _created = Source.objects.get_or_create(
        slug="catalog",
        defaults={"name": "Shipped catalog", "licence": "Apache-2.0, as the project"},
    )
    return ImportRun.objects.create(
        source=source,
        format="catalog",
        name="evals/catalog",
        shipped=True,
        content_sha256=shipped_sha256(),
    )


def shipped_sha256() -> str:
    """One hash over the catalog's files."""
    digest = hashlib.sha256()
    for name in CATALOG_NAMES:
        digest.update((SHIPPED / name).read_bytes())
    return digest.hexdigest()


def create_run(
    *,
    path: Path,
    source: str,
    format_name: str = "",
    requested_by: User | None = None,
    options: dict[str, Any] | None = None,
    name: str = "",
) -> ImportRun:
    """Keep a copy of a file, or of a folder as an archive, and a run to import it.

    options: what the reader is to be told, in JSON: `dated`, and `mapping` for tables. Raises
    UnreadableFile where no reader knows the content; then nothing is stored.
    """
    told = dict(options or {})
    chosen = readers.choose(path, format_name, mapped="mapping" in told)
    if path.is_dir():
        told[FOLDER] = True
    row, _created = Source.objects.get_or_create(slug=source, defaults={"name": source})
    run = ImportRun(
        source=row, format=chosen, name=name or path.name, requested_by=requested_by, options=told
    )
    run.name = run.name[-300:]
    with _as_file(path, chosen) as file:
        run.content_sha256 = sha256_of(file)
        run.size = file.stat().st_size
        with file.open("rb") as handle:
            run.file.save(file.name, File(handle), save=False)
    try:
        run.save()
    except BaseException:
        run.file.delete(save=False)
        raise
    return run


def create_run_from_upload(
    upload: UploadedFile[Any] | BinaryIO,
    *,
    name: str,
    source: str,
    format_name: str = "",
    requested_by: User | None = None,
    options: dict[str, Any] | None = None,
) -> ImportRun:
    """Keep what somebody sends, piece by piece, and a run to import it; as `create_run`.

    name: the file's own name, of which only the last part is used.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (Path(name.replace("\\", "/")).name or "upload")
        with path.open("wb") as copy:
            shutil.copyfileobj(upload, copy, 1 << 20)
        return create_run(
            path=path,
            source=source,
            format_name=format_name,
            requested_by=requested_by,
            options=options,
        )


def sha256_of(path: Path) -> str:
    """The hash of a file's content, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _as_file(path: Path, chosen: str) -> Iterator[Path]:
    """The path itself, or a folder's files in one archive with fixed dates."""
    if path.is_file():
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"{path.resolve().name or 'folder'}.zip"
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in CATALOG_NAMES if chosen == "catalog" else _files(path):
                if (path / name).is_file():
                    with archive.open(zipfile.ZipInfo(name), "w") as packed:
                        packed.write((path / name).read_bytes())
        yield target


def _files(folder: Path) -> list[str]:
    """The files under a folder in the order of their names; no link is followed."""
    found = []
    for parent, folders, names in os.walk(folder):
        folders.sort()
        here = Path(parent)
        found += [
            (here / name).relative_to(folder).as_posix()
            for name in names
            if not (here / name).is_symlink()
        ]
        if len(found) > MOST_FILES:
            raise UnreadableFile(f"{folder.name}: holds more than {MOST_FILES} files.")
    return sorted(found)


@contextmanager
def opened(run: ImportRun) -> Iterator[Path]:
    """The run's file or folder under its own name; UnreadableFile where it is not as it was."""
    if run.shipped:
        yield SHIPPED
        return
    with tempfile.TemporaryDirectory() as folder:
        path = _local(run, Path(folder))
        if sha256_of(path) != run.content_sha256:
            raise UnreadableFile(f"{run.name}: the stored file is not the one that was sent.")
        if run.options.get(FOLDER) and run.format != "catalog":
            unpacked = Path(folder) / "unpacked" / (Path(run.name).name or "folder")
            with zipfile.ZipFile(path) as archive:
                archive.extractall(unpacked)
            path = unpacked
        yield path


def _local(run: ImportRun, folder: Path) -> Path:
    """The stored file where it lies, if it lies here under its own name, and otherwise a copy.

    Its name is what the reasons state; the storage may have kept it under another.
    """
    name = Path(run.name).name or "import"
    if not run.file:
        path = folder / name
        path.write_bytes(bytes(run.posting.body))
        return path
    try:
        stored = Path(run.file.path)
    except NotImplementedError:  # Storages on other machines have no path.
        stored = Path()
    if stored.name in (name, f"{name}.zip") and stored.is_file():
        return stored
    path = folder / name
    with run.file.open("rb") as kept, path.open("wb") as copy:
        shutil.copyfileobj(kept, copy, 1 << 20)
    return path
