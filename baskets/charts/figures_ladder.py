"""The like-for-like ladder: what each generation gained on the evals it shares with the last."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from baskets.charts import palette, words
from baskets.charts.chart import Cell, Chart, Column, Key
from baskets.charts.frame import Figure
from baskets.charts.rows import Row, rows_height, rows_layout, stacked
from baskets.selectors.ladder import Ladder, Rung

MOST = 40
"""Rungs that a chart can hold; the table has all."""

Pairs = list[tuple[float, Rung]]


def _drawn(ladder: Ladder) -> list[tuple[str, str, list[Rung]]]:
    """(developer, its slug, rungs) of the developers that fit, those with most to tell first."""
    found: list[tuple[str, str, list[Rung]]] = []
    count = 0
    for system, rungs in ladder.developers:
        if found and count + len(rungs) > MOST:
            break
        count += len(rungs)
        found.append((system.developer, system.developer_slug, list(rungs)))
    return found


def _label(rung: Rung) -> str:
    facts = {"older": rung.older.name, "newer": rung.newer.name}
    return _("%(older)s to %(newer)s") % facts


def _placed(ladder: Ladder) -> tuple[list[Row], Pairs]:
    groups = _drawn(ladder)
    placed = stacked(
        [
            (developer, palette.developer_colour(slug), [_label(rung) for rung in rungs])
            for developer, slug, rungs in groups
        ]
    )
    plain = [row.y for row in placed if not row.heading]
    return placed, list(zip(plain, [r for group in groups for r in group[2]], strict=True))


def _hover(rung: Rung) -> str:
    bounds = words.rise(rung.low, rung.high)
    lines = [
        f"{_label(rung)}: {words.signed(rung.difference)}" + (f" ({bounds})" if bounds else "")
    ]
    lines.append(_("%(n)s shared evals") % {"n": len(rung.evals)})
    if rung.provisional:
        lines.append(_("provisional: not enough evidence to count"))
    elif not rung.apart:
        lines.append(_("within noise"))
    return "<br>".join(lines)


def _marks(pairs: Pairs) -> dict[str, Any]:
    kept = [(y, rung, rung.difference) for y, rung in pairs if rung.difference is not None]
    slugs = [rung.newer.developer_slug for _y, rung, _d in kept]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [round(difference, 3) for _y, _rung, difference in kept],
        "y": [y for y, _rung, _difference in kept],
        "hoverinfo": "text",
        "hovertext": [_hover(rung) for _y, rung, _difference in kept],
        "marker": {
            "symbol": [
                palette.developer_mark(slug) + ("-open" if rung.provisional else "")
                for slug, (_y, rung, _d) in zip(slugs, kept, strict=True)
            ],
            "color": [palette.developer_colour(slug) for slug in slugs],
            "size": 10,
        },
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [None if r.high is None else round(r.high - d, 3) for _y, r, d in kept],
            "arrayminus": [None if r.low is None else round(d - r.low, 3) for _y, r, d in kept],
            "color": "var(--ink-soft)",
            "thickness": 1.25,
            "width": 0,
        },
    }


def _bounds(pairs: Pairs) -> tuple[float, float]:
    ends = [end for _y, r in pairs for end in (r.low, r.high, r.difference) if end is not None]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    margin = (high - low) * 0.05 or 1.0
    return round(low - margin, 2), round(high + margin, 2)


def _reasons(pairs: Pairs) -> list[dict[str, Any]]:
    """Why a rung has no mark, at the zero line."""
    return [
        {
            "text": words.rung_reason(rung.reason), "xref": "x", "yref": "y", "x": 0, "y": y,
            "xanchor": "left", "xshift": 6, "yanchor": "middle", "showarrow": False,
            "font": {"size": 11, "color": "var(--ink-soft)"},
        }
        for y, rung in pairs
        if rung.difference is None
    ]  # fmt: skip


def _figure(ladder: Ladder, *, narrow: bool) -> Figure:
    placed, pairs = _placed(ladder)
    layout = rows_layout(
        placed,
        narrow=narrow,
        bounds=_bounds(pairs),
        title=_("points between goalposts, newer less older"),
        left=312,
        zeroline=True,
        zerolinecolor="var(--rule-strong)",
    )
    layout["annotations"] += _reasons(pairs)
    return {"data": [_marks(pairs)], "layout": layout}


def _columns() -> tuple[Column, ...]:
    return (
        Column("developer", _("Developer")),
        Column("older", _("From"), note=_("The older generation's best system")),
        Column("newer", _("To"), note=_("The newer generation's best system")),
        Column("difference", _("Difference, points"), "points",
               note=_("Weighted difference on shared evals, in points between goalposts")),
        Column("low", _("95% from"), "points"),
        Column("high", _("to"), "points"),
        Column("shared", _("Shared evals"), "number", note=_("Number of evals that both have")),
        Column("weight", _("Share of the weight"), "share",
               note=_("Share of the series' weight that the shared evals have, 0 to 1")),
        Column("reason", _("Why none"), note=_("Why there is no difference; empty where there is")),
    )  # fmt: skip


def _cells(rung: Rung) -> tuple[Cell, ...]:
    names = (rung.newer.developer, rung.older.name, rung.newer.name)
    numbers = (rung.difference, rung.low, rung.high, len(rung.evals), rung.weight)
    return (*names, *numbers, words.rung_reason(rung.reason) if rung.reason else "")


def _title(series: str, rungs: list[Rung]) -> str:
    told = [rung for rung in rungs if rung.difference is not None]
    facts = {
        "series": words.series_name(series),
        "all": len(told),
        "gains": sum(rung.apart and (rung.difference or 0) > 0 for rung in told),
    }
    if not told:
        return _("%(series)s, like for like: no two generations share enough evals") % facts
    said = _("%(series)s, like for like: %(gains)s of %(all)s steps are clear gains")
    return said % facts


def ladder_chart(ladder: Ladder, *, series: str, state: dict[str, str]) -> Chart:
    """Every rung as a mark with its interval. Needs at least one rung."""
    placed, _pairs = _placed(ladder)
    rungs = [rung for _system, group in ladder.developers for rung in group]
    return Chart(
        name="ladder",
        title=_title(series, rungs),
        subtitle=_(
            "Neighbouring generations of one developer, compared only on evals that both were "
            "measured on, with 95% intervals. No fill, no link and no base take part."
        ),
        description=_("%(count)s steps between generations; the table has every one.")
        % {"count": len(rungs)},
        wide=_figure(ladder, narrow=False),
        narrow=_figure(ladder, narrow=True),
        columns=_columns(),
        rows=tuple(_cells(rung) for rung in rungs),
        state=state,
        keys=(Key("circle-open", "var(--ink)", _("provisional (hollow)")),),
        wide_size=(960, rows_height(placed, narrow=False)),
        narrow_size=(400, rows_height(placed, narrow=True)),
        unit=_("points between goalposts"),
        interval=_("95%, from the errors of measurement of the shared evals"),
    )
