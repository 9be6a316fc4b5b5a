"""A chart as a picture that can leave the site: title, drawing, and the release it comes from."""

from __future__ import annotations

from html import escape

from django.utils.translation import gettext as _

from baskets.charts import palette, svg, words
from baskets.charts.chart import Chart
from baskets.charts.labels import CHARACTER
from baskets.models import Release

HEAD, FOOT, SIDE = 58, 26, 16


def _fitted(text: str, size: float, width: float) -> str:
    most = int(width / (size * CHARACTER))
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def poster(chart: Chart, release: Release, theme: str) -> str:
    """The standalone SVG, stamped with the release and the first half of its hash."""
    width, height = chart.wide_size
    wide = max(width, 480) + 2 * SIDE
    tall = height + HEAD + FOOT
    stamp = _("%(basket)s, release %(number)s, known on %(day)s, %(hash)s") % {
        "basket": release.basket.name,
        "number": release.number,
        "day": words.day(release.vintage_on),
        "hash": release.sha256[:16],
    }
    inner = svg.render(
        chart.wide,
        width=width,
        height=height,
        title=chart.title,
        description=chart.description,
        ident=f"{chart.ident}-p",
    )
    placed = inner.replace(
        "<svg ", f'<svg x="{SIDE}" y="{HEAD}" width="{width}" height="{height}" ', 1
    )
    room = wide - 2 * SIDE
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{tall}" '
        f'viewBox="0 0 {wide} {tall}" font-family="{svg.SANS}" role="img" '
        f'aria-label="{escape(chart.title)}">'
        f'<rect width="{wide}" height="{tall}" fill="var(--paper)"/>'
        + svg.text(SIDE, 22, _fitted(chart.title, 18, room), colour="var(--ink)", size=18,
                   weight=600)
        + svg.text(SIDE, 43, _fitted(chart.subtitle, 12, room), colour="var(--ink-soft)")
        + placed
        + svg.text(SIDE, tall - 13, stamp, colour="var(--ink-soft)", size=11)
        + "</svg>"
    )  # fmt: skip
    return str(palette.resolve(drawn, theme))
