"""SVG becomes PNG with one font, Chinese included, and with bounded work."""

from __future__ import annotations

import struct
import time
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore

import pytest
from django.core.cache import caches

from baskets.charts import raster
from baskets.charts.measure import ems, shortened, wrapped
from tests.baskets.charts.pixels import decoded

PAPER = "#fbf9f4"


def svg(text: str, *, width: int = 200, height: int = 40, weight: str = "") -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'font-family="sans-serif"><rect width="{width}" height="{height}" fill="{PAPER}"/>'
        '<text x="4" y="28" fill="#1c1b19" text-anchor="start" font-size="24"'
        f"{weight}>{text}</text></svg>"
    )


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    caches["pictures"].clear()


def test_it_draws_two_pixels_to_a_unit() -> None:
    picture = decoded(raster.png(svg("x"), language="en"))
    assert (picture.width, picture.height) == (400, 80)


@pytest.mark.parametrize("text", ["Index", "能力指數", "能力指数", "−40 · 95%"])
def test_it_draws_every_letter_of_the_site(text: str) -> None:
    assert decoded(raster.png(svg(text), language="zh-hant")).ink(8, 10, 396, 70) > 200


def test_it_draws_no_box_for_a_missing_letter() -> None:
    one, other = (decoded(raster.png(svg(c), language="en")) for c in "能力")
    assert one.box(0, 0, 80, 80) != other.box(0, 0, 80, 80)


def test_it_draws_a_character_in_the_form_of_the_region() -> None:
    assert raster.png(svg("直骨"), language="zh-hant") != raster.png(
        svg("直骨"), language="zh-hans"
    )


def test_it_draws_bold_text_with_more_ink() -> None:
    plain = decoded(raster.png(svg("Index"), language="en")).ink(0, 0, 400, 80)
    bold = decoded(raster.png(svg("Index", weight=' font-weight="600"'), language="en"))
    assert bold.ink(0, 0, 400, 80) > plain * 1.03


def test_it_draws_the_same_picture_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = raster.png(svg("once"), language="en")
    monkeypatch.setattr(raster, "_AT_ONCE", BoundedSemaphore(1))
    monkeypatch.setattr(raster, "_PATIENCE", 0.01)
    with raster._AT_ONCE:
        assert raster.png(svg("once"), language="en") == first


def test_it_keeps_a_large_picture_within_its_pixels() -> None:
    drawn = raster.png(svg("x", width=1500, height=1500), language="en")
    # The header's first two numbers: https://www.w3.org/TR/png-3/#11IHDR
    assert struct.unpack(">II", drawn[16:24]) == (1500, 1500)


def test_other_threads_go_on_while_it_draws() -> None:
    turns = 0
    with ThreadPoolExecutor(1) as pool:
        drawing = pool.submit(raster.png, svg("x", width=1500, height=1500), language="en")
        while not drawing.done():
            time.sleep(0.01)
            turns += 1
    # resvg itself lets nobody else have a turn.
    assert drawing.result() and turns > 5


def test_it_gives_up_a_picture_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster, "_LONGEST", 0.001)
    with pytest.raises(raster.BusyError):
        raster.png(svg("long"), language="en")


BROKEN = svg("x").replace("</text>", "")


@pytest.mark.parametrize("made", ["<svg></svg>", svg("x", width=3000, height=3000), BROKEN])
def test_it_refuses_what_it_cannot_bound(made: str) -> None:
    with pytest.raises(raster.PictureError):
        raster.png(made, language="en")


def test_it_says_so_when_all_places_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster, "_PATIENCE", 0.01)
    with raster._AT_ONCE, pytest.raises(raster.BusyError):
        raster.png(svg("busy"), language="en")


def test_no_more_than_two_requests_hold_a_thread_for_pictures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(raster, "_PATIENCE", 60.0)
    with raster._PRESENT, raster._PRESENT, pytest.raises(raster.BusyError):
        raster.png(svg("third"), language="en")


def test_it_measures_a_chinese_character_as_a_whole_em() -> None:
    assert ems("能力") == 2.0
    assert ems("ab") == pytest.approx(1.08)


@pytest.mark.parametrize(
    "text", ["能力指數達到，由系統設定。線是前沿", "The line is the frontier so far"]
)
def test_it_breaks_lines_within_the_width_and_loses_nothing(text: str) -> None:
    lines = wrapped(text, 10, 60)
    assert len(lines) > 1 and max(ems(line) * 10 for line in lines) <= 60
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_it_begins_no_line_with_a_closing_mark() -> None:
    assert not [line for line in wrapped("一二三四五，六七八九十。", 10, 50) if line[0] in "，。"]


def test_it_says_that_a_text_goes_on() -> None:
    assert shortened(["one", "two,", "three"], 2) == ["one", "two…"]
