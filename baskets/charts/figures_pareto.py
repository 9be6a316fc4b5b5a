"""Capability against safety or alignment, with the systems that no other beats on both."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from baskets.charts import frontier_words, palette, words
from baskets.charts.axes import value_range
from baskets.charts.chart import Cell, Chart, Column, Key, plain_axis, plain_layout
from baskets.charts.frame import Figure
from baskets.charts.state import Control
from baskets.selectors.frontier import Mark
from baskets.selectors.pareto import Both, ParetoFacts

NARROW_LABELS, WIDE_LABELS = 6, 14
WIDE_SIZE = 10


def _hover(both: Both, domain: str) -> str:
    lines = [both.system.name]
    for series, mark in (("capability", both.across), (domain, both.up)):
        bounds = words.interval(mark.low, mark.high)
        value = words.points(mark.value) + (f" ({bounds})" if bounds else "")
        lines.append(f"{words.series_name(series)}: {value}")
    if both.front:
        lines.append(_("no system is ahead of it on both"))
    elif not both.official:
        lines.append(_("provisional: not enough evidence to count"))
    return "<br>".join(lines)


def _errors(marks: list[Mark]) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [None if m.high is None else round(m.high - m.value, 3) for m in marks],
        "arrayminus": [None if m.low is None else round(m.value - m.low, 3) for m in marks],
        "color": "var(--rule-strong)",
        "thickness": 0.6,
        "width": 0,
    }


def _marks(found: list[Both], domain: str, *, official: bool) -> dict[str, Any]:
    shown = [both for both in found if both.official is official]
    suffix = "" if official else "-open"
    slugs = [both.system.developer_slug for both in shown]
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "name": _("official") if official else _("provisional"),
        "x": [round(both.across.value, 3) for both in shown],
        "y": [round(both.up.value, 3) for both in shown],
        "hoverinfo": "text",
        "hovertext": [_hover(both, domain) for both in shown],
        "marker": {
            "symbol": [palette.developer_mark(slug) + suffix for slug in slugs],
            "color": [palette.developer_colour(slug) for slug in slugs],
            "size": WIDE_SIZE if official else WIDE_SIZE - 2,
            "line": {"width": 0.75, "color": "var(--paper)"} if official else {"width": 1.25},
        },
    }
    if official:
        trace["error_x"] = _errors([both.across for both in shown])
        trace["error_y"] = _errors([both.up for both in shown])
    return trace


def _front_line(facts: ParetoFacts) -> dict[str, Any]:
    """Straight between the systems of the front, the most capable last."""
    front = facts.front
    return {
        "type": "scatter", "mode": "lines", "hoverinfo": "skip", "name": _("front"),
        "x": [round(both.across.value, 3) for both in front],
        "y": [round(both.up.value, 3) for both in front],
        "line": {"color": palette.series_colour(facts.domain), "width": 2.25},
    }  # fmt: skip


def _labels(facts: ParetoFacts, *, narrow: bool) -> list[dict[str, Any]]:
    """The front by name, the newest first, then the newest of the others."""
    others = sorted(
        (b for b in facts.systems if b.official and not b.front),
        key=lambda both: both.system.released_on,
        reverse=True,
    )
    front = sorted(facts.front, key=lambda both: both.system.released_on, reverse=True)
    named = [(both, False) for both in front] + [(both, True) for both in others]
    return [
        {
            "name": "mark", "text": both.system.name, "x": round(both.across.value, 3),
            "y": round(both.up.value, 3), "showarrow": False,
            "font": {"size": 11 if soft else 12,
                     "color": "var(--ink-soft)" if soft else "var(--ink)"},
        }
        for both, soft in named[: NARROW_LABELS if narrow else WIDE_LABELS]
    ]  # fmt: skip


def _axis_range(marks: list[Mark]) -> list[float]:
    ends = [end for mark in marks for end in (mark.low, mark.high, mark.value) if end is not None]
    return value_range(ends)


def _traces(facts: ParetoFacts) -> list[dict[str, Any]]:
    """Provisional systems, the front, and the official systems over it."""
    found = list(facts.systems)
    return [
        _marks(found, facts.domain, official=False),
        _front_line(facts),
        _marks(found, facts.domain, official=True),
    ]


def _smaller(trace: dict[str, Any]) -> dict[str, Any]:
    """The same marks for a narrow page."""
    if "marker" not in trace:
        return trace
    return {**trace, "marker": {**trace["marker"], "size": trace["marker"]["size"] - 2}}


def _figure(facts: ParetoFacts, traces: list[dict[str, Any]], *, narrow: bool) -> Figure:
    found = list(facts.systems)
    counted = [both for both in found if both.official] or found
    title = _("%(series)s, %(base)s = 100")
    across = title % {"series": words.series_name("capability"), "base": facts.base}
    up = title % {"series": words.series_name(facts.domain), "base": facts.base}
    return {
        "data": [_smaller(trace) for trace in traces] if narrow else traces,
        "layout": plain_layout(
            margin={"l": 44 if narrow else 62, "r": 14 if narrow else 24, "t": 16, "b": 46},
            xaxis=plain_axis(range=_axis_range([both.across for both in counted]), title=across),
            yaxis=plain_axis(
                range=_axis_range([both.up for both in counted]), title="" if narrow else up
            ),
            annotations=_labels(facts, narrow=narrow),
        ),
    }


def _columns(domain: str) -> tuple[Column, ...]:
    low, high = _("95% from"), _("to")
    ends = _("End of the 95% interval")
    return (
        Column("system", _("System")),
        Column("developer", _("Developer")),
        Column("released_on", _("Released"), "date"),
        Column("capability", words.series_name("capability"), "points", note=_("Capability index")),
        Column("capability_low", low, "points", note=ends),
        Column("capability_high", high, "points", note=ends),
        Column(domain, words.series_name(domain), "points", note=_("Index of the other domain")),
        Column(f"{domain}_low", low, "points", note=ends),
        Column(f"{domain}_high", high, "points", note=ends),
        Column("official", _("Status"), "status"),
        Column("front", _("On the front"), "flag", note=_("No system is ahead of it on both")),
    )


def _cells(both: Both) -> tuple[Cell, ...]:
    system = both.system
    values = [v for mark in (both.across, both.up) for v in (mark.value, mark.low, mark.high)]
    names = (system.name, system.developer, system.released_on)
    return (*names, *values, both.official, both.front)


def _title(facts: ParetoFacts) -> str:
    names = [both.system.name for both in facts.front[::-1]]
    said = {"domain": words.series_name(facts.domain).lower(), "count": len(names)}
    if not names:
        return _("Capability against %(domain)s: no system is official in both") % said
    if len(names) == 1:
        leads = _("%(system)s is ahead of every other system on capability and on %(domain)s")
        return leads % {**said, "system": names[0]}
    return _("No system beats these %(count)s on both capability and %(domain)s") % said


def pareto_chart(
    facts: ParetoFacts, *, state: dict[str, str], controls: tuple[Control, ...] = ()
) -> Chart:
    """One domain against capability. Needs at least one system with a value in both."""
    front = ", ".join(both.system.name for both in facts.front[::-1])
    marks, traces = tuple(both.across for both in facts.systems), _traces(facts)
    return Chart(
        name="pareto",
        title=_title(facts),
        subtitle=_(
            "Each system's capability index against its %(domain)s index, with 95%% intervals. The "
            "line joins the official systems that no other official system beats on both."
        )
        % {"domain": words.series_name(facts.domain).lower()},
        description=_("%(count)s systems. On the front, the most capable first: %(front)s.")
        % {"count": len(facts.systems), "front": front or _("none")},
        wide=_figure(facts, traces, narrow=False),
        narrow=_figure(facts, traces, narrow=True),
        columns=_columns(facts.domain),
        rows=tuple(_cells(both) for both in facts.systems),
        state=state,
        controls=controls,
        keys=(
            *frontier_words.developer_keys(mark.system for mark in marks),
            Key("circle-open", "var(--ink-soft)", _("provisional (hollow)")),
        ),
        wide_size=(960, 500),
        narrow_size=(400, 400),
        unit=_("index points"),
        interval=_("95%, from errors of measurement and filling"),
    )
