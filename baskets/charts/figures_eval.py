"""The scores of one eval by release date of the systems, with its baseline and goalposts."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from baskets.charts import frontier_words, palette, words
from baskets.charts.chart import Cell, Chart, Column, Rows, plain_axis, plain_layout
from baskets.charts.focus import Focus
from baskets.charts.focus_words import focused
from baskets.charts.frame import Figure
from baskets.charts.frontier_marks import grey
from baskets.charts.state import Control, Look
from baskets.selectors.catalog import SystemName
from baskets.selectors.scores import EvalHistory, ScoreRow

MOST_MARKS = 200
"""Scores that have a mark; more would hide each other."""


def _hover(row: ScoreRow) -> str:
    lines = [
        row.system.name,
        f"{words.number(row.value)}, {words.day(row.observed_on)}",
    ]
    lines += [part for part in (row.elicitation, row.reported) if part]
    return "<br>".join(lines)


def _marks(rows: list[ScoreRow], *, counted: bool, large: bool = False) -> dict[str, Any]:
    suffix = "" if counted else "-open"
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [row.system.released_on.isoformat() for row in rows],
        "y": [row.value for row in rows],
        "hovertext": [_hover(row) for row in rows],
        "hoverinfo": "text",
        "marker": {
            "symbol": [palette.developer_mark(r.system.developer_slug) + suffix for r in rows],
            "color": [palette.developer_colour(r.system.developer_slug) for r in rows],
            "size": (9 if counted else 7) + (2 if large else 0),
        },
    }


def _faded(rows: list[ScoreRow]) -> dict[str, Any]:
    """The scores of systems that were not chosen."""
    drawn = _marks(rows, counted=True)
    symbols = [
        palette.developer_mark(row.system.developer_slug) + ("" if row.stands else "-open")
        for row in rows
    ]
    return {**drawn, "marker": grey(symbols)}


def _traces(drawn: list[ScoreRow], focus: Focus) -> list[dict[str, Any]]:
    """What was not chosen behind the rest, what does not stand behind what does."""
    near = [row for row in drawn if focus.has(row.system)]
    behind = [] if focus.alone else [row for row in drawn if not focus.has(row.system)]
    large = bool(focus)
    return [
        *([_faded(behind)] if behind else []),
        _marks([row for row in near if not row.stands], counted=False, large=large),
        _marks([row for row in near if row.stands], counted=True, large=large),
    ]


def _named(history: EvalHistory, focus: Focus, *, narrow: bool) -> list[ScoreRow]:
    """The scores whose systems are named: the newest records, or the newest that were chosen."""
    if not focus:
        return history.record_rows[::-1][: 4 if narrow else 12]
    near = [row for row in reversed(history.rows) if row.stands and focus.has(row.system)]
    return near[: 6 if narrow else 20]


def _reference(
    value: float, label: str, *, dash: str, log: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A horizontal line that is named at its left end."""
    at = math.log10(value) if log else value
    shape = {
        "type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": value, "y1": value,
        "layer": "below", "line": {"color": "var(--rule-strong)", "width": 1.25, "dash": dash},
    }  # fmt: skip
    words_ = {
        "name": "line", "text": label, "xref": "paper", "yref": "y", "x": 0, "y": at,
        "xanchor": "left", "yanchor": "middle", "yshift": 8, "xshift": 4, "showarrow": False,
        "font": {"size": 11, "color": "var(--ink-soft)"},
    }  # fmt: skip
    return shape, words_


def _references(history: EvalHistory) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    found = []
    human = history.human_baseline
    if human is not None and (human > 0 or not history.log):
        label = _("human baseline %(value)s") % {"value": words.number(human)}
        found.append(_reference(human, label, dash="dash", log=history.log))
    for value, label in (
        (history.ceiling, _("100 points: %(value)s")),
        (history.floor, _("0 points: %(value)s")),
    ):
        if value is not None and (value > 0 or not history.log):
            text = label % {"value": words.number(value)}
            found.append(_reference(value, text, dash="dot", log=history.log))
    return found


