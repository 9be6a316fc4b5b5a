"""Waterfalls: how a value comes about from another, step by step, with nothing left over."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baskets.charts import palette, words
from baskets.charts.chart import Chart, Column, Key
from baskets.charts.frame import Figure
from baskets.charts.rows import Row, rows_height, rows_layout, stacked
from baskets.selectors.waterfall import ENTERS, PASSES, UNTOLD, FrontierChange, Rise, Waterfall

LABEL = {True: 34, False: 40}
"""Characters of a row's label on a narrow and on a wide page."""

UNMOVED = 0.05
"""Points below which a frontier is said not to have moved."""

SMALL = 5.0
"""Points below which a difference is shown with a second decimal."""


@dataclass(frozen=True)
class Ends:
    """What the first and the last row are called."""

    start: str
    end: str


def _name(rise: Rise, found: Waterfall) -> str:
    if rise.eval is not None:
        return rise.eval.name
    if rise.kind == "rest":
        said = ngettext("%(n)s other eval", "%(n)s other evals", rise.count)
        return said % {"n": rise.count}
    names = {
        ENTERS: _("%(system)s enters"),
        PASSES: _("%(system)s overtakes"),
        UNTOLD: _("not recorded by cause"),
    }
    if rise.kind in names:
        return names[rise.kind] % {"system": found.end.name}
    name = words.term_name(rise.kind)
    return name[:1].upper() + name[1:]


def _short(name: str, *, narrow: bool) -> str:
    most = LABEL[narrow]
    return name if len(name) <= most else name[: most - 1].rstrip(" ,(") + "…"


def _colour(rise: Rise, found: Waterfall) -> str:
    """The domain's hue for an eval; that of the series for a cause."""
    return palette.series_colour(rise.eval.domain if rise.eval is not None else found.series)


def _bounds(found: Waterfall) -> tuple[float, float]:
    """From near the lowest to near the highest point that the steps reach."""
    reached = [found.before, found.after, *_levels(found)]
    margin = (max(reached) - min(reached)) * 0.06 or 1.0
    return round(min(reached) - margin, 2), round(max(reached) + margin, 2)


def _levels(found: Waterfall) -> list[float]:
    """The level before every step, and after the last."""
    return list(accumulate((rise.points for rise in found.rises), initial=found.before))


def _bars(found: Waterfall, at: list[float], *, narrow: bool) -> dict[str, Any]:
    """Gains filled, losses hollow, each from the level that the step before it reached."""
    colours = [_colour(rise, found) for rise in found.rises]
    gains = [rise.points >= 0 for rise in found.rises]
    return {
        "type": "bar",
        "orientation": "h",
        "x": [round(rise.points, 4) for rise in found.rises],
        "base": [round(level, 4) for level in _levels(found)[:-1]],
        "y": at[1:-1],
        # On a narrow page a row's label stands above its bar.
        "width": 0.34 if narrow else 0.62,
        "hoverinfo": "text",
        "hovertext": [
            f"{_name(rise, found)}: {words.signed(rise.points, 2)}" for rise in found.rises
        ],
        "marker": {
            "color": [
                c if gain else "var(--paper)" for c, gain in zip(colours, gains, strict=True)
            ],
            "line": {"color": colours, "width": 1.5},
        },
    }


def _joints(found: Waterfall, at: list[float]) -> dict[str, Any]:
    """A thin line from the end of each step down to the next."""
    x: list[float | None] = []
    y: list[float | None] = []
    for index, level in enumerate(_levels(found)):
        x += [round(level, 4), round(level, 4), None]
        y += [at[index], at[index + 1], None]
    return {
        "type": "scatter", "mode": "lines", "x": x, "y": y, "hoverinfo": "skip",
        "line": {"color": "var(--rule-strong)", "width": 1},
    }  # fmt: skip


def _ends(found: Waterfall, ends: Ends, at: list[float]) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "hoverinfo": "text",
        "x": [round(found.before, 3), round(found.after, 3)], "y": [at[0], at[-1]],
        "hovertext": [f"{ends.start}: {words.points(found.before)}",
                      f"{ends.end}: {words.points(found.after)}"],
        "marker": {"symbol": "diamond", "size": 11, "color": "var(--ink)"},
    }  # fmt: skip


def _numbers(found: Waterfall, at: list[float]) -> list[dict[str, Any]]:
    """The value of each row at the right edge."""
    decimals = 2 if abs(found.move) < SMALL else 1
    steps = [words.signed(rise.points, decimals) for rise in found.rises]
    ends = [words.points(value, decimals) for value in (found.before, found.after)]
    texts = [ends[0], *steps, ends[1]]
    return [
        {
            "text": text, "xref": "paper", "yref": "y", "x": 1, "y": y, "xanchor": "left",
            "xshift": 10, "yanchor": "middle", "showarrow": False,
            "font": {"size": 12, "color": "var(--ink)",
                     "weight": 600 if y in {at[0], at[-1]} else 400},
        }
        for text, y in zip(texts, at, strict=True)
    ]  # fmt: skip


