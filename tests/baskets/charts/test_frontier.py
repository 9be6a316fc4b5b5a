"""The frontier chart as a dict."""

from __future__ import annotations

import datetime as dt
import math

from baskets.charts.figures_frontier import frontier_chart
from baskets.charts.figures_sparkline import sparkline_chart
from baskets.charts.focus import Focus
from baskets.charts.state import Look
from tests.baskets.charts.facts import frontier, mark

STATE = {"series": "capability"}
OPENAI = (("openai", "OpenAI"),)


def test_it_draws_the_frontier_as_steps_up_to_the_vintage() -> None:
    line = frontier_chart(frontier(), state=STATE).wide["data"][1]
    assert line["line"]["shape"] == "hv"
    assert line["x"] == ["2024-05-13", "2025-06-01", "2025-12-31"]
    assert line["y"] == [100.0, 150.0, 150.0]


def test_it_draws_provisional_systems_hollow_and_without_interval() -> None:
    provisional, _line, official = frontier_chart(frontier(), state=STATE).wide["data"]
    assert provisional["marker"]["symbol"] == ["hexagon-open"]
    assert "error_y" not in provisional
    assert official["marker"]["symbol"] == ["circle", "diamond"]


def test_it_draws_the_interval_around_the_value() -> None:
    official = frontier_chart(frontier(), state=STATE).wide["data"][2]
    assert official["error_y"]["array"] == [12.0, 12.0]
    assert official["error_y"]["arrayminus"] == [10.0, 10.0]


def test_it_marks_where_baskets_change() -> None:
    layout = frontier_chart(frontier(), state=STATE).wide["layout"]
    lines = [s["x0"] for s in layout["shapes"] if s["xref"] == "x"]
    assert lines == ["2024-05-13", "2025-03-01"]
    assert [a["text"] for a in layout["annotations"][:2]] == ["basket 1", "basket 2"]


def test_it_names_the_newest_step_of_the_frontier_first() -> None:
    layout = frontier_chart(frontier(), state=STATE).wide["layout"]
    assert [a["text"] for a in layout["annotations"] if a.get("name") == "mark"] == ["C", "A"]


def test_it_puts_labels_on_exponents_when_the_scale_is_logarithmic() -> None:
    layout = frontier_chart(frontier(), look=Look(log=True), state=STATE).wide["layout"]
    assert layout["yaxis"]["type"] == "log"
    label = next(a for a in layout["annotations"] if a["text"] == "C")
    assert math.isclose(label["y"], math.log10(150), abs_tol=1e-4)


def test_it_leaves_out_what_has_no_logarithm() -> None:
    marks = (mark("low", "2024-01-01", -5.0), mark("a", "2024-05-13", 100.0))
    made = frontier_chart(frontier(marks), look=Look(log=True), state=STATE)
    assert made.wide["data"][2]["y"] == [100.0]


def test_it_says_the_finding_in_its_title() -> None:
    assert frontier_chart(frontier(), state=STATE).title == "Capability stands at 150, set by C"


def test_it_says_so_where_nobody_is_official() -> None:
    marks = (mark("b", "2025-01-01", 180.0, official=False),)
    title = frontier_chart(frontier(marks), state=STATE).title
    assert title == "Capability: no system has enough evidence yet"


def test_its_table_holds_every_system_newest_first() -> None:
    made = frontier_chart(frontier(), state=STATE)
    assert [row[0] for row in made.rows] == ["C", "B", "A"]
    assert [row[-2:] for row in made.rows] == [(True, True), (False, False), (True, True)]


def test_it_tells_in_a_tooltip_what_the_table_says() -> None:
    text = frontier_chart(frontier(), state=STATE).wide["data"][0]["hovertext"][0]
    assert text.startswith("B<br>Mistral-Ai, 1 Jan 2025<br>180.0 (95%: 170.0–192.0)")
    assert "provisional" in text


def test_it_keeps_every_label_and_interval_inside_its_axis() -> None:
    low, high = frontier_chart(frontier(), state=STATE).wide["layout"]["yaxis"]["range"]
    assert low <= 90
    assert high >= 162


