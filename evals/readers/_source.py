"""Opening what strangers wrote: packed or plain, in bounded memory, in a known encoding.

Every failure is an UnreadableFile that names the file and, where there is one, the line.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import zstandard

from evals.records import UnreadableFile

LONGEST_LINE = 1_000_000
LARGEST_DOCUMENT = 32 << 20
# A file may unpack to this much, and beyond the first part of it only to so many times its size.
MOST_UNPACKED = 8 << 30
FREE_UNPACKED = 64 << 20
MOST_RATIO = 200
HEAD = 64 << 10

_PIECE = 64 << 10
# One zstandard block of 4 bytes may stand for 128 KiB, so the pieces given to it are small.
_ZSTD_PIECE = 256
_ZSTD_WINDOW = 128 << 20
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # Before UTF-16, whose little-endian mark begins as this one does.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BROKEN = (EOFError, OSError, zlib.error, zstandard.ZstdError)


class Bounded(io.RawIOBase):
    """A stream of unpacked pieces that ends with UnreadableFile where it grows out of proportion.

    `packed` tells how many packed bytes have been taken so far.
    """

    def __init__(self, name: str, pieces: Iterator[bytes], packed: Callable[[], int]) -> None:
        super().__init__()
        self._name = name
        self._pieces = pieces
        self._packed = packed
        self._rest = memoryview(b"")
        self._total = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            try:
                piece = next(self._pieces, None)
            except BROKEN as error:
                raise UnreadableFile(
                    f"{self._name}: cannot be unpacked; it is damaged or cut short ({error})."
                ) from error
            if piece is None:
                return 0
            self._rest = memoryview(piece)
            self._check(len(piece))
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def _check(self, more: int) -> None:
        self._total += more
        if self._total > MOST_UNPACKED:
            raise UnreadableFile(f"{self._name}: unpacks to more than {MOST_UNPACKED} bytes.")
        if self._total > max(FREE_UNPACKED, MOST_RATIO * self._packed()):
            raise UnreadableFile(
                f"{self._name}: unpacks to more than {MOST_RATIO} times its size, "
                "which no log does."
            )


def open_file(path: Path) -> io.BufferedReader:
    """The bytes of a file as they lie; UnreadableFile for a folder, a pipe or a device."""
    if not path.is_file():
        raise UnreadableFile(f"{path.name}: there is no such file.")
    try:
        return path.open("rb")
    except OSError as error:
        raise UnreadableFile(f"{path.name}: cannot be opened ({error.strerror}).") from error


def open_bytes(path: Path) -> BinaryIO:
    """The content of a file, unpacked where it is gzip or zstandard by its first bytes."""
    file = open_file(path)
    mark = file.peek(4)[:4]
    if mark.startswith(_GZIP):
        return unpacked(path.name, _gunzip(file), file.tell)
    if mark == _ZSTD:
        return unpacked(path.name, unzstd(file), file.tell)
    return file


def unpacked(name: str, pieces: Iterator[bytes], packed: Callable[[], int]) -> BinaryIO:
    """The pieces as one bounded stream."""
    return io.BufferedReader(Bounded(name, pieces, packed), _PIECE)


def _gunzip(file: BinaryIO) -> Iterator[bytes]:
    with file, gzip.GzipFile(fileobj=file) as packed:
        while piece := packed.read(_PIECE):
            yield piece


def unzstd(file: BinaryIO, size: int | None = None) -> Iterator[bytes]:
    """The pieces of one or more zstandard frames in the next `size` bytes, or in all of `file`."""
    unpacker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    frame, begun, left = unpacker.decompressobj(), False, size
    while piece := file.read(_ZSTD_PIECE if left is None else min(_ZSTD_PIECE, left)):
        if left is not None:
            left -= len(piece)
        while piece:
            out = frame.decompress(piece)
            if out:
                yield out
            begun, piece = not frame.eof, frame.unused_data if frame.eof else b""
            if frame.eof:
                frame = unpacker.decompressobj()
    if begun:
        raise EOFError("a frame has no end")


def open_text(binary: BinaryIO) -> io.TextIOWrapper:
    """Text with its line endings as they stand, in the encoding of its mark, else in UTF-8."""
    buffered = binary if isinstance(binary, io.BufferedReader) else io.BufferedReader(binary)  # type: ignore[type-var]
    start = buffered.peek(4)[:4]
    encoding = next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")
    return io.TextIOWrapper(buffered, encoding=encoding, newline="")


def lines(name: str, binary: BinaryIO, longest: int = LONGEST_LINE) -> Iterator[str]:
    """The lines of a text, each of at most `longest` characters, with their endings."""
    count = 0
    with open_text(binary) as text:
        try:
            while line := text.readline(longest + 1):
                count += 1
                if len(line) > longest:
                    raise UnreadableFile(f"{name}, line {count}: longer than {longest} characters.")
                yield line
        except UnicodeError as error:
            raise UnreadableFile(not_text(name, text.encoding, error, count)) from error


def not_text(name: str, encoding: str, error: UnicodeError, after: int) -> str:
    """Why a text cannot be decoded; it is read ahead, so the place is one that was still good."""
    label = encoding.removesuffix("-sig").upper()
    reason = getattr(error, "reason", error)
    place = f", after line {after}" if after else ""
    return f"{name}{place}: not {label} text ({reason})."


def document(name: str, binary: BinaryIO, largest: int = LARGEST_DOCUMENT) -> str:
    """A whole text of at most `largest` characters."""
    with open_text(binary) as text:
        try:
            found = text.read(largest + 1)
        except UnicodeError as error:
            raise UnreadableFile(not_text(name, text.encoding, error, 0)) from error
    if len(found) > largest:
        raise UnreadableFile(f"{name}: longer than {largest} characters.")
    return found


def head(path: Path, size: int = HEAD) -> str:
    """The first characters of a file for a reader to judge by; empty where it has none to give."""
    if not path.is_file():
        return ""
    try:
        with open_bytes(path) as binary:
            # Text that cannot be decoded is known by its header too; reading it says the rest.
            return decoded(binary.read(size))
    except UnreadableFile:
        return ""


def decoded(start: bytes) -> str:
    """The start of a text, with a mark in place of what cannot be decoded."""
    encoding = next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")
    return start.decode(encoding, errors="replace")
