"""Charts that compare or doubt show what their facts say, and their steps sum."""

from __future__ import annotations

import datetime as dt
import math
import xml.etree.ElementTree as ET
from dataclasses import replace

from baskets.charts import columns
from baskets.charts.figures_compare import comparison_chart
from baskets.charts.figures_ladder import ladder_chart
from baskets.charts.figures_pareto import pareto_chart
from baskets.charts.figures_ranks import ranks_chart
from baskets.charts.figures_watch import watch_chart, when
from baskets.charts.figures_waterfall import contributions_chart
from baskets.charts.labels import text_size
from baskets.selectors.catalog import EvalName
from baskets.selectors.comparing import Compared, lead_rows
from baskets.selectors.pareto import with_front
from baskets.selectors.watch import EvalFacts
from tests.baskets.charts import samples_compared as samples
from tests.baskets.charts.facts import system


def test_a_waterfall_gathers_the_smaller_steps_and_sums_to_the_difference() -> None:
    found = samples.waterfall()
    assert [(rise.kind, rise.points, rise.count) for rise in found.rises] == [
        ("eval", 25.0, 1), ("eval", 10.0, 1), ("eval", -8.0, 1), ("rest", 3.0, 2),
    ]  # fmt: skip
    assert math.fsum(rise.points for rise in found.rises) == found.move == 30.0


def test_a_waterfall_draws_each_bar_from_where_the_last_one_ended() -> None:
    bars = contributions_chart(samples.waterfall(), base="A", state={}).wide["data"][1]
    assert bars["base"] == [100.0, 125.0, 135.0, 127.0]
    assert bars["marker"]["color"][2] == "var(--paper)"
    assert bars["marker"]["color"][0] != "var(--paper)"


def test_the_picture_of_a_waterfall_has_its_bars_end_to_end() -> None:
    chart = contributions_chart(samples.waterfall(), base="A", state={})
    root = ET.fromstring(chart.draw(theme="light"))
    bars = [e for e in root.iter("{http://www.w3.org/2000/svg}rect") if list(e)]
    ends = [(float(b.get("x", 0)), float(b.get("x", 0)) + float(b.get("width", 0))) for b in bars]
    assert abs(ends[0][1] - ends[1][0]) < 0.2
    # The loss goes back from where the gain before it ended.
    assert abs(ends[2][1] - ends[1][1]) < 0.2


def test_a_waterfall_says_who_stands_above_whom() -> None:
    title = contributions_chart(samples.waterfall(), base="A", state={}).title
    assert title == "Capability: why NEW stands 30.0 points above OLD"


def test_a_ladder_counts_clear_gains_and_says_why_a_rung_has_none() -> None:
    chart = ladder_chart(samples.ladder(), series="capability", state={})
    assert chart.title == "Capability, like for like: 1 of 2 steps are clear gains"
    assert len(chart.wide["data"][0]["x"]) == 2
    texts = [a["text"] for a in chart.wide["layout"]["annotations"]]
    assert "fewer than two shared evals" in texts


def test_a_front_leaves_out_what_another_beats_on_both_and_what_is_provisional() -> None:
    facts = samples.pareto()
    assert [both.system.slug for both in facts.front] == ["b", "a"]
    assert pareto_chart(facts, state={}).title == (
        "No system beats these 2 on both capability and safety"
    )


def test_systems_equal_in_both_share_the_front_and_a_tie_in_one_does_not() -> None:
    twins = with_front([samples.pair("a", 200, 100), samples.pair("b", 200, 100)])
    assert [both.front for both in twins] == [True, True]
    tied = with_front([samples.pair("a", 200, 100), samples.pair("b", 200, 90)])
    assert [both.front for both in tied] == [True, False]
    level = with_front([samples.pair("a", 200, 100), samples.pair("b", 150, 100)])
    assert [both.front for both in level] == [True, False]


def test_a_front_draws_provisional_systems_hollow() -> None:
    hollow = pareto_chart(samples.pareto(), state={}).wide["data"][0]
    assert hollow["marker"]["symbol"] == ["circle-open"]


def test_a_watch_counts_the_full_and_the_blunt() -> None:
    chart = watch_chart(samples_rows(), state={})
    assert chart.title == "1 of 2 counted evals are nearly full"
    assert "On 1 of 2 evals" in chart.subtitle
    assert chart.wide["data"][1]["marker"]["symbol"] == ["diamond-open", "circle"]


