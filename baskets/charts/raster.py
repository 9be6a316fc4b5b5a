"""Pictures as PNG, drawn by resvg with one font on every machine, Chinese characters included."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore

import noto_cjk_sans_otc
import resvg_py
from django.core.cache import caches

from baskets.charts import drawing

FONT = str(noto_cjk_sans_otc.FONT_PATH)
FAMILY = "Noto Sans CJK TC"
FAMILIES = {"zh-hans": "Noto Sans CJK SC"}
"""The same characters are drawn in the forms of the reader's region."""

LARGEST = 4_000_000
"""Most pixels of one picture, so that no address can ask for endless work."""

# Of the four threads of a web process one may wait for a picture and one for its turn: two are
# always left.
_PATIENCE = 2.0
_LONGEST = 10.0
_DRAW = (sys.executable, "-I", str(Path(drawing.__file__).resolve()))
_AT_ONCE = BoundedSemaphore(1)
_PRESENT = BoundedSemaphore(2)
_SIZE = re.compile(r'<svg [^>]*?width="(\d+)" height="(\d+)"')
_BOLD = re.compile(r'fill="(#[0-9a-f]{6})"([^>]*?) font-size="([0-9.]+)" font-weight="[5-9]00"')


class PictureError(ValueError):
    """The SVG cannot be drawn: it states no size, or one that is too large."""


class BusyError(RuntimeError):
    """Too many pictures are being drawn at this moment, or this one takes too long."""


def _bold(svg: str) -> str:
    """Bold text by a thin outline of its own colour, as the font has one weight only."""
    return _BOLD.sub(
        lambda m: (
            f'fill="{m[1]}"{m[2]} font-size="{m[3]}" stroke="{m[1]}" '
            f'stroke-width="{float(m[3]) * 0.035:.2f}"'
        ),
        svg,
    )


def _zoom(svg: str, wanted: int) -> int:
    size = _SIZE.search(svg)
    if size is None:
        raise PictureError("the SVG states no size")
    pixels = int(size[1]) * int(size[2])
    zoom = max((z for z in range(1, wanted + 1) if pixels * z * z <= LARGEST), default=0)
    if not zoom:
        raise PictureError(f"{size[1]} by {size[2]} is too large for a picture")
    return zoom


def png(svg: str, *, language: str, zoom: int = 2) -> bytes:
    """The PNG of a standalone SVG in fixed colours, `zoom` pixels to a unit, or fewer if it is big.

    The same text is drawn once: the result is kept under the SVG's own hash. Raises PictureError
    for an SVG without a size, with too large a one, or that resvg refuses; BusyError where somebody
    waits already to draw, the one place to draw is not free for two seconds, or drawing takes more
    than ten.
    """
    family = FAMILIES.get(language, FAMILY)
    scale = _zoom(svg, zoom)
    digest = hashlib.sha256(f"{resvg_py.__version__} {family} {scale} {svg}".encode()).hexdigest()
    kept = caches["pictures"].get(digest)
    if isinstance(kept, bytes):
        return kept
    with _place_to_draw():
        # Whoever drew meanwhile may have drawn the same.
        kept = caches["pictures"].get(digest)
        drawn = kept if isinstance(kept, bytes) else _drawn(svg, family, scale)
    caches["pictures"].set(digest, drawn)
    return drawn


@contextmanager
def _place_to_draw() -> Iterator[None]:
    if not _PRESENT.acquire(blocking=False):
        raise BusyError
    try:
        if not _AT_ONCE.acquire(timeout=_PATIENCE):
            raise BusyError
        try:
            yield
        finally:
            _AT_ONCE.release()
    finally:
        _PRESENT.release()


def _drawn(svg: str, family: str, scale: int) -> bytes:
    request = {
        "svg_string": _bold(svg),
        "zoom": float(scale),
        "skip_system_fonts": True,
        "font_files": [FONT],
        **dict.fromkeys(("font_family", "sans_serif_family"), family),
        **dict.fromkeys(("serif_family", "monospace_family"), family),
    }
    try:
        done = subprocess.run(
            _DRAW, input=json.dumps(request).encode(), capture_output=True, timeout=_LONGEST
        )
    except subprocess.TimeoutExpired as error:
        raise BusyError from error
    if done.returncode:
        raise PictureError(done.stderr.decode(errors="replace").strip().rpartition("\n")[2])
    return done.stdout
