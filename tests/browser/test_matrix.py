"""Every public page with and without scripts, narrow and wide, light and dark, in each language.

A page meets two of the 24 combinations, in two languages and on both sides of every switch; over
all pages each pair of settings comes together.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from indexsite.languages import in_language
from tests.browser.accessibility import faults
from tests.browser.pages import PAGES, opened

LANGUAGES = ("en", "zh-hant", "zh-hans")


@dataclass(frozen=True)
class Setting:
    """How a page is looked at."""

    scripts: bool
    width: int
    theme: str
    language: str

    def __str__(self) -> str:
        scripts = "scripts" if self.scripts else "plain"
        return f"{scripts}-{self.width}-{self.theme}-{self.language}"


def settings(number: int) -> list[Setting]:
    """The two combinations of the page with this number."""
    return [
        Setting(
            scripts=(number + turn) % 2 == 0,
            width=(360, 1440)[(number // 2 + turn) % 2],
            theme=("light", "dark")[(number // 4 + turn) % 2],
            language=LANGUAGES[(number + turn) % 3],
        )
        for turn in range(2)
    ]


CASES = [(page, setting) for number, page in enumerate(PAGES) for setting in settings(number)]


def test_every_pair_of_settings_comes_together() -> None:
    met = {
        pair for _page, s in CASES for pair in itertools.combinations(map(str, vars(s).values()), 2)
    }
    values = [("True", "False"), ("360", "1440"), ("light", "dark"), LANGUAGES]
    for one, other in itertools.combinations(values, 2):
        assert set(itertools.product(one, other)) <= met


@pytest.mark.parametrize(("address", "setting"), CASES, ids=lambda case: str(case))
def test_it_is_accessible_and_keeps_to_its_policy(
    browser: Browser, live_site: str, address: str, setting: Setting
) -> None:
    context = browser.new_context(
        viewport={"width": setting.width, "height": 900},
        color_scheme="dark" if setting.theme == "dark" else "light",
    )
    try:
        page = context.new_page()
        if not setting.scripts:
            # axe itself needs a page that can run it: only the site's own scripts stay away.
            page.route(re.compile(r"/static/.*\.js"), lambda route: route.fulfill(body=""))
        watch = opened(page, live_site + in_language(address, setting.language))
        assert page.evaluate("document.documentElement.scrollWidth") <= setting.width
        assert faults(page) == []
        assert watch.errors == []
    finally:
        context.close()