def samples_rows() -> list[tuple[EvalName, EvalFacts]]:
    """A full eval that tells nothing apart, and another."""
    return [samples.watched("a", 97.0, saturating=True), samples.watched("b", 40.0)]


def test_a_watch_ends_an_interval_at_the_ceiling() -> None:
    error = watch_chart(samples_rows(), state={}).wide["data"][1]["error_x"]
    assert error["array"] == [3.0, 3.92]
    assert error["arrayminus"] == [3.92, 3.92]


def test_a_date_of_saturation_says_where_its_interval_is_open() -> None:
    _item, facts = samples.watched("a", 50.0, on=dt.date(2027, 3, 1))
    assert when(facts) == "2027 (from 2027)"
    assert when(samples.watched("a", 50.0)[1]) == "–"


def test_ranks_draw_squares_whose_area_is_the_share() -> None:
    marks = ranks_chart(samples.stability(), state={}).wide["data"][1]
    assert marks["x"] == [1, 2, 1, 2, 11]
    first, second = marks["marker"]["size"][:2]
    assert abs((first / second) ** 2 - 0.8 / 0.2) < 0.1


def test_ranks_say_at_which_rank_the_largest_share_is() -> None:
    beyond = replace(samples.stability().ranked[1], shares=(0.2, *[0.0] * 9), beyond=0.8)
    chart = ranks_chart(replace(samples.stability(), ranked=(beyond,)), state={})
    for figure in (chart.wide, chart.narrow):
        (label,) = (a for a in figure["layout"]["annotations"] if "at" in a["text"])
        assert label["text"] == "80% at 11+" and "11+" in figure["layout"]["xaxis"]["ticktext"]
        assert text_size(label)[0] + label["xshift"] < figure["layout"]["margin"]["r"]


def test_columns_say_what_they_hold_where_it_is_not_the_unit_of_the_chart() -> None:
    ranks = ranks_chart(samples.stability(), state={})
    said = {column.key: columns.note(column, ranks.unit) for column in ranks.columns}
    assert said["value"] == "Published index"
    systems = samples.compared()
    table = comparison_chart(systems, lead_rows(systems), base="A", state={}).columns
    names = {column.key: columns.note(column, "") for column in table}
    assert names["value_2"] == "Index of OLD"
    assert names["low_2"].startswith("Lower end of the 95% interval of OLD")
    assert names["high_1"].startswith("Upper end of the 95% interval of NEW")


def test_ranks_say_how_firm_the_lead_is() -> None:
    assert ranks_chart(samples.stability(), state={}).title == (
        "Capability: NEW leads in 80% of the draws"
    )


def test_profiles_have_a_panel_a_system_on_one_scale() -> None:
    systems = samples.compared()
    layout = comparison_chart(systems, lead_rows(systems), base="A", state={}).wide["layout"]
    assert layout["xaxis"]["range"] == layout["xaxis2"]["range"]
    assert layout["xaxis"]["domain"][1] < layout["xaxis2"]["domain"][0]


def test_profiles_show_the_series_that_two_systems_have() -> None:
    rows = lead_rows(samples.compared())
    assert [(row.series, row.leader and row.leader.slug, row.apart) for row in rows] == [
        ("capability", "new", True),
        ("safety", "old", False),
    ]


def test_profiles_name_a_system_without_any_value_and_one_that_shares_no_series() -> None:
    one, other = samples.compared()
    none = Compared(system("none", "2026-05-01"), {})
    alone = Compared(system("alone", "2026-05-01"), {"alignment": one.values["safety"]})
    systems = (none, one, alone, other)
    chart = comparison_chart(systems, lead_rows(systems), base="A", state={})
    for picture, lacks in ((chart.draw(), "no value"), (chart.draw(narrow=True), "No value")):
        assert lacks in picture and "o shared series" in picture
    said = {a["text"]: a["xref"] for a in chart.wide["layout"]["annotations"] if "xref" in a}
    assert said["no value"] == "x domain" and said["no shared series"] == "x3 domain"
    assert [len(trace["x"]) for trace in chart.wide["data"]] == [0, 2, 0, 2]
