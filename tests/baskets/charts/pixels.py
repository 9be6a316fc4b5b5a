"""Reading a PNG back, so that tests can look for ink in it."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """Width, height and the rows of an 8-bit RGB or RGBA picture, `channels` bytes to a pixel."""

    width: int
    height: int
    channels: int
    rows: tuple[bytes, ...]

    def ink(self, left: int, top: int, right: int, bottom: int) -> int:
        """How many pixels in a box differ from the picture's first one, which is paper."""
        size, paper = self.channels, self.rows[0][: self.channels]
        return sum(
            row[at : at + size] != paper
            for row in self.rows[top:bottom]
            for at in range(left * size, right * size, size)
        )

    def box(self, left: int, top: int, right: int, bottom: int) -> bytes:
        """The bytes of a box, row by row."""
        size = self.channels
        return b"".join(row[left * size : right * size] for row in self.rows[top:bottom])


def _paeth(a: int, b: int, c: int) -> int:
    distances = (abs(b - c), abs(a - c), abs(a + b - 2 * c))
    return (a, b, c)[distances.index(min(distances))]


def _unfiltered(kind: int, line: bytearray, above: bytes, size: int) -> bytes:
    for at in range(len(line)):
        left = line[at - size] if at >= size else 0
        corner = above[at - size] if at >= size else 0
        guess = (0, left, above[at], (left + above[at]) // 2, _paeth(left, above[at], corner))
        line[at] = (line[at] + guess[kind]) & 255
    return bytes(line)


def decoded(png: bytes) -> Picture:
    """The picture of a PNG that is not interlaced."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, head = 8, b"", b""
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        head, packed = (
            (body if kind == b"IHDR" else head),
            packed + (body if kind == b"IDAT" else b""),
        )
        at += 12 + length
    width, height, depth, colour, *_rest = struct.unpack(">IIBBBBB", head)
    assert depth == 8
    channels = {2: 3, 6: 4}[colour]
    raw, wide = zlib.decompress(packed), width * channels
    rows, above = [], bytes(wide)
    for number in range(height):
        start = number * (wide + 1)
        above = _unfiltered(
            raw[start], bytearray(raw[start + 1 : start + 1 + wide]), above, channels
        )
        rows.append(above)
    return Picture(width, height, channels, tuple(rows))
