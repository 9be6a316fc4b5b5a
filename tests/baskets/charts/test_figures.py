"""What holds for every chart, and what each kind must show."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import xml.etree.ElementTree as ET

import plotly.graph_objects
import pytest

from baskets.charts import palette
from baskets.charts.chart import MOST_ROWS, Chart
from baskets.charts.figures_eval import MOST_MARKS, eval_chart
from baskets.charts.figures_gap import gap_chart, verdict
from baskets.charts.figures_generations import generations_chart
from baskets.charts.figures_profile import profile_chart
from baskets.charts.figures_weights import weights_chart
from baskets.charts.focus import Focus
from baskets.charts.state import Look
from baskets.selectors.baskets import WeightRow
from tests.baskets.charts import samples
from tests.baskets.charts.facts import eval_name

CHARTS = samples.every_chart()
IDS = [chart.ident for chart in CHARTS]


@pytest.mark.parametrize("chart", CHARTS, ids=IDS)
def test_it_is_a_figure_that_plotly_accepts(chart: Chart) -> None:
    for figure in (chart.wide, chart.narrow):
        made = plotly.graph_objects.Figure(palette.resolve(figure, "dark"))
        assert len(made.data) == len(figure["data"])


@pytest.mark.parametrize("chart", CHARTS, ids=IDS)
@pytest.mark.parametrize("narrow", [False, True])
def test_it_is_drawn_as_well_formed_svg(chart: Chart, narrow: bool) -> None:
    root = ET.fromstring(chart.draw(narrow=narrow, theme="light"))
    assert root.get("role") == "img"
    assert len(list(root.iter())) > 4


@pytest.mark.parametrize("chart", CHARTS, ids=IDS)
def test_it_has_a_table_with_a_cell_for_every_column(chart: Chart) -> None:
    assert chart.rows
    assert {len(row) for row in chart.rows} == {len(chart.columns)}


@pytest.mark.parametrize("chart", CHARTS, ids=IDS)
def test_its_csv_has_the_same_rows_as_its_table(chart: Chart) -> None:
    rows = list(csv.reader(io.StringIO(chart.table_csv())))
    assert rows[0] == [column.key for column in chart.columns]
    assert len(rows) == len(chart.rows) + 1


@pytest.mark.parametrize("chart", CHARTS, ids=IDS)
def test_it_uses_no_markup_that_plotly_would_turn_into_inline_style(chart: Chart) -> None:
    texts = [a["text"] for a in chart.wide["layout"].get("annotations", [])]
    texts += [text for trace in chart.wide["data"] for text in trace.get("hovertext", [])]
    assert not [text for text in texts if "<" in text.replace("<br>", "")]


def test_its_ids_are_unique_in_a_page() -> None:
    assert len(set(IDS)) == len(IDS)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_its_csv_disarms_text_that_a_spreadsheet_would_run(text: str) -> None:
    chart = Chart("n", "t", "", "", {}, {}, CHARTS[0].columns[:1], ((text,), (-1.5,)))
    rows = list(csv.reader(io.StringIO(chart.table_csv())))
    assert rows[1:] == [[f"'{text}"], ["-1.5"]]


def test_generations_have_a_panel_each_and_join_official_ones_only() -> None:
    figure = generations_chart(samples.generations(), state={}).wide
    assert {trace.get("xaxis", "x") for trace in figure["data"]} == {"x", "x2"}
    assert figure["data"][1]["y"] == [90.0, 140.0]
    assert figure["data"][2]["marker"]["symbol"] == ["circle", "circle-open", "circle"]


def test_generations_share_one_scale() -> None:
    layout = generations_chart(samples.generations(), state={}).wide["layout"]
    assert layout["yaxis"]["range"] == layout["yaxis2"]["range"]


def test_a_generation_steps_from_the_official_one_before_it() -> None:
    (_developer, ladder), _other = samples.generations().ladder
    assert [step for _point, step in ladder] == [None, None, 50.0]


def test_a_gap_whose_interval_holds_zero_is_called_undecided() -> None:
    assert "cannot be told apart" in verdict(samples.gap("safety", -1.0, 2.0, 5.0))


def test_a_negative_gap_says_that_the_domain_falls_behind() -> None:
    made = samples.gap("alignment", -9.0, -6.0, -3.0)
    assert verdict(made).startswith("Alignment falls behind capability by 6.0 points a year")
    assert gap_chart((made,), state={}).title == "Capability is outrunning alignment"


def test_a_gap_draws_both_slopes_with_their_values() -> None:
    figure = gap_chart((samples.gap("safety", -9.0, -6.0, -3.0),), state={}).wide
    assert figure["data"][0]["x"] == [11.0, 5.0]
    assert [a["text"] for a in figure["layout"]["annotations"][-2:]] == ["+11.0", "+5.0"]


def test_a_profile_draws_the_whole_domain_before_its_parts() -> None:
    figure = profile_chart(samples.profile(), state={}).wide
    own = figure["data"][-1]
    assert own["x"] == [150.0, 170.0, 110.0]
    assert own["marker"]["symbol"] == ["circle", "circle-open", "circle"]
    assert own["y"] == sorted(own["y"], reverse=True)


def test_an_eval_names_its_human_baseline_and_goalposts() -> None:
    layout = eval_chart(samples.history(), state={}).wide["layout"]
    texts = [a["text"] for a in layout["annotations"]]
    assert texts[:3] == ["human baseline 89", "100 points: 100", "0 points: 1"]
    assert layout["shapes"][0]["line"]["dash"] == "dash"


def test_an_eval_fills_only_the_scores_that_stand() -> None:
    others, standing = eval_chart(samples.history(), state={}).wide["data"]
    assert (others["y"], standing["y"]) == ([30.0], [10.0, 60.0])
    assert others["marker"]["symbol"] == ["circle-open"]


def test_weights_join_old_and_new_shares_of_what_stayed() -> None:
    moves, old, new = weights_chart(samples.weights(), basket="x", number=2, state={}).wide["data"]
    assert moves["x"] == [70.0, 50.0, None]
    assert sorted(old["x"]) == [30.0, 70.0]
    assert new["x"] == [50.0, 50.0]


def test_weights_say_how_many_entered_and_left() -> None:
    title = weights_chart(samples.weights(), basket="x", number=2, state={}).title
    assert title == "Version 2: 1 eval entered, 1 left"


def test_weights_draw_the_heaviest_of_a_domain_and_say_so() -> None:
    light = [WeightRow(eval_name(f"light {n}"), 0.01, None, None, "") for n in range(14)]
    made = weights_chart([*light, *samples.weights()], basket="x", number=2, state={})
    drawn = [a["text"] for a in made.wide["layout"]["annotations"]]
    assert "Kept" in drawn and sum(text.startswith("Light") for text in drawn) == 11
    assert made.subtitle.endswith("now or before; the table has all 17.")
    assert len(made.rows) == 17


def test_a_long_table_is_cut_on_the_page_but_not_in_the_csv() -> None:
    rows = tuple((f"row {number}",) for number in range(MOST_ROWS + 50))
    chart = Chart("n", "t", "", "", {}, {}, CHARTS[0].columns[:1], rows)
    assert len(chart.first_rows) == MOST_ROWS
    assert len(chart.table_csv().splitlines()) == len(rows) + 1


def test_an_eval_of_many_scores_draws_records_and_the_newest_and_says_so() -> None:
    days = [dt.date(2020, 1, 1) + dt.timedelta(days=n) for n in range(MOST_MARKS + 50)]
    made = [samples.score(f"s{n}", day.isoformat(), 1.0 + (n == 3)) for n, day in enumerate(days)]
    rows = tuple(row._replace(id=n) for n, row in enumerate(made))
    chart = eval_chart(dataclasses.replace(samples.history(), rows=rows), state={"eval": "hle"})
    drawn = [x for trace in chart.wide["data"] for x in trace["x"]]
    kept = [days[0], days[3], *days[-(MOST_MARKS - 2) :]]
    assert drawn == [day.isoformat() for day in kept]
    assert f"Of {len(rows)} scores it draws" in chart.subtitle
    assert len(chart.rows) == len(rows)


def test_an_eval_brings_out_what_was_chosen_and_greys_the_rest() -> None:
    focus = Focus(systems=(("c", "C"),))
    made = eval_chart(samples.history(), look=Look(focus=focus), state={})
    grey, others, standing = made.wide["data"]
    assert (grey["y"], others["y"], standing["y"]) == ([10.0, 30.0], [], [60.0])
    assert grey["marker"]["symbol"] == ["circle", "circle-open"]
    names = [a["text"] for a in made.wide["layout"]["annotations"] if a["name"] == "mark"]
    assert names == ["C"]
    assert [key.label for key in made.keys] == ["Openai", "all others"]
    alone = Look(focus=dataclasses.replace(focus, alone=True))
    made = eval_chart(samples.history(), look=alone, state={})
    assert [row[0] for row in made.rows] == ["C"] and len(made.wide["data"]) == 2


def test_an_eval_counts_and_names_what_it_draws() -> None:
    drawn = {}
    for chosen in ("a", "b", "x"):
        focus = Focus(systems=((chosen, chosen.upper()),), alone=True)
        drawn[chosen] = eval_chart(samples.history(), look=Look(focus=focus), state={})
    assert drawn["a"].title == "HLE: of those shown the best score is 10, by A"
    assert drawn["b"].title == "HLE: of those shown the best score is 30, by B"
    assert drawn["a"].description == "Scores: 1; systems: 1; the table has every one."
    assert drawn["a"].subtitle.endswith(" Only these are shown: A.")
    assert drawn["x"].title == "HLE: none of those chosen has a score here"
    assert drawn["x"].description.startswith("Scores: 0;")
    assert drawn["x"].subtitle.endswith("other measurements. No score on this eval: X.")
    whole = eval_chart(samples.history(), state={}).wide["layout"]
    frames = [made.wide["layout"]["yaxis"] for made in drawn.values()]
    assert frames == [whole["yaxis"]] * 3, "what is left out moves no axis"


def test_an_eval_keeps_all_of_many_scores_that_were_chosen() -> None:
    made = [samples.score(f"s{n}", "2024-01-01", 1.0 + n) for n in range(MOST_MARKS + 50)]
    rows = tuple(row._replace(id=n) for n, row in enumerate(made))
    look = Look(focus=Focus(systems=(("s0", "S0"), ("s9", "S9")), alone=True))
    history = dataclasses.replace(samples.history(), rows=rows)
    chart = eval_chart(history, look=look, state={"eval": "hle"})
    assert chart.wide["data"][1]["y"] == [1.0, 10.0]
    assert chart.subtitle.endswith("are other measurements. Only these are shown: S0, S9.")
