"""Draw the README's pictures from a running site: `python -m tests.browser.gallery [ADDRESS]`.

Chromium itself turns each screenshot into WebP, so that the pictures stay small.
"""

from __future__ import annotations

import base64
import sys
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from indexsite.env import ROOT
from tests import browsers

FOLDER = ROOT / "docs" / "pictures"
ADDRESS = "http://localhost:8000"
QUALITY = 0.8
TO_WEBP = """
async ([source, quality]) => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", quality);
}
"""


@dataclass(frozen=True)
class Shot:
    """One picture: its file's name, the page, what is scrolled to its top, and the window."""

    name: str
    path: str
    top: str = "body"
    width: int = 1280
    height: int = 960
    scheme: Literal["light", "dark"] = "light"


SHOTS = (
    Shot("home", "/"),
    Shot("home-phone", "/", width=360, height=740),
    Shot("highlight", "/?developers=anthropic", top="#frontier"),
    Shot("generations", "/generations/", scheme="dark"),
    Shot("system", "/systems/claude-opus-5.5/?series=capability", top="#contributions"),
    Shot("compare", "/compare/?systems=claude-opus-4.5,gpt-5.2,gemini-3-pro&series=capability"),
    Shot("release", "/releases/12/"),
)


def main() -> None:
    """Write every picture, and say how large it is."""
    address = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else ADDRESS
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        path = browsers.chromium(playwright)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for shot in SHOTS:
            file = FOLDER / f"{shot.name}.webp"
            file.write_bytes(picture(browser, address, shot))
            print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1024:.0f} kB")
        browser.close()


def picture(browser: Browser, address: str, shot: Shot) -> bytes:
    """The first view of a page, or of a part of it, as WebP; ValueError for a page with a fault."""
    page = browser.new_page(
        viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.scheme
    )
    answer = page.goto(address + shot.path)
    if answer is None or not answer.ok:
        raise ValueError(f"{shot.path} did not answer well.")
    page.locator(shot.top).first.evaluate("part => part.scrollIntoView()")
    drawn = base64.b64encode(page.screenshot()).decode()
    # The page's own policy would forbid a picture from a data address: an empty page has none.
    page.goto("about:blank")
    made: str = page.evaluate(TO_WEBP, [f"data:image/png;base64,{drawn}", QUALITY])
    page.close()
    return base64.b64decode(made.partition(",")[2])


if __name__ == "__main__":
    main()
