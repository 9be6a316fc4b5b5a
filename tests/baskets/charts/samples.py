"""One chart of every kind, made from hand-made facts."""

from __future__ import annotations

import datetime as dt

from baskets.charts.chart import Chart
from baskets.charts.figures_eval import eval_chart
from baskets.charts.figures_frontier import frontier_chart
from baskets.charts.figures_gap import gap_chart
from baskets.charts.figures_generations import generations_chart
from baskets.charts.figures_profile import profile_chart
from baskets.charts.figures_sparkline import sparkline_chart
from baskets.charts.figures_weights import weights_chart
from baskets.charts.focus import Focus
from baskets.charts.state import Look
from baskets.selectors.baskets import WeightRow
from baskets.selectors.gap import Gap, Rate
from baskets.selectors.generations import GenerationFacts, GenerationPoint
from baskets.selectors.profile import ProfileFacts, ProfileRow
from baskets.selectors.scores import EvalHistory, ScoreRow
from tests.baskets.charts import samples_compared
from tests.baskets.charts.facts import eval_name, frontier, system

DAY = dt.date(2025, 1, 1)
FOCUS = Focus(developers=(("anthropic", "Anthropic"),))


def gap(domain: str, low: float, middle: float, high: float) -> Gap:
    own = Rate(5.0, 3.0, 7.0)
    capability = Rate(5.0 - middle, 4.0 - middle, 6.0 - middle)
    return Gap(domain, own, capability, Rate(middle, low, high), ("a", "b", "c"), DAY, DAY)


def generations() -> GenerationFacts:
    def point(slug: str, day: str, value: float, official: bool, who: str) -> GenerationPoint:
        made = system(slug, day, developer=who, generation=slug)
        return GenerationPoint(made, value, value - 5, value + 5, official)

    one = (
        point("g1", "2024-01-01", 90.0, True, "openai"),
        point("g2", "2024-06-01", 80.0, False, "openai"),
        point("g3", "2025-01-01", 140.0, True, "openai"),
    )
    two = (point("c1", "2024-03-01", 95.0, True, "anthropic"),)
    groups = ((one[-1].system, one), (two[-1].system, two))
    return GenerationFacts("capability", "A", groups, frontier().steps)


def profile_row(series: str, value: float, *, official: bool = True) -> ProfileRow:
    return ProfileRow(
        series, value, value - 8, value + 8, 0.6, 0.4, 50.0, 200.0, official, False, 2, 90.0, 160.0
    )


def profile() -> ProfileFacts:
    rows = (
        profile_row("capability", 150.0),
        profile_row("capability/coding", 170.0, official=False),
        profile_row("safety", 110.0),
    )
    return ProfileFacts("C", "A", "B", rows, (profile_row("headline", 130.0),))


def score(slug: str, day: str, value: float, *, stands: bool = True) -> ScoreRow:
    made = system(slug, day)
    return ScoreRow(
        1, made, eval_name("hle"), value, "", "100", "no tools", "a third party",
        made.released_on, "https://example.org/x", "", stands, stands, "",
    )  # fmt: skip


def history(*, log: bool = False) -> EvalHistory:
    rows = (
        score("a", "2024-01-01", 10.0),
        score("b", "2024-06-01", 30.0, stands=False),
        score("c", "2025-01-01", 60.0),
    )
    return EvalHistory("HLE", "percent", log, False, 1.0, 100.0, 89.0, rows)


def weights() -> list[WeightRow]:
    return [
        WeightRow(eval_name("kept"), 0.5, 0.7, None, ""),
        WeightRow(eval_name("new", "safety"), 0.5, None, None, ""),
        WeightRow(eval_name("gone", "safety"), None, 0.3, None, "Full."),
    ]


def every_chart() -> list[Chart]:
    return [
        frontier_chart(frontier(), state={"series": "capability"}),
        frontier_chart(frontier(), look=Look(log=True), state={"scale": "log"}),
        frontier_chart(frontier(), look=Look(view="since-base"), state={"view": "since-base"}),
        frontier_chart(
            frontier(), look=Look(view="since-previous"), state={"view": "since-previous"}
        ),
        frontier_chart(frontier(), look=Look(start=DAY), state={"range": "1y"}),
        frontier_chart(frontier(), look=Look(focus=FOCUS), state={"developers": "anthropic"}),
        sparkline_chart(frontier(), state={"series": "capability"}),
        generations_chart(generations(), state={"series": "capability"}),
        generations_chart(generations(), look=Look(start=DAY, log=True), state={"range": "2y"}),
        gap_chart((gap("safety", -9.0, -6.0, -3.0), gap("alignment", -4.0, 1.0, 6.0)), state={}),
        profile_chart(profile(), state={"system": "c"}),
        eval_chart(history(), state={"eval": "hle"}),
        eval_chart(history(log=True), state={"eval": "horizon"}),
        weights_chart(weights(), basket="AGI Index", number=2, state={"version": "2"}),
        *samples_compared.every_chart(),
    ]
