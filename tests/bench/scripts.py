"""Bytes of script that a page asks for on its own, compressed as the server sends them.

What a script element names is loaded with the page and counts. What a script loads later, on the
first pointer, focus or tap, does not; `tests/browser` checks that nothing is loaded before that.
"""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from tests.bench.fetch import Connection
from tests.bench.report import MeasurementFailed, Row
from tests.browser.pages import PAGES

TARGET_KB = 60.0


class Scripts(HTMLParser):
    """The scripts of a page: addresses named by script elements, bytes written inside them."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.inline = 0
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a script's source, also of one that is only preloaded."""
        found = dict(attrs)
        if tag == "script":
            self._inside = True
            if found.get("src"):
                self.sources.append(found["src"] or "")
        if tag == "link" and (found.get("rel") == "modulepreload" or found.get("as") == "script"):
            self.sources.append(found.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        """A script's text ends with its element."""
        if tag == "script":
            self._inside = False

    def handle_data(self, data: str) -> None:
        """Count the text of a script."""
        if self._inside:
            self.inline += len(data.encode())


def measured(port: int) -> list[Row]:
    """A row in kB (1,000 bytes) for every page."""
    with Connection(port) as connection:
        return [
            Row(f"{page} script before a tap", _bytes(connection, page) / 1000, "kB", TARGET_KB)
            for page in PAGES
        ]


def _bytes(connection: Connection, page: str) -> int:
    answer = connection.get(page)
    if answer.status != 200:
        raise MeasurementFailed(f"{page} answered {answer.status}.")
    scripts = Scripts()
    scripts.feed(answer.text())
    scripts.close()
    sources = {urljoin(page, source) for source in scripts.sources}
    return scripts.inline + sum(_sent(connection, source) for source in sources)


def _sent(connection: Connection, source: str) -> int:
    if urlsplit(source).netloc:
        raise MeasurementFailed(f"{source} is not of this site, so its size is not known.")
    answer = connection.get(source)
    if answer.status != 200:
        raise MeasurementFailed(f"{source} answered {answer.status}.")
    return len(answer.body)
