"""Folders, and archives in their place: names inside them, and nothing outside them."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from evals.readers import _source
from evals.records import RejectedRow, UnreadableFile

MOST_FILES = 10_000
MOST_LEVELS = 5
DEEPEST = 20
LONGEST_NAME = 1_000
MOST_REASONS = 5
UNKNOWN = "is of no known format"
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
        """The paths of what can be read, sorted."""
        raise NotImplementedError

    def refused(self) -> Mapping[str, str]:
        """The paths of what is not read, whatever it holds, each with why."""
        return {}

    def open(self, name: str) -> BinaryIO:
        """The content of one; UnreadableFile where it cannot be had or leads outside."""
        raise NotImplementedError

    def document(self, name: str, largest: int = _source.LARGEST_DOCUMENT) -> str:
        """The whole text of one."""
        return _source.document(name, self.open(name), largest)

    def lacks(self, what: str) -> UnreadableFile:
        """The error of a tree that holds none of what is looked for."""
        reasons = [f"{name} {why}" for name, why in list(self.refused().items())[:MOST_REASONS]]
        return UnreadableFile(f"{self.name}: {'; '.join([*reasons, f'holds {what}'])}.")


class Folder(Tree):
    """A folder; links in it are not followed."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.resolve().name or str(path))
        self._path = path

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(name for name, why in self._found if not why))

    def refused(self) -> Mapping[str, str]:
        return {name: why for name, why in sorted(self._found) if why}

    @cached_property
    def _found(self) -> list[tuple[str, str]]:
        return list(self._below(self._path, "", 1))

    def _below(self, path: Path, prefix: str, level: int) -> Iterator[tuple[str, str]]:
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
                    yield prefix + entry.name, unlike_a_file(Path(entry.path))
                elif level < MOST_LEVELS:
                    yield from self._below(Path(entry.path), f"{prefix}{entry.name}/", level + 1)

    def open(self, name: str) -> BinaryIO:
        path = self._path / name
        if why := unlike_a_file(path):
            raise UnreadableFile(f"{name}: {why}.")
        if not path.is_file():
            raise UnreadableFile(f"{name}: is not a file in {self.name}.")
        return _source.open_bytes(path)


def unlike_a_file(path: Path) -> str:
    """Why something in a folder is not read, whatever it holds; empty for a plain file."""
    if path.is_symlink():
        return "is a link, and links in a folder are not followed"
    return "is no plain file" if path.exists() and not path.is_file() else ""


class Archive(Tree):
    """A zip archive. It is read in place and never unpacked to the disk."""

    def __init__(self, path: Path, file: zipfile.ZipFile, raw: BinaryIO) -> None:
        super().__init__(path.name)
        self._file = file
        self._raw = raw

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(name for name, why in self._listed.items() if not why))

    def refused(self) -> Mapping[str, str]:
        return {name: why for name, why in self._listed.items() if why}

    @cached_property
    def _listed(self) -> dict[str, str]:
        # `is_dir` takes no empty name, which a damaged archive may hold.
        files = [info for info in self._file.infolist() if info.filename[-1:] != "/"]
        if len(files) > MOST_FILES:
            raise UnreadableFile(f"{self.name}: holds more than {MOST_FILES} files.")
        times = Counter(info.filename for info in files)
        return {info.filename: _unlike_a_member(info, times[info.filename]) for info in files}

    def open(self, name: str) -> BinaryIO:
        if name not in self._listed:
            raise UnreadableFile(f"{self.name}: holds no {name}.")
        if why := self._listed[name]:
            raise UnreadableFile(f"{self.name}: {name} {why}.")
        info = self._file.getinfo(name)
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


def _short(name: str) -> bool:
    """Whether a name is one that people make: each of its folders is looked at by itself."""
    return len(name) <= LONGEST_NAME and name.count("/") <= DEEPEST


def _unlike_a_member(info: zipfile.ZipInfo, times: int) -> str:
    """Why a file of an archive is not read, whatever it holds; empty where it is."""
    name = info.filename
    if name.startswith("/") or "\\" in name or ".." in PurePosixPath(name).parts:
        return "leads outside of the archive"
    if not _short(name):
        return f"lies deeper than {DEEPEST} folders or has a name of over {LONGEST_NAME} letters"
    if times > 1:
        return "stands in it twice"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a link, and links are not followed"
    if info.flag_bits & 1:
        return "is encrypted"
    return "" if info.compress_type in _METHODS else "is packed in a way that is not read"


class Part(Tree):
    """Those files of a tree below a folder in it that somebody claims, named from there."""

    def __init__(self, tree: Tree, below: str, claimed: Collection[str]) -> None:
        super().__init__(tree.name)
        self._tree = tree
        self._below = below
        self._claimed = tuple(sorted(claimed))

    def names(self) -> tuple[str, ...]:
        return self._claimed

    def open(self, name: str) -> BinaryIO:
        return self._tree.open(self._below + name)


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
            return frozenset(filter(_short, (*tree.names(), *tree.refused())))
    except UnreadableFile:
        return frozenset()


def is_of(path: Path, claims: Callable[[frozenset[str]], frozenset[str]]) -> bool:
    """Whether a tree holds what is claimed; an archive is of one format where it holds no more."""
    found = names(path)
    claimed = claims(found)
    return bool(claimed) and (path.is_dir() or visible(found) <= claimed)


def visible(names: Collection[str]) -> frozenset[str]:
    """The names without those that begin with a dot, and without what macOS packs beside files."""
    return frozenset(
        name
        for name in names
        if not name.rpartition("/")[2].startswith(".") and not name.startswith("__MACOSX/")
    )


def unread(tree: Tree, claimed: Collection[str]) -> Iterator[RejectedRow]:
    """A row for each file of a tree that nobody reads, with why."""
    left = dict.fromkeys(visible(tree.names()) - set(claimed), UNKNOWN)
    for name, why in sorted({**left, **tree.refused()}.items()):
        shown = ascii(name) if not name.isprintable() else name
        yield RejectedRow(line=1, reason=f"{tree.name}: {shown:.300} {why}")


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