def _rows(found: Waterfall, ends: Ends, *, narrow: bool) -> list[Row]:
    names = [ends.start, *(_name(rise, found) for rise in found.rises), ends.end]
    return stacked([("", "", [_short(name, narrow=narrow) for name in names])])


def _figure(found: Waterfall, ends: Ends, base: str, *, narrow: bool) -> Figure:
    placed = _rows(found, ends, narrow=narrow)
    at = [row.y for row in placed]
    layout = rows_layout(
        placed,
        narrow=narrow,
        bounds=_bounds(found),
        title=_("index, %(base)s = 100") % {"base": base},
        left=270,
        right=64,
    )
    layout["margin"]["r"] = 58 if narrow else 64
    layout["annotations"] += _numbers(found, at)
    data = [_joints(found, at), _bars(found, at, narrow=narrow), _ends(found, ends, at)]
    return {"data": data, "layout": layout}


def _keys(found: Waterfall) -> tuple[Key, ...]:
    domains = [rise.eval.domain for rise in found.rises if rise.eval is not None]
    known = [name for name in words.DOMAINS if name in domains]
    return (
        *(Key("square", palette.series_colour(n), words.series_name(n)) for n in known),
        Key("square", "var(--ink-soft)", _("adds points (filled)")),
        Key("square-open", "var(--ink-soft)", _("takes points away (hollow)")),
    )


def _cells(found: Waterfall, ends: Ends) -> tuple[tuple[Any, ...], ...]:
    steps = zip(found.rises, _levels(found)[1:], strict=True)
    return (
        (ends.start, "", None, found.before),
        *(
            (_name(rise, found), rise.eval.domain if rise.eval else "", rise.points, level)
            for rise, level in steps
        ),
        (ends.end, "", found.move, found.after),
    )


def _largest(found: Waterfall) -> str:
    """The largest single step in words; an empty text where nothing moved."""
    single = [rise for rise in found.rises if rise.kind != "rest" and rise.points]
    if not single:
        return ""
    most = max(single, key=lambda rise: abs(rise.points))
    said = _("The largest step is %(name)s with %(points)s points.")
    return said % {"name": _name(most, found), "points": words.signed(most.points)}


def _chart(
    name: str, found: Waterfall, ends: Ends, base: str, title: str, subtitle: str, first: str,
    state: dict[str, str],
) -> Chart:  # fmt: skip
    columns = (
        Column("step", first),
        Column("domain", _("Domain"), "series"),
        Column("points", _("Points"), "points"),
        Column("level", _("Index reached"), "points"),
    )
    placed = _rows(found, ends, narrow=True)
    return Chart(
        name=name,
        title=title,
        subtitle=subtitle,
        description=f"{title}. {_largest(found)}".strip(),
        wide=_figure(found, ends, base, narrow=False),
        narrow=_figure(found, ends, base, narrow=True),
        columns=columns,
        rows=_cells(found, ends),
        state=state,
        keys=_keys(found),
        wide_size=(960, rows_height(placed, narrow=False)),
        narrow_size=(400, rows_height(placed, narrow=True)),
        unit=_("index points"),
        interval=_("none: the parts add up to the difference exactly"),
    )


def contributions_chart(found: Waterfall, *, base: str, state: dict[str, str]) -> Chart:
    """From one system's index to another's, by eval."""
    facts = {
        "series": words.series_name(found.series),
        "system": found.end.name,
        "other": found.start.name,
        "points": words.points(abs(found.move)),
    }
    if found.move < 0:
        title = _("%(series)s: why %(system)s stands %(points)s points below %(other)s") % facts
    else:
        title = _("%(series)s: why %(system)s stands %(points)s points above %(other)s") % facts
    subtitle = _(
        "Index points that each eval adds to the difference. They sum to it exactly; cells that a "
        "model filled take part with their estimate."
    )
    ends = Ends(found.start.name, found.end.name)
    return _chart("contributions", found, ends, base, title, subtitle, _("Eval"), state)


def frontier_change_chart(found: FrontierChange, *, state: dict[str, str]) -> Chart:
    """From an earlier release's frontier to this one's, by cause."""
    fall = found.waterfall
    numbers = {"then": found.earlier.number, "now": found.release.number}
    facts = {**numbers, "series": words.series_name(fall.series), "points": words.signed(fall.move)}
    title = _("%(series)s: the frontier moved %(points)s from release %(then)s to %(now)s") % facts
    if abs(fall.move) < UNMOVED:
        title = _("%(series)s: the frontier did not move from release %(then)s to %(now)s") % facts
    subtitle = _(
        "First what became of the value that led in release %(then)s, cause by cause, then the "
        "system that leads in release %(now)s. The steps sum to the change exactly."
    )
    release = _("%(system)s, release %(n)s")
    ends = Ends(
        release % {"system": fall.start.name, "n": found.earlier.number},
        release % {"system": fall.end.name, "n": found.release.number},
    )
    base = found.release.basket.base.name
    return _chart("frontier-change", fall, ends, base, title, subtitle % numbers, _("Cause"), state)
