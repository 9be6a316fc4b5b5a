"""The colours of static/css/tokens.css, for pictures that must stand without a style sheet.

A figure names colours as `var(--token)`; inside a page the browser looks them up, and `resolve`
writes the hexadecimal value for a picture or a JSON twin that leaves the page.
"""

from __future__ import annotations

import re
from typing import Any

THEMES: dict[str, dict[str, str]] = {
    "light": {
        "paper": "#fbf9f4",
        "paper-sunk": "#f3f0e8",
        "ink": "#1c1b19",
        "ink-soft": "#5a5750",
        "rule": "#d9d4c8",
        "rule-strong": "#8b867b",
        "grid": "#e7e2d7",
        "domain-capability": "#174a94",
        "domain-safety": "#0a7a5f",
        "domain-alignment": "#9049cf",
        "headline": "#1c1b19",
        "dev-openai": "#78020d",
        "dev-anthropic": "#c63dcf",
        "dev-google": "#5b9b80",
        "dev-deepseek": "#2d668f",
        "dev-xai": "#9c6703",
        "dev-meta": "#661f61",
        "dev-alibaba": "#715025",
        "dev-moonshot-ai": "#cf7a2a",
        "dev-other": "#75716a",
    },
    "dark": {
        "paper": "#10141b",
        "paper-sunk": "#181d26",
        "ink": "#e9e6df",
        "ink-soft": "#a9adb5",
        "rule": "#2e3540",
        "rule-strong": "#79808c",
        "grid": "#232a34",
        "domain-capability": "#8cc4ff",
        "domain-safety": "#4fc4b0",
        "domain-alignment": "#b183f0",
        "headline": "#e9e6df",
        "dev-openai": "#c9635d",
        "dev-anthropic": "#a96ab8",
        "dev-google": "#b2fdc5",
        "dev-deepseek": "#44aef5",
        "dev-xai": "#b8a32c",
        "dev-meta": "#f9c4fe",
        "dev-alibaba": "#fcda60",
        "dev-moonshot-ai": "#e5b591",
        "dev-other": "#9a9ea6",
    },
}

MARKS = {
    "openai": "circle",
    "anthropic": "diamond",
    "google": "square",
    "deepseek": "triangle-up",
    "xai": "x",
    "meta": "triangle-down",
    "alibaba": "star",
    "moonshot-ai": "pentagon",
}
"""The mark of each developer that has a hue of its own; all others share a grey hexagon."""

OTHER_MARK = "hexagon"
_TOKEN = re.compile(r"var\(--([a-z0-9-]+)\)")


def token(name: str) -> str:
    """`var(--name)`; KeyError for a name that the palette does not have."""
    if name not in THEMES["light"]:
        raise KeyError(name)
    return f"var(--{name})"


def series_colour(series: str) -> str:
    """The hue of a domain (also of its subdomains), ink for the headlines."""
    domain = series.split("/", 1)[0]
    return token(f"domain-{domain}" if f"domain-{domain}" in THEMES["light"] else "headline")


def developer_colour(slug: str) -> str:
    """The fixed hue of a developer, grey beyond the eight that have one."""
    return token(f"dev-{slug}" if slug in MARKS else "dev-other")


def developer_mark(slug: str) -> str:
    """The fixed Plotly symbol of a developer."""
    return MARKS.get(slug, OTHER_MARK)


def resolve(value: Any, theme: str) -> Any:
    """A copy of a figure (or text) with every `var(--token)` replaced by the theme's colour.

    Raises KeyError for an unknown theme or token.
    """
    colours = THEMES[theme]
    if isinstance(value, str):
        return _TOKEN.sub(lambda match: colours[match.group(1)], value)
    if isinstance(value, dict):
        return {key: resolve(item, theme) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(item, theme) for item in value]
    return value