def _bounds(history: EvalHistory) -> list[float]:
    values = [row.value for row in history.rows]
    ends = [history.human_baseline, history.ceiling, history.floor]
    values += [value for value in ends if value is not None]
    values = values or [0.0, 1.0]
    if history.log:
        logs = [math.log10(value) for value in values if value > 0] or [0.0]
        margin = (max(logs) - min(logs)) * 0.06 or 0.2
        return [round(min(logs) - margin, 4), round(max(logs) + margin, 4)]
    margin = (max(values) - min(values)) * 0.07 or 1.0
    return [round(min(values) - margin, 4), round(max(values) + margin, 4)]


def _days(history: EvalHistory, start: dt.date | None) -> list[str]:
    days = [row.system.released_on for row in history.rows]
    first = start or min(days) - dt.timedelta(days=60)
    last = max(days, default=first + dt.timedelta(days=300)) + dt.timedelta(days=60)
    return [first.isoformat(), last.isoformat()]


def _drawn(history: EvalHistory, focus: Focus) -> list[ScoreRow]:
    """The scores that have a mark: all, or those of the chosen, the records and the newest."""
    if len(history.rows) <= MOST_MARKS:
        return list(history.rows)
    chosen = [row for row in history.rows if focus.has(row.system)] if focus else []
    records = (chosen + history.record_rows)[-MOST_MARKS:]
    kept = {row.id for row in records}
    newest = [row for row in reversed(history.rows) if row.stands and row.id not in kept]
    kept |= {row.id for row in newest[: MOST_MARKS - len(records)]}
    return [row for row in history.rows if row.id in kept]


@dataclass(frozen=True)
class _Shared:
    """What the wide and the narrow figure have in common: the ends of both axes, and the marks.

    The axes are those of the whole history: what is left out moves none.
    """

    days: list[str]
    values: list[float]
    traces: list[dict[str, Any]]


def _shared(history: EvalHistory, shown: EvalHistory, look: Look) -> _Shared:
    traces = _traces(_drawn(shown, look.focus), look.focus)
    return _Shared(_days(history, look.start), _bounds(history), traces)


def _figure(
    history: EvalHistory, shown: EvalHistory, focus: Focus, shared: _Shared, *, narrow: bool
) -> Figure:
    references = _references(history)
    labels = [
        {
            "name": "mark", "text": row.system.name, "x": row.system.released_on.isoformat(),
            "y": math.log10(row.value) if history.log else row.value, "showarrow": False,
            "font": {"size": 11, "color": "var(--ink)" if focus else "var(--ink-soft)"},
        }
        for row in _named(shown, focus, narrow=narrow)
    ]  # fmt: skip
    return {
        "data": shared.traces,
        "layout": plain_layout(
            margin={"l": 48 if narrow else 62, "r": 16, "t": 16, "b": 30},
            xaxis=plain_axis(
                type="date",
                range=shared.days,
                showgrid=False,
            ),
            yaxis=plain_axis(
                type="log" if history.log else "linear",
                range=shared.values,
                title="" if narrow else words.unit_name(history.unit),
            ),
            shapes=[shape for shape, _label in references],
            annotations=[label for _shape, label in references] + labels,
        ),
    }


def _title(history: EvalHistory, focus: Focus) -> str:
    """The finding: the best of what is drawn, and whose it is."""
    best = history.best
    if best is None and focus.alone:
        return _("%(eval)s: none of those chosen has a score here") % {"eval": history.name}
    if best is None:
        return _("%(eval)s: no system of this time has a score") % {"eval": history.name}
    said = {
        "eval": history.name,
        "value": words.number(best.value),
        "system": best.system.name,
    }
    if focus.alone:
        return _("%(eval)s: of those shown the best score is %(value)s, by %(system)s") % said
    return _("%(eval)s: the best score is %(value)s, by %(system)s") % said


