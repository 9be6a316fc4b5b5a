"""The palette in Python is the one in the style sheet, and can be read."""

from __future__ import annotations

import math
import re
from itertools import combinations
from pathlib import Path

import pytest

from baskets.charts import palette

CSS = Path(__file__).parents[3] / "static" / "css" / "tokens.css"
TEXT = ("ink", "ink-soft", "domain-capability", "domain-safety", "domain-alignment", "headline")


def sheet() -> dict[str, dict[str, str]]:
    text = CSS.read_text(encoding="utf-8")
    light, dark = text.split("@media screen and (prefers-color-scheme: dark)")
    found = {}
    for theme, part in (("light", light), ("dark", dark)):
        found[theme] = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", part))
    return found


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_it_measures_the_contrast_of_black_on_white_as_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)


@pytest.mark.parametrize("theme", palette.THEMES)
def test_it_has_the_colours_of_the_style_sheet(theme: str) -> None:
    css = sheet()[theme]
    assert {name: css[name] for name in palette.THEMES[theme]} == palette.THEMES[theme]


@pytest.mark.parametrize("theme", palette.THEMES)
@pytest.mark.parametrize("name", [*TEXT, "link"])
def test_it_keeps_text_readable_on_both_papers(theme: str, name: str) -> None:
    css = sheet()[theme]
    assert contrast(css[name], css["paper"]) >= 4.5
    assert contrast(css[name], css["paper-sunk"]) >= 4.5


@pytest.mark.parametrize("theme", palette.THEMES)
def test_it_keeps_marks_visible_on_paper(theme: str) -> None:
    colours = palette.THEMES[theme]
    marks = [name for name in colours if name.startswith(("dev-", "domain-"))]
    marks += ["rule-strong"]
    assert min(contrast(colours[name], colours["paper"]) for name in marks) >= 3.0


def test_it_gives_no_developer_the_hue_of_a_domain() -> None:
    for colours in palette.THEMES.values():
        domains = {colours[name] for name in colours if name.startswith("domain-")}
        assert not domains & {colours[name] for name in colours if name.startswith("dev-")}


def test_it_gives_every_known_developer_a_mark_of_its_own() -> None:
    assert len(set(palette.MARKS.values())) == len(palette.MARKS) == 8
    assert palette.OTHER_MARK not in palette.MARKS.values()


def test_it_gives_all_other_developers_one_grey_mark() -> None:
    assert palette.developer_colour("zhipu-ai") == palette.developer_colour("minimax")
    assert palette.developer_mark("zhipu-ai") == palette.OTHER_MARK


def test_it_resolves_every_token_at_any_depth() -> None:
    value = {"a": ["var(--ink)", {"b": "1px var(--paper)"}], "n": 3, "z": None}
    assert palette.resolve(value, "light") == {
        "a": ["#1c1b19", {"b": "1px #fbf9f4"}], "n": 3, "z": None,
    }  # fmt: skip


def test_it_refuses_a_token_that_it_does_not_have() -> None:
    with pytest.raises(KeyError):
        palette.resolve("var(--nothing)", "dark")
    with pytest.raises(KeyError):
        palette.token("nothing")


def test_it_colours_a_subdomain_as_its_domain() -> None:
    assert palette.series_colour("safety/bias") == palette.series_colour("safety")
    assert palette.series_colour("balanced") == "var(--headline)"


# Severe colour-vision deficiency by Machado, Oliveira and Fernandes (2009), table of severity 1.0,
# applied to linear sRGB.
SEEN = {
    "by most people": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "without red cones": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "without green cones": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}
Vector = tuple[float, ...]


def times(matrix: tuple[Vector, ...], vector: Vector) -> Vector:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)


def oklab(colour: str, seen: str) -> Vector:
    """The colour in Oklab (Ottosson 2020), times 100, as it is seen."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    reached = tuple(min(max(channel, 0.0), 1.0) for channel in times(SEEN[seen], linear))
    cones = tuple(math.cbrt(cone) for cone in times(TO_CONES, reached))
    return tuple(100 * part for part in times(TO_LAB, cones))


def nearest(theme: str, group: str, seen: str) -> float:
    """The smallest distance between two colours of a group."""
    colours = [c for name, c in palette.THEMES[theme].items() if name.startswith(group)]
    return min(math.dist(oklab(a, seen), oklab(b, seen)) for a, b in combinations(colours, 2))


def test_it_measures_black_and_white_as_a_hundred_apart() -> None:
    ends = [oklab(colour, "by most people") for colour in ("#000000", "#ffffff")]
    assert math.dist(*ends) == pytest.approx(100, abs=0.1)


def test_it_measures_red_and_green_as_near_without_green_cones() -> None:
    pair = ("#c2410c", "#7a6800")
    near, far = (
        math.dist(*(oklab(colour, seen) for colour in pair))
        for seen in ("without green cones", "by most people")
    )
    assert near < far / 2


@pytest.mark.parametrize("seen", SEEN)
@pytest.mark.parametrize("theme", palette.THEMES)
def test_it_tells_developers_apart_for_the_colour_blind(theme: str, seen: str) -> None:
    assert nearest(theme, "dev-", seen) >= 8.0


@pytest.mark.parametrize("seen", SEEN)
@pytest.mark.parametrize("theme", palette.THEMES)
def test_it_tells_domains_apart_for_the_colour_blind(theme: str, seen: str) -> None:
    assert nearest(theme, "domain-", seen) >= 10.0


@pytest.mark.parametrize("theme", palette.THEMES)
def test_it_has_the_colours_of_the_sheet_that_fixes_a_theme(theme: str) -> None:
    fixed = (CSS.parent / f"theme-{theme}.css").read_text(encoding="utf-8")
    assert dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", fixed)) == sheet()[theme]
