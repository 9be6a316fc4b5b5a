"""A page's markup, counted: what a browser or a screen reader would meet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "hr", "img", "path", "rect"}


@dataclass
class Table:
    """A table: whether it has a caption, and its head cells without a scope."""

    caption: bool = False
    unscoped: int = 0


@dataclass
class Markup(HTMLParser):
    """Tags with their attributes, headings, ids, tables, controls and labels of one page."""

    tags: Counter[str] = field(default_factory=Counter)
    attributes: Counter[str] = field(default_factory=Counter)
    ids: Counter[str] = field(default_factory=Counter)
    tables: list[Table] = field(default_factory=list)
    controls: list[str] = field(default_factory=list)
    labelled: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    inline_scripts: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags[tag] += 1
        self.attributes.update(found.keys())
        if "id" in found:
            self.ids[found["id"]] += 1
        if tag == "script" and "src" not in found:
            self.inline_scripts += 1
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag == "label":
            self.labelled.add(found.get("for", ""))
        if tag in {"select", "input", "textarea"} and found.get("type") != "hidden":
            self.controls.append(found.get("id", ""))
        self._table(tag, found)

    def _table(self, tag: str, found: dict[str, str]) -> None:
        if tag == "table":
            self.tables.append(Table())
        if tag == "caption":
            self.tables[-1].caption = True
        if tag == "th" and not found.get("scope"):
            self.tables[-1].unscoped += 1


def read(html: str) -> Markup:
    """The markup of a page."""
    markup = Markup()
    markup.feed(html)
    markup.close()
    return markup
