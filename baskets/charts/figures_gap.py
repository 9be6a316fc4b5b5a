"""The safety gap: what a year adds to a domain and to capability, along the same systems."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from baskets.charts import palette, words
from baskets.charts.chart import Chart, Column
from baskets.charts.frame import Figure
from baskets.charts.rows import Row, rows_height, rows_layout, stacked
from baskets.selectors.gap import Gap, Rate


def _groups(gaps: tuple[Gap, ...]) -> list[tuple[str, str, list[str]]]:
    return [
        (
            _("%(domain)s beside capability") % {"domain": words.series_name(gap.domain)},
            palette.series_colour(gap.domain),
            [words.series_name("capability"), words.series_name(gap.domain)],
        )
        for gap in gaps
    ]


def _bars(pairs: list[tuple[float, str, Rate]]) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "x": [round(rate.per_year, 3) for _y, _series, rate in pairs],
        "y": [y for y, _series, _rate in pairs],
        "width": 0.4,
        "hoverinfo": "text",
        "hovertext": [
            f"{words.series_name(series)}<br>{words.signed(rate.per_year)} "
            f"({words.interval(rate.low, rate.high)})"
            for _y, series, rate in pairs
        ],
        "marker": {"color": [palette.series_colour(series) for _y, series, _rate in pairs]},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [round(rate.high - rate.per_year, 3) for _y, _series, rate in pairs],
            "arrayminus": [round(rate.per_year - rate.low, 3) for _y, _series, rate in pairs],
            "color": "var(--ink)",
            "thickness": 1.5,
            "width": 0,
        },
    }


def _value_labels(pairs: list[tuple[float, str, Rate]]) -> list[dict[str, Any]]:
    return [
        {
            "text": words.signed(rate.per_year), "xref": "paper", "yref": "y", "x": 1, "y": y,
            "xanchor": "left", "xshift": 8, "yanchor": "middle", "showarrow": False,
            "font": {"size": 12, "weight": 600, "color": "var(--ink)"},
        }
        for y, _series, rate in pairs
    ]  # fmt: skip


def _figure(gaps: tuple[Gap, ...], *, narrow: bool) -> tuple[Figure, list[Row]]:
    placed = stacked(_groups(gaps))
    plain = [row.y for row in placed if not row.heading]
    rates = [
        pair for gap in gaps for pair in (("capability", gap.capability), (gap.domain, gap.own))
    ]
    pairs = [(y, series, rate) for y, (series, rate) in zip(plain, rates, strict=True)]
    ends = [bound for _y, _series, rate in pairs for bound in (rate.low, rate.high)] + [0.0]
    margin = (max(ends) - min(ends)) * 0.04
    layout = rows_layout(
        placed,
        narrow=narrow,
        bounds=(round(min(ends) - margin, 2), round(max(ends) + margin, 2)),
        title=_("points between goalposts gained per year"),
        left=110,
        right=60,
        zeroline=True,
        zerolinecolor="var(--rule-strong)",
    )
    layout["margin"]["r"] = 60
    layout["annotations"] += _value_labels(pairs)
    return {"data": [_bars(pairs)], "layout": layout}, placed


def verdict(gap: Gap) -> str:
    """One gap as a sentence with its interval."""
    facts = {
        "domain": words.series_name(gap.domain),
        "gap": words.points(abs(gap.gap.per_year)),
        "low": words.signed(gap.gap.low),
        "high": words.signed(gap.gap.high),
    }
    if gap.gap.low <= 0 <= gap.gap.high:
        return _(
            "%(domain)s and capability cannot be told apart: the gap is %(gap)s points a year, "
            "and its 95%% interval, %(low)s to %(high)s, contains zero."
        ) % {**facts, "gap": words.signed(gap.gap.per_year)}
    if gap.gap.per_year < 0:
        return (
            _(
                "%(domain)s falls behind capability by %(gap)s points a year "
                "(95%% interval of the gap: %(low)s to %(high)s)."
            )
            % facts
        )
    return (
        _(
            "%(domain)s gains on capability by %(gap)s points a year "
            "(95%% interval of the gap: %(low)s to %(high)s)."
        )
        % facts
    )


def _title(gaps: tuple[Gap, ...]) -> str:
    behind = [gap for gap in gaps if gap.gap.high < 0]
    if behind:
        names = _(" and ").join(words.series_name(gap.domain).lower() for gap in behind)
        return _("Capability is outrunning %(domains)s") % {"domains": names}
    if all(gap.gap.low > 0 for gap in gaps):
        return _("Safety and alignment are gaining on capability")
    return _("No gap that the evidence can tell from zero")


def _columns() -> tuple[Column, ...]:
    return (
        Column("domain", _("Domain"), "series"),
        Column("per_year", _("Its slope"), "points"),
        Column("capability_per_year", _("Capability's slope"), "points"),
        Column("gap", _("Gap"), "points"),
        Column("low", _("95% from"), "points"),
        Column("high", _("to"), "points"),
        Column("systems", _("Systems"), "number"),
    )


def gap_chart(gaps: tuple[Gap, ...], *, state: dict[str, str]) -> Chart:
    """Slopes side by side for each domain. Needs at least one gap."""
    wide, placed = _figure(gaps, narrow=False)
    narrow, _placed = _figure(gaps, narrow=True)
    rows = tuple(
        (
            gap.domain,
            gap.own.per_year,
            gap.capability.per_year,
            gap.gap.per_year,
            gap.gap.low,
            gap.gap.high,
            len(gap.systems),
        )
        for gap in gaps
    )
    return Chart(
        name="safety-gap",
        title=_title(gaps),
        subtitle=_(
            "Points between the goalposts gained per year along the systems of the capability "
            "frontier, with 95% intervals."
        ),
        description=" ".join(verdict(gap) for gap in gaps),
        wide=wide,
        narrow=narrow,
        columns=_columns(),
        rows=rows,
        state=state,
        wide_size=(640, rows_height(placed, narrow=False) + 24),
        narrow_size=(400, rows_height(placed, narrow=True)),
        unit=_("points between the goalposts per year"),
        interval=_("95% interval of the gap, along the same systems"),
    )
