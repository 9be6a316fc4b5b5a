"""One chart of every kind that compares or doubts, made from hand-made facts."""

from __future__ import annotations

import datetime as dt

from baskets.charts.chart import Chart
from baskets.charts.figures_compare import comparison_chart
from baskets.charts.figures_ladder import ladder_chart
from baskets.charts.figures_pareto import pareto_chart
from baskets.charts.figures_ranks import ranks_chart
from baskets.charts.figures_watch import watch_chart
from baskets.charts.figures_waterfall import contributions_chart
from baskets.engine.uncertainty import Comparison
from baskets.selectors.catalog import EvalName
from baskets.selectors.comparing import Compared, Standing, lead_rows
from baskets.selectors.ladder import Ladder, Rung, SharedEval
from baskets.selectors.moves import Driver
from baskets.selectors.pareto import Both, ParetoFacts, with_front
from baskets.selectors.ranks import Ranked, Stability
from baskets.selectors.watch import EvalFacts, Full
from baskets.selectors.waterfall import Waterfall, between_systems
from tests.baskets.charts.facts import eval_name, mark, system

OLD, NEW = system("old", "2024-05-01"), system("new", "2025-05-01", developer="anthropic")


def waterfall() -> Waterfall:
    """From 100 to 130: gains of 25 and 10, a loss of 8, and two more that are one step."""
    points = (("a", 25.0), ("b", 10.0), ("c", -8.0), ("d", 2.0), ("e", 1.0))
    drivers = [Driver(eval_name(name), value) for name, value in points]
    return between_systems(
        drivers, series="capability", system=NEW, against=OLD, values=(130.0, 100.0), largest=3
    )


def rung(difference: float | None, low: float, high: float, *, reason: str = "") -> Rung:
    shared = (SharedEval(eval_name("a"), 0.5, 40.0, 52.0),)
    told = difference is not None
    ends = (low if told else None, high if told else None)
    return Rung(OLD, NEW, False, difference, ends[0], ends[1], 0.5, shared, reason)


def ladder() -> Ladder:
    rungs = (
        rung(12.0, 4.0, 20.0),
        rung(1.0, -3.0, 5.0),
        rung(None, 0.0, 0.0, reason="too-few-shared"),
    )
    return Ladder(True, ((NEW, rungs),))


def pair(slug: str, capability: float, safety: float, *, official: bool = True) -> Both:
    day = "2025-01-01"
    return Both(
        mark(slug, day, capability, official=official), mark(slug, day, safety, official=official)
    )


def pareto() -> ParetoFacts:
    """A and B are on the front, C is behind both, D is ahead of all but provisional."""
    pairs = [
        pair("a", 200.0, 100.0),
        pair("b", 150.0, 120.0),
        pair("c", 140.0, 90.0),
        pair("d", 300.0, 300.0, official=False),
    ]
    return ParetoFacts("safety", "A", with_front(pairs))


def watched(
    slug: str, points: float, *, on: dt.date | None = None, saturating: bool = False
) -> tuple[EvalName, EvalFacts]:
    full = Full(on, on, None, None if on else "too-few-steps", 4)
    lifecycle = "saturating" if saturating else "active"
    return eval_name(slug), EvalFacts(
        lifecycle, True, 9, NEW, points, 2.0, 100 - points, 0.0 if saturating else 0.5,
        (OLD, NEW), 5, 0.2, 0.3, (), full,
    )  # fmt: skip


def stability() -> Stability:
    close = Comparison(1.0, -3.0, 5.0, 0.7)
    rows = (
        Ranked(NEW, 1, 120.0, (0.8, 0.2, *[0.0] * 8), 0.0, 1, 2, 110.0, 130.0, close),
        Ranked(OLD, 2, 119.0, (0.2, 0.5, *[0.0] * 8), 0.3, 1, 12, 100.0, 128.0, None),
    )
    design = {"concentration": 4.0}
    return Stability(True, "capability", 1000, 990, 4.0, design, rows)


def compared() -> tuple[Compared, ...]:
    def value(number: float, *, official: bool = True) -> Standing:
        return Standing(number, number - 5, number + 5, 0.6, official, 2)

    one = {"capability": value(150), "capability/coding": value(170), "safety": value(100)}
    other = {"capability": value(120), "safety": value(104, official=False)}
    return (Compared(NEW, one), Compared(OLD, other))


def every_chart() -> list[Chart]:
    """All of them, each with a state of its own."""
    systems = compared()
    rows = [watched("a", 97.0, on=dt.date(2026, 5, 1), saturating=True), watched("b", 40.0)]
    return [
        contributions_chart(waterfall(), base="A", state={"systems": "new,old"}),
        ladder_chart(ladder(), series="capability", state={"series": "capability"}),
        pareto_chart(pareto(), state={}),
        watch_chart(rows, state={}),
        ranks_chart(stability(), state={"series": "capability"}),
        comparison_chart(systems, lead_rows(systems), base="A", state={"systems": "new,old"}),
    ]
