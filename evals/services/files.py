"""Files on their way to a run: kept whole under their hash, and given back to be read."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile

from accounts.models import RESERVED_SOURCE, User
from evals import readers
from evals.models import ImportRun, Source
from evals.readers import hub
from evals.readers.catalog import NAMES as CATALOG_NAMES
from evals.readers.table import Mapping
from evals.records import UnreadableFile
from evals.services.folders import claimed_in

SHIPPED = Path(__file__).resolve().parent.parent / "catalog"
MOST_FILES = 10_000
FOLDER = "folder"
# Nobody else may correct what the shipped catalog states.
RESERVED = RESERVED_SOURCE
LONGEST_NAME = 200


def create_shipped_run() -> ImportRun:
    """A run for the catalog that ships with the project."""
    source, _created = Source.objects.get_or_create(
        slug=RESERVED,
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

    options: what the reader is to be told, in JSON: `dated`, `system`, and `mapping` for tables.
    Raises UnreadableFile where no reader knows the content, where the mapping is none, or for the
    source that is reserved; then nothing is stored.
    """
    told = dict(options or {})
    if source == RESERVED:
        raise UnreadableFile(f"The source {RESERVED!r} is reserved for the shipped catalog.")
    if why := mapping_error(told.get("mapping", {})):
        raise UnreadableFile(f"The mapping cannot be used: {why}.")
    chosen = readers.choose(path, format_name, mapped="mapping" in told)
    told.update(_said_by(path, chosen, told))
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


def _said_by(path: Path, chosen: str, told: dict[str, Any]) -> dict[str, Any]:
    """What a path says beside its content, which is lost once it is kept under its own name."""
    said: dict[str, Any] = {FOLDER: True} if path.is_dir() else {}
    if chosen == hub.NAME and not told.get("system") and (named := hub.repository(path)):
        said["system"] = named
    return said


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
        path = Path(folder) / own_name(name)
        with path.open("wb") as copy:
            shutil.copyfileobj(upload, copy, 1 << 20)
        return create_run(
            path=path,
            source=source,
            format_name=format_name,
            requested_by=requested_by,
            options=options,
        )


def told(run: ImportRun, reader: readers.Reader) -> dict[str, Any]:
    """What the reader of a run's file is told beside the file, of what it asks for."""
    given: dict[str, Any] = {}
    if run.options.get("dated"):
        given["dated"] = dt.date.fromisoformat(run.options["dated"])
    if run.options.get("mapping"):
        given["mapping"] = msgspec.convert(run.options["mapping"], Mapping)
    if run.options.get("system"):
        given["system"] = run.options["system"]
    return readers.asked_for(reader.read, given)


def mapping_error(mapping: object) -> str:
    """Why something is no mapping of a table's columns, in words; empty where it is one."""
    try:
        msgspec.convert(mapping, Mapping)
    except msgspec.ValidationError as error:
        return str(error)
    return ""


def own_name(name: str, instead: str = "upload") -> str:
    """The last part of a name that somebody gave, as a file here can bear it.

    File systems take 255 bytes. Of a longer name the beginning and the ending are kept.
    """
    last = Path(name.replace("\\", "/").replace("\0", "")).name
    if last in ("", ".", ".."):
        return instead
    if len(last.encode(errors="replace")) <= LONGEST_NAME:
        return last
    ending = Path(last).suffix if len(Path(last).suffix.encode(errors="replace")) <= 20 else ""
    room = LONGEST_NAME - len(ending.encode(errors="replace"))
    return last.encode(errors="replace")[:room].decode(errors="ignore") + ending


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
            for name in _files(path, chosen):
                with archive.open(zipfile.ZipInfo(name), "w") as packed:
                    packed.write((path / name).read_bytes())
        yield target


def _files(folder: Path, chosen: str) -> list[str]:
    """The files under a folder that its reader claims, in the order of their names."""
    found = sorted(claimed_in(folder, readers.REGISTRY[chosen]))
    if len(found) > MOST_FILES:
        raise UnreadableFile(f"{folder.name}: holds more than {MOST_FILES} files.")
    return found


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
            unpacked = Path(folder) / "unpacked" / own_name(run.name, "folder")
            with zipfile.ZipFile(path) as archive:
                archive.extractall(unpacked)
            path = unpacked
        yield path


def _local(run: ImportRun, folder: Path) -> Path:
    """The stored file where it lies, if it lies here under its own name, and otherwise a copy.

    Its name is what the reasons state; the storage may have kept it under another.
    """
    name = own_name(run.name, "import")
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
