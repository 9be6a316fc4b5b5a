"""How long a text is and where it may break, in Latin letters and in Chinese."""

from __future__ import annotations

import re
import unicodedata

CHARACTER = 0.54
"""Average width of a Latin character of the page's sans serif, as a share of the font size."""

_OPENING = "「『（《〈【〔“‘"
_CLOSING = "」』）》〉】〕”’，。、；：！？…%％"
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U00020000-\U0003ffff"
_PIECES = re.compile(
    rf"[{_OPENING}]*(?:[{_WIDE}]|[^\s{_WIDE}{_OPENING}]+)[{_CLOSING}]*|[{_OPENING}]+|\s+"
)


def ems(text: str) -> float:
    """The width of a text in font sizes: a Chinese character takes a whole one."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else CHARACTER for c in text)


def wrapped(text: str, size: float, width: float) -> list[str]:
    """The text in lines of at most `width` pixels; it breaks at spaces and between Chinese ones.

    A word longer than a line stays whole.
    """
    lines: list[str] = []
    line = ""
    for piece in _PIECES.findall(text):
        if line and ems((line + piece).rstrip()) * size > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return [*lines, line.rstrip()] if line.strip() else lines


def shortened(lines: list[str], most: int) -> list[str]:
    """The first `most` lines, the last of them with an ellipsis where there are more."""
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], lines[most - 1].rstrip(" ,.;，。；") + "…"]
