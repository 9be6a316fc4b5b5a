"""Folders, and archives in their place: names inside them, and nothing outside them."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from evals.readers import _source
from evals.records import UnreadableFile

MOST_FILES = 10_000
MOST_LEVELS = 5
# The list of an archive's files; 100 bytes or so for each.
LARGEST_DIRECTORY = 64 << 20

# Inspect packs its logs so; the standard library reads it only from Python 3.14.
_ZSTD_METHOD = 93
# The others unpack without a bound on what one read gives.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, _ZSTD_METHOD)
_PIECE = 64 << 10
_END = struct.Struct("<4s4H2LH")
_END64_PLACE = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCAL = struct.Struct("<4s5H3L2H")
_BROKEN = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    struct.error,
    UnicodeError,
    *_source.BROKEN,
)


class Tree:
    """The files below a folder or in an archive, by their paths with forward slashes."""

    def __init__(self, name: str) -> None:
        self.name = name

    def names(self) -> tuple[str, ...]:
        """The paths, sorted."""
        raise NotImplementedError

    def open(self, name: str) -> BinaryIO:
        """The content of one; UnreadableFile where it cannot be had or leads outside."""
        raise NotImplementedError

    def document(self, name: str, largest: int = _source.LARGEST_DOCUMENT) -> str:
        """The whole text of one."""
        return _source.document(name, self.open(name), largest)


class Folder(Tree):
    """A folder; links in it are not followed."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.resolve().name or str(path))
        self._path = path

    def names(self) -> tuple[str, ...]:
        found = sorted(self._below(self._path, "", 1))
        return tuple(found)

    def _below(self, path: Path, prefix: str, level: int) -> Iterator[str]:
        count = 0
        try:
            entries = os.scandir(path)
        except OSError as error:
            raise UnreadableFile(f"{path.name}: cannot be opened ({error.strerror}).") from error
        with entries:
            for entry in entries:
                count += 1
                if count > MOST_FILES:
                    raise UnreadableFile(f"{self.name}: holds more than {MOST_FILES} files.")
                if not entry.is_dir(follow_symlinks=False):
                    yield prefix + entry.name
                elif level < MOST_LEVELS:
                    yield from self._below(Path(entry.path), f"{prefix}{entry.name}/", level + 1)

    def open(self, name: str) -> BinaryIO:
        path = self._path / name
        if path.is_symlink():
            raise UnreadableFile(f"{name}: is a link, and links in a folder are not followed.")
        if not path.is_file():
            raise UnreadableFile(f"{name}: is not a file in {self.name}.")
        return _source.open_bytes(path)


class Archive(Tree):
    """A zip archive. It is read in place and never unpacked to the disk."""

    def __init__(self, path: Path, file: zipfile.ZipFile, raw: BinaryIO) -> None:
        super().__init__(path.name)
        self._file = file
        self._raw = raw

    def names(self) -> tuple[str, ...]:
        # `is_dir` takes no empty name, which a damaged archive may hold.
        listed = [info.filename for info in self._file.infolist() if info.filename[-1:] != "/"]
        for name in listed:
            if name.startswith("/") or "\\" in name or ".." in PurePosixPath(name).parts:
                raise UnreadableFile(
                    f"{self.name}: holds {name!r:.80}, which leads outside of the archive."
                )
        if len(set(listed)) != len(listed):
            raise UnreadableFile(f"{self.name}: holds two files of one name.")
        return tuple(sorted(listed))

    def open(self, name: str) -> BinaryIO:
        try:
            info = self._file.getinfo(name)
        except KeyError:
            raise UnreadableFile(f"{self.name}: holds no {name}.") from None
        if stat.S_ISLNK(info.external_attr >> 16):
            raise UnreadableFile(f"{self.name}: {name} is a link, and links are not followed.")
        if info.flag_bits & 1:
            raise UnreadableFile(f"{self.name}: {name} is encrypted.")
        if info.compress_type not in _METHODS:
            raise UnreadableFile(f"{self.name}: {name} is packed in a way that is not read.")
        pieces = self._zstd(info) if info.compress_type == _ZSTD_METHOD else self._plain(info)
        return _source.unpacked(
            f"{self.name}: {name}", _guarded(pieces), lambda: info.compress_size
        )

    def _plain(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        with self._file.open(info) as member:
            while piece := member.read(_PIECE):
                yield piece

    def _zstd(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        self._raw.seek(info.header_offset)
        fields = _LOCAL.unpack(self._raw.read(_LOCAL.size))
        self._raw.seek(info.header_offset + _LOCAL.size + fields[9] + fields[10])
        check = 0
        for piece in _source.unzstd(self._raw, info.compress_size):
            check = zlib.crc32(piece, check)
            yield piece
        if check != info.CRC:
            raise OSError("its check sum is another")


def _guarded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from pieces
    except _BROKEN as error:
        raise OSError(str(error) or type(error).__name__) from error


@contextmanager
def opened(path: Path) -> Iterator[Tree]:
    """The tree at `path`, a folder or a zip archive; UnreadableFile where it is neither."""
    if path.is_dir():
        yield Folder(path)
        return
    with _source.open_file(path) as raw:
        _check_directory(path.name, raw)
        try:
            file = zipfile.ZipFile(raw)
        except _BROKEN as error:
            raise UnreadableFile(f"{path.name}: the archive cannot be read ({error}).") from error
        with file, _source.open_file(path) as second:
            yield Archive(path, file, second)


def is_tree(path: Path) -> bool:
    """Whether the path is a folder or ends as a zip archive does."""
    return path.is_dir() or (path.is_file() and zipfile.is_zipfile(path))


def names(path: Path) -> frozenset[str]:
    """The names in a tree for a reader to judge by; none where it cannot be read."""
    if not is_tree(path):
        return frozenset()
    try:
        with opened(path) as tree:
            return frozenset(tree.names())
    except UnreadableFile:
        return frozenset()


def _check_directory(name: str, raw: BinaryIO) -> None:
    """Refuse an archive whose list of files is too long to hold in memory, before it is read."""
    size = raw.seek(0, os.SEEK_END)
    start = raw.seek(max(0, size - _END.size - 65_535))
    tail = raw.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        raise UnreadableFile(f"{name}: the archive cannot be read (it has no end).")
    length = _END.unpack_from(tail, at)[5]
    place = start + at - _END64_PLACE.size
    if length == 0xFFFFFFFF and place >= 0:
        raw.seek(place)
        mark, _, offset, _ = _END64_PLACE.unpack(raw.read(_END64_PLACE.size))
        if mark == b"PK\6\7" and offset + _END64.size <= size:
            raw.seek(offset)
            length = _END64.unpack(raw.read(_END64.size))[8]
    if length > LARGEST_DIRECTORY:
        raise UnreadableFile(f"{name}: the archive's list of files is too long.")
    raw.seek(0)
