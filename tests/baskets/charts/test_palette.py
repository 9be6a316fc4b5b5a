"""The palette in Python is the one in the style sheet, and can be read."""

from __future__ import annotations

import re
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
