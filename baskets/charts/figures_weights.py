"""The weights of a basket version beside those of the version before it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baskets.charts import palette, words
from baskets.charts.chart import Chart, Column, Key
from baskets.charts.frame import Figure
from baskets.charts.rows import Row, rows_height, rows_layout, stacked
from baskets.selectors.baskets import WeightRow

MOST_ROWS = 12
"""Evals of a domain that are drawn; the table has the others too."""


def _dots(
    pairs: list[tuple[float, WeightRow]], attribute: str, symbol: str, words_for: str
) -> dict[str, Any]:
    kept = [(y, row, getattr(row, attribute)) for y, row in pairs if getattr(row, attribute)]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [round(100 * share, 3) for _y, _row, share in kept],
        "y": [y for y, _row, _share in kept],
        "hoverinfo": "text",
        "hovertext": [
            f"{row.eval.name}<br>{words_for}: {words.points(100 * share)}%"
            for _y, row, share in kept
        ],
        "marker": {
            "symbol": symbol,
            "size": 9,
            "color": [palette.series_colour(row.eval.domain) for _y, row, _share in kept],
        },
    }


def _moves(pairs: list[tuple[float, WeightRow]]) -> dict[str, Any]:
    """A thin line between the old and the new share of every eval that stayed."""
    x: list[float | None] = []
    y: list[float | None] = []
    for at, row in pairs:
        if row.share and row.before:
            x += [round(100 * row.before, 3), round(100 * row.share, 3), None]
            y += [at, at, None]
    return {
        "type": "scatter", "mode": "lines", "x": x, "y": y, "hoverinfo": "skip",
        "line": {"color": "var(--rule-strong)", "width": 1.5},
    }  # fmt: skip


def _drawn(weights: list[WeightRow], domain: str) -> list[WeightRow]:
    """The rows of a domain that are drawn: those that weigh, or weighed, the most."""
    inside = [row for row in weights if row.eval.domain == domain]
    inside.sort(key=lambda row: (-max(row.share or 0, row.before or 0), row.eval.name))
    kept = inside[:MOST_ROWS]
    return sorted(kept, key=lambda row: (-(row.share or 0), -(row.before or 0), row.eval.name))


def _figure(
    weights: list[WeightRow], number: int, before: int, *, narrow: bool
) -> tuple[Figure, list[Row]]:
    groups, order = [], []
    for domain in words.DOMAINS:
        inside = _drawn(weights, domain)
        if inside:
            order += inside
            names = [_short(row.eval.name, 46 if narrow else 44) for row in inside]
            groups.append((words.series_name(domain), palette.series_colour(domain), names))
    placed = stacked(groups)
    plain = [row for row in placed if not row.heading]
    pairs = [(place.y, row) for place, row in zip(plain, order, strict=True)]
    highest = max(max(row.share or 0, row.before or 0) for row in weights)
    old, new = (
        _("version %(n)s") % {"n": before},
        _("version %(n)s") % {"n": number},
    )
    data = [_moves(pairs), _dots(pairs, "before", "circle-open", old)]
    data.append(_dots(pairs, "share", "circle", new))
    layout = rows_layout(
        placed,
        narrow=narrow,
        bounds=(0, round(100 * highest * 1.06, 2)),
        title=_("share of the headline, per cent"),
        left=300,
    )
    return {"data": data, "layout": layout}, placed


def _entered(count: int) -> str:
    return ngettext("%(n)s eval entered", "%(n)s evals entered", count) % {"n": count}


def _short(name: str, length: int) -> str:
    return name if len(name) <= length else name[: length - 1].rstrip(" ,(") + "…"


def _subtitle(weights: list[WeightRow], basket: str) -> str:
    said = _("Share of each eval in the headline of %(basket)s, in per cent.") % {"basket": basket}
    drawn = sum(len(_drawn(weights, domain)) for domain in words.DOMAINS)
    if drawn == len(weights):
        return said
    limit = _(
        "Drawn are the %(most)s heaviest evals of each domain, now or before; "
        "the table has all %(count)s."
    )
    return said + " " + limit % {"most": MOST_ROWS, "count": len(weights)}


def _columns() -> tuple[Column, ...]:
    return (
        Column("eval", _("Eval")),
        Column("domain", _("Domain"), "series"),
        Column("before", _("Share before"), "share1"),
        Column("share", _("Share"), "share1"),
    )


def weights_chart(
    weights: list[WeightRow],
    *,
    basket: str,
    number: int,
    state: dict[str, str],
    before: int | None = None,
) -> Chart:
    """Shares of version `number`, those of the version `before` it hollow; needs a weight."""
    before = before or number - 1
    wide, placed = _figure(weights, number, before, narrow=False)
    narrow, _rows = _figure(weights, number, before, narrow=True)
    entered = sum(row.before is None for row in weights)
    left = sum(row.share is None for row in weights)
    first = all(row.before is None for row in weights)
    keys = [Key("circle", "var(--ink)", _("version %(n)s") % {"n": number})]
    if not first:
        keys.append(Key("circle-open", "var(--ink)", _("version %(n)s") % {"n": before}))
    title = _("Weights of version %(number)s") % {"number": number}
    if not first:
        title = _("Version %(number)s: %(entered)s, %(left)s") % {
            "number": number,
            "entered": _entered(entered),
            "left": _("%(n)s left") % {"n": left},
        }
    return Chart(
        name="weights",
        title=title,
        subtitle=_subtitle(weights, basket),
        description=_("%(count)s evals; the table has every share.") % {"count": len(weights)},
        wide=wide,
        narrow=narrow,
        columns=_columns(),
        rows=tuple((r.eval.name, r.eval.domain, r.before, r.share) for r in weights),
        state=state,
        keys=tuple(keys),
        wide_size=(960, rows_height(placed, narrow=False)),
        narrow_size=(400, rows_height(placed, narrow=True)),
        unit=_("share of the headline"),
        interval=_("none: weights are chosen, not measured"),
    )
