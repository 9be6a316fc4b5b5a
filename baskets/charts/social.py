"""The picture that stands for a page where it is shared: title, numbers, a chart, the release."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from baskets.charts import palette, svg
from baskets.charts.frame import Figure
from baskets.charts.measure import shortened, wrapped

WIDTH, HEIGHT = 1200, 630
SIDE = 48
SCALE = 1.6
"""By how much a chart's letters are larger here than on a page: previews are shown small."""

_TITLES = ((46, 2), (38, 3))
_INNER = WIDTH - 2 * SIDE


@dataclass(frozen=True)
class Number:
    """A number of the card: what it is of, the value, what stands below it, and its hue."""

    label: str
    value: str
    below: str
    colour: str = "var(--headline)"


@dataclass(frozen=True)
class Card:
    """A page in one picture; `stamp` says which release it shows, `site` where the page is."""

    title: str
    numbers: tuple[Number, ...]
    figure: Figure | None
    stamp: str
    site: str


def _title(card: Card, top: float) -> tuple[str, float]:
    """The title as large as it fits, and where it ends."""
    size, most = next(
        ((s, n) for s, n in _TITLES if len(wrapped(card.title, s, _INNER)) <= n), _TITLES[-1]
    )
    parts, y = [], top + size * 0.6
    for line in shortened(wrapped(card.title, size, _INNER), most):
        parts.append(svg.text(SIDE, y, line, colour="var(--ink)", size=size, weight=600))
        y += size * 1.2
    return "".join(parts), y - size * 0.5


def _number(number: Number, x: float, y: float, wide: float) -> str:
    soft = "var(--ink-soft)"
    label = shortened(wrapped(number.label, 22, wide), 1)
    below = shortened(wrapped(number.below, 20, wide), 1)
    return (
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{wide:.0f}" height="5" fill="{number.colour}"/>'
        + "".join(svg.text(x, y + 28, line, colour="var(--ink)", size=22) for line in label)
        + svg.text(x, y + 70, number.value, colour="var(--ink)", size=52, weight=600)
        + "".join(svg.text(x, y + 114, line, colour=soft, size=20) for line in below)
    )


def _numbers(card: Card, top: float) -> tuple[str, float]:
    if not card.numbers:
        return "", top
    gap = 32
    wide = (_INNER - gap * (len(card.numbers) - 1)) / max(len(card.numbers), 3)
    parts = [_number(n, SIDE + i * (wide + gap), top, wide) for i, n in enumerate(card.numbers)]
    return "".join(parts), top + 136


def _chart(card: Card, top: float, bottom: float) -> str:
    high = bottom - top
    if card.figure is None or high < 120:
        return ""
    inner = svg.render(
        card.figure,
        width=round(_INNER / SCALE),
        height=round(high / SCALE),
        title=card.title,
        description="",
        ident="social",
    )
    place = f'x="{SIDE}" y="{top:.0f}" width="{_INNER}" height="{high:.0f}"'
    return inner.replace("<svg ", f"<svg {place} ", 1)


def card_svg(card: Card, theme: str = "light") -> str:
    """The card as a standalone SVG of 1200 by 630, in fixed colours."""
    foot = HEIGHT - 30
    title, y = _title(card, 36)
    numbers, y = _numbers(card, y + 18)
    soft = "var(--ink-soft)"
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{svg.SANS}" role="img" '
        f'aria-label="{escape(card.title)}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="var(--paper)"/>'
        f"{title}{numbers}{_chart(card, y + 12, foot - 20)}"
        f"{svg.text(SIDE, foot, card.stamp, colour=soft, size=20)}"
        f"{svg.text(WIDTH - SIDE, foot, card.site, colour=soft, anchor='end', size=20)}</svg>"
    )
    return str(palette.resolve(drawn, theme))
