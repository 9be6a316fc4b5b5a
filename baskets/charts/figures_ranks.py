"""Rank stability: in which share of the draws each system stands at each rank."""

from __future__ import annotations

import math
from typing import Any

from django.utils.translation import gettext as _

from baskets.charts import palette, words
from baskets.charts.chart import Cell, Chart, Column, Key, plain_axis
from baskets.charts.frame import Figure
from baskets.charts.rows import Row, rows_height, rows_layout, stacked
from baskets.selectors.ranks import Ranked, Stability

RANKS = 10
BEYOND = f"{RANKS + 1}+"
"""What the place of all ranks beyond is called."""

LEAST_SHOWN, LEAST_TOLD = 0.005, 0.1
"""Shares below the first leave no mark, below the second no number."""

LARGEST = {True: 24.0, False: 21.0}
"""Side in pixels of the mark of a certain rank, on a narrow and on a wide page."""


def _placed(found: Stability) -> list[Row]:
    return stacked([("", "", [row.system.name for row in found.ranked])])


def _shares(row: Ranked) -> list[tuple[int, float]]:
    """(rank, share) of the ranks that occur; beyond the tenth counts as the eleventh."""
    every = enumerate([*row.shares, row.beyond], start=1)
    return [(rank, share) for rank, share in every if share >= LEAST_SHOWN]


def _hover(row: Ranked, rank: int, share: float) -> str:
    place = _("beyond rank 10") if rank > RANKS else _("rank %(rank)s") % {"rank": rank}
    facts = {"share": words.probability(share), "place": place}
    return f"{row.system.name}<br>" + _("%(place)s in %(share)s of the draws") % facts


def _marks(found: Stability, at: list[float], *, narrow: bool) -> dict[str, Any]:
    """Squares whose area is the share."""
    cells = [
        (row, y, rank, share)
        for row, y in zip(found.ranked, at, strict=True)
        for rank, share in _shares(row)
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [rank for _row, _y, rank, _share in cells],
        "y": [y for _row, y, _rank, _share in cells],
        "hoverinfo": "text",
        "hovertext": [_hover(row, rank, share) for row, _y, rank, share in cells],
        "marker": {
            "symbol": "square",
            "size": [
                round(max(LARGEST[narrow] * math.sqrt(share), 2.5), 1)
                for _row, _y, _rank, share in cells
            ],
            "opacity": 1,
            "color": palette.series_colour(found.series),
        },
    }


def _published(found: Stability, at: list[float], *, narrow: bool) -> dict[str, Any]:
    """The published rank as a frame that the square would fill if all draws stood there."""
    shown = [(row, y) for row, y in zip(found.ranked, at, strict=True) if row.rank <= RANKS]
    said = _("published rank: %(rank)s")
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [row.rank for row, _y in shown],
        "y": [y for _row, y in shown],
        "hoverinfo": "text",
        "hovertext": [f"{r.system.name}<br>{said % {'rank': r.rank}}" for r, _y in shown],
        "marker": {
            "symbol": "square-open",
            "size": LARGEST[narrow],
            "color": "var(--ink-soft)",
            "line": {"width": 1.25},
        },
    }


def _numbers(found: Stability, at: list[float]) -> list[dict[str, Any]]:
    """The likeliest rank and its share at the right edge of each row."""
    labels = []
    for row, y in zip(found.ranked, at, strict=True):
        rank, share = max(_shares(row), key=lambda pair: pair[1], default=(0, 0.0))
        if share < LEAST_TOLD:
            continue
        facts = {"share": words.percent(share), "rank": rank if rank <= RANKS else BEYOND}
        labels.append(
            {
                "text": _("%(share)s at %(rank)s") % facts,
                "xref": "paper", "yref": "y", "x": 1, "y": y,
                "xanchor": "left", "xshift": 8, "yanchor": "middle", "showarrow": False,
                "font": {"size": 12, "color": "var(--ink)"},
            }
        )  # fmt: skip
    return labels


def _figure(found: Stability, *, narrow: bool) -> Figure:
    placed = _placed(found)
    at = [row.y for row in placed]
    layout = rows_layout(
        placed,
        narrow=narrow,
        bounds=(0.4, RANKS + 1.6),
        title=_("rank under other defensible weights and methods"),
        left=210,
        right=84,
    )
    layout["xaxis"] = plain_axis(
        range=[0.4, RANKS + 1.6],
        title=layout["xaxis"]["title"]["text"],
        tickvals=[*range(1, RANKS + 2)],
        ticktext=[*(str(rank) for rank in range(1, RANKS + 1)), BEYOND],
    )
    layout["margin"]["r"] = 84
    layout["annotations"] += _numbers(found, at)
    data = [_published(found, at, narrow=narrow), _marks(found, at, narrow=narrow)]
    return {"data": data, "layout": layout}


def _columns() -> tuple[Column, ...]:
    share = _("Share of the draws at this rank, 0 to 1")
    return (
        Column("system", _("System")),
        Column("rank", _("Published rank"), "number", note=_("1 is the highest")),
        Column("value", _("Index"), "points", note=_("Published index")),
        Column("rank_low", _("Rank from"), "number", note=_("Best rank of nine in ten draws")),
        Column("rank_high", _("to"), "number", note=_("Worst rank of nine in ten draws")),
        Column("band_low", _("5% of draws below"), "points", note=_("Index, on its own scale")),
        Column("band_high", _("5% of draws above"), "points", note=_("Index, on its own scale")),
        *(Column(f"rank_{n}", str(n), "share", note=share) for n in range(1, RANKS + 1)),
        Column("beyond", BEYOND, "share", note=share),
    )


def _cells(row: Ranked) -> tuple[Cell, ...]:
    ends = (row.rank_low, row.rank_high, row.band_low, row.band_high)
    return (row.system.name, row.rank, row.value, *ends, *row.shares, row.beyond)


def lead(found: Stability) -> str:
    """How firm the first place is, as a sentence without its full stop."""
    first = found.ranked[0]
    facts = {
        "series": words.series_name(found.series),
        "system": first.system.name,
        "share": words.probability(first.shares[0] if first.shares else None),
    }
    return _("%(series)s: %(system)s leads in %(share)s of the draws") % facts


def ranks_chart(found: Stability, *, state: dict[str, str]) -> Chart:
    """The ten highest systems of a series and their ranks. Needs at least one."""
    placed = _placed(found)
    return Chart(
        name="rank-stability",
        title=lead(found),
        subtitle=_(
            "Area of a square: share of %(draws)s draws of other weights, scales, links, domain "
            "means and fills in which the system stands at that rank. The scores are the same in "
            "all of them."
        )
        % {"draws": words.points(found.accepted, 0)},
        description=_("Ranks of the %(count)s highest systems; the table has every share.")
        % {"count": len(found.ranked)},
        wide=_figure(found, narrow=False),
        narrow=_figure(found, narrow=True),
        columns=_columns(),
        rows=tuple(_cells(row) for row in found.ranked),
        state=state,
        keys=(
            Key("square", palette.series_colour(found.series), _("share of the draws (area)")),
            Key("square-open", "var(--ink-soft)", _("published rank (frame)")),
        ),
        wide_size=(960, rows_height(placed, narrow=False)),
        narrow_size=(400, rows_height(placed, narrow=True)),
        unit=_("share of the draws"),
        interval=_("5th to 95th percentile of the draws: judgement, not sampling"),
    )