def _columns(history: EvalHistory) -> tuple[Column, ...]:
    return (
        Column("system", _("System")),
        Column("released_on", _("Released"), "date"),
        Column("value", words.unit_name(history.unit).capitalize(), "number"),
        Column("observed_on", _("Observed"), "date"),
        Column("elicitation", _("Elicitation")),
        Column("reported_by", _("Reported by")),
        Column("stands", _("Stands for the system"), "flag"),
        Column("source_url", _("Source"), "url"),
    )


def _cells(row: ScoreRow) -> tuple[Cell, ...]:
    return (
        row.system.name,
        row.system.released_on,
        row.value,
        row.observed_on,
        row.elicitation,
        row.reported,
        row.stands,
        row.source_url,
    )


def _seen(history: EvalHistory, look: Look) -> EvalHistory:
    """The scores of the systems that came out in the range, on the scale that was chosen."""
    first = look.start or dt.date.min
    rows = tuple(row for row in history.rows if row.system.released_on >= first)
    return replace(history, rows=rows, log=look.log)


def _shown(history: EvalHistory, focus: Focus) -> EvalHistory:
    """The scores of the chosen alone, where the others are left out."""
    if not focus.alone:
        return history
    return replace(history, rows=tuple(row for row in history.rows if focus.has(row.system)))


def _description(shown: EvalHistory) -> str:
    """The chart in words, for those who do not see it."""
    return _("Scores: %(count)s; systems: %(systems)s; the table has every one.") % {
        "count": len(shown.rows),
        "systems": len(_systems(shown)),
    }


def _subtitle(history: EvalHistory) -> str:
    """How to read the chart, and which scores it leaves out."""
    better = _("lower is better") if history.lower_is_better else _("higher is better")
    said = _(
        "%(unit)s by release date; %(direction)s. Filled marks stand for their system, hollow ones "
        "are other measurements."
    ) % {"unit": words.unit_name(history.unit).capitalize(), "direction": better}
    if len(history.rows) <= MOST_MARKS:
        return said
    limits = _(
        "Of %(count)s scores it draws those that set a record and those that stand for the newest "
        "systems, %(shown)s at the most."
    ) % {"count": len(history.rows), "shown": MOST_MARKS}
    return f"{said} {limits}"


def _systems(history: EvalHistory) -> list[SystemName]:
    """The systems that have a score, each once."""
    return list({row.system.slug: row.system for row in history.rows}.values())


def eval_chart(
    history: EvalHistory,
    *,
    look: Look | None = None,
    state: dict[str, str],
    controls: tuple[Control, ...] = (),
) -> Chart:
    """The history of one eval; without a `look` on the scale of its unit. Needs a score."""
    every = _systems(history)
    history = _seen(history, look) if look else history
    look = look or Look()
    systems, grey = _systems(history), frontier_words.grey_keys(look.focus)
    shown = _shown(history, look.focus)
    shared = _shared(history, shown, look)
    absent = _("No score on this eval: %(names)s.")
    return Chart(
        name="eval-history",
        title=_title(shown, look.focus),
        subtitle=_subtitle(shown) + focused(look.focus, systems, every, absent=absent),
        description=_description(shown),
        wide=_figure(history, shown, look.focus, shared, narrow=False),
        narrow=_figure(history, shown, look.focus, shared, narrow=True),
        columns=_columns(history),
        rows=Rows(shown.rows, _cells),
        state=state,
        keys=(*frontier_words.developer_keys(filter(look.focus.has, systems)), *grey),
        picker=frontier_words.picker(systems, look.focus, grey),
        wide_size=(960, 400),
        narrow_size=(400, 340),
        unit=words.unit_name(history.unit),
        interval=_("none: the errors that sources state are in the table of the eval's page"),
        controls=controls,
    )
