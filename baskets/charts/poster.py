"""A chart as a picture that can leave the site, with its title, key and release."""

from __future__ import annotations

from html import escape

from django.utils.translation import gettext as _

from baskets.charts import palette, svg, words
from baskets.charts.chart import Chart
from baskets.charts.marks import hollow, outline
from baskets.charts.measure import ems, wrapped
from baskets.models import Release

SIDE, LINE, KEY_WIDTH = 16, 17, 15


def _key(chart: Chart, left: float, top: float, right: float) -> tuple[str, float]:
    """The key in as many rows as it needs, and the height it takes."""
    parts, x, y = [], left, top
    for key in chart.keys:
        wide = KEY_WIDTH + ems(key.label) * 12 + 18
        if x + wide > right and x > left:
            x, y = left, y + LINE
        inside = "var(--paper)" if hollow(key.symbol) else key.colour
        path = outline(key.symbol, x + 5, y, 8)
        parts.append(f'<path d="{path}" fill="{inside}" stroke="{key.colour}"/>')
        parts.append(svg.text(x + KEY_WIDTH, y, key.label, colour="var(--ink-soft)"))
        x += wide
    return "".join(parts), (y - top + LINE + 4) if chart.keys else 0.0


def _stamp(release: Release) -> str:
    return _("%(basket)s, release %(number)s, known on %(day)s, %(hash)s") % {
        "basket": release.basket.name,
        "number": release.number,
        "day": words.day(release.vintage_on),
        "hash": release.sha256[:16],
    }


def poster(chart: Chart, release: Release, theme: str) -> str:
    """The standalone SVG: title, subtitle, chart, key, and the release with part of its hash."""
    width, height = chart.wide_size
    wide = max(width, 480) + 2 * SIDE
    titles = wrapped(chart.title, 18, wide - 2 * SIDE)
    lines = wrapped(chart.subtitle, 12, wide - 2 * SIDE)
    parts, y = [], 22.0
    for title in titles:
        parts.append(svg.text(SIDE, y, title, colour="var(--ink)", size=18, weight=600))
        y += 22
    for line in lines:
        parts.append(svg.text(SIDE, y, line, colour="var(--ink-soft)"))
        y += LINE
    parts.append(_drawing(chart, y))
    y += height + 10
    key, taken = _key(chart, SIDE, y, wide - SIDE)
    y += taken
    parts += [key, svg.text(SIDE, y + 4, _stamp(release), colour="var(--ink-soft)", size=11)]
    tall = round(y + 18)
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{tall}" '
        f'viewBox="0 0 {wide} {tall}" font-family="{svg.SANS}" role="img" '
        f'aria-label="{escape(chart.title)}">'
        f'<rect width="{wide}" height="{tall}" fill="var(--paper)"/>{"".join(parts)}</svg>'
    )
    return str(palette.resolve(drawn, theme))


def _drawing(chart: Chart, top: float) -> str:
    width, height = chart.wide_size
    inner = svg.render(
        chart.wide,
        width=width,
        height=height,
        title=chart.title,
        description=chart.description,
        ident=f"{chart.ident}-p",
    )
    place = f'x="{SIDE}" y="{top:.0f}" width="{width}" height="{height}"'
    return inner.replace("<svg ", f"<svg {place} ", 1)