def test_it_brings_out_what_was_chosen_and_greys_the_rest() -> None:
    look = Look(focus=Focus(developers=OPENAI))
    made = frontier_chart(frontier(), look=look, state=STATE)
    grey, provisional, line, official = made.wide["data"]
    assert grey["y"] == [180.0, 150.0]
    assert grey["marker"]["color"] == "var(--rule-strong)"
    assert (provisional["y"], official["y"]) == ([], [100.0])
    assert line["y"] == [100.0, 150.0, 150.0], "the frontier stays that of all systems"
    names = [a["text"] for a in made.wide["layout"]["annotations"] if a.get("name") == "mark"]
    assert names == ["A", "C"]
    assert made.title == "Capability: the best of Openai is A at 100, 50 below C"
    assert made.subtitle.endswith("In colour: OpenAI; all others are grey.")
    assert [key.label for key in made.keys] == ["Openai", "all others", "provisional (hollow)"]


def test_it_leaves_out_what_was_not_chosen() -> None:
    look = Look(focus=Focus(systems=(("c", "C"),), alone=True))
    made = frontier_chart(frontier(), look=look, state=STATE)
    assert [trace["y"] for trace in made.wide["data"]] == [[], [100.0, 150.0, 150.0], [150.0]]
    assert [row[0] for row in made.rows] == ["C"]
    assert made.title == "Capability: Anthropic holds the frontier at 150, with C"
    assert made.description.startswith("1 official and 0 provisional systems. The frontier rises")


def test_it_says_of_what_was_chosen_why_it_is_not_drawn() -> None:
    systems = (("c", "C"), ("a", "A"), ("x", "X"))
    for chosen, said in (
        (systems, " Only these are shown: C. Not in the time that is shown: A. "),
        (systems[2:], " Hollow marks are provisional and never count. "),
    ):
        look = Look(start=dt.date(2025, 1, 1), focus=Focus(systems=chosen, alone=True))
        made = frontier_chart(frontier(), look=look, state=STATE)
        assert made.subtitle.endswith(said + "No value in this series: X.")
    assert made.rows == ()
    assert made.description.startswith("0 official and 0 provisional systems.")


def test_its_words_tell_a_rise_from_a_frontier_that_stands() -> None:
    alone = frontier((mark("a", "2024-05-13", 100.0),))
    said = frontier_chart(alone, state=STATE).description
    assert said.endswith("systems. The frontier stands at 100 (A, 13 May 2024).")
    close = frontier((mark("a", "2024-05-13", 99.9), mark("b", "2024-06-13", 100.2)))
    said = frontier_chart(close, state=STATE).description
    assert said.endswith("rises from 99.9 (A, 13 May 2024) to 100.2 (B, 13 Jun 2024).")


def test_a_rise_greys_what_was_not_chosen() -> None:
    look = Look(view="since-previous", focus=Focus(developers=OPENAI))
    made = frontier_chart(frontier(), look=look, state=STATE)
    behind, near, marks = made.wide["data"]
    assert (behind["line"]["color"], near["x"]) == ("var(--rule-strong)", [])
    assert marks["marker"]["color"] == ["var(--rule-strong)"]
    assert made.subtitle.endswith("within noise. Never raised the frontier: OpenAI.")
    assert made.wide["layout"]["annotations"] == []


def test_a_sparkline_ends_in_a_dot_at_the_last_value() -> None:
    made = sparkline_chart(frontier(), state=STATE)
    assert made.description.startswith("The frontier rises from"), "it draws no systems"
    line, end = made.wide["data"]
    assert (end["x"], end["y"]) == (line["x"][-1:], [150.0])


def test_a_sparkline_has_no_axes() -> None:
    layout = sparkline_chart(frontier(), state=STATE).wide["layout"]
    assert layout["xaxis"]["visible"] is layout["yaxis"]["visible"] is False


def test_a_sparkline_of_one_step_still_has_a_height() -> None:
    facts = frontier((mark("a", "2024-05-13", 100.0),))
    low, high = sparkline_chart(facts, state=STATE).wide["layout"]["yaxis"]["range"]
    assert low < 100 < high
    assert dt.date.fromisoformat(sparkline_chart(facts, state=STATE).wide["data"][0]["x"][-1])
