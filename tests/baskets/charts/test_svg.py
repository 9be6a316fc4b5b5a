"""The renderer draws what a figure says, accessibly, and refuses what it cannot draw."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from baskets.charts.axes import FigureError
from baskets.charts.marks import outline
from baskets.charts.svg import render
from baskets.charts.traces import MOST_TIPS

SVG = "{http://www.w3.org/2000/svg}"


def figure(**trace: Any) -> dict[str, Any]:
    full = {
        "type": "scatter", "mode": "lines", "x": [0, 5, 10], "y": [0, 5, 10],
        "line": {"color": "var(--ink)"}, **trace,
    }  # fmt: skip
    layout = {
        "xaxis": {"range": [0, 10], "visible": False},
        "yaxis": {"range": [0, 10], "visible": False},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
    }
    return {"data": [full], "layout": layout}


def drawn(made: dict[str, Any], **options: Any) -> ET.Element:
    asked = {"title": "Title", "description": "Words", "ident": "id", "theme": "light"} | options
    return ET.fromstring(render(made, width=100, height=100, **asked))


def paths(root: ET.Element) -> list[str]:
    return [item.get("d", "") for item in root.iter(f"{SVG}path")]


def test_it_names_itself_for_those_who_do_not_see_it() -> None:
    root = drawn(figure(), title="A < B & C")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "id-t id-d"
    assert root.findtext(f"{SVG}title") == "A < B & C"
    assert root.findtext(f"{SVG}desc") == "Words"


def test_it_draws_a_line_through_the_points() -> None:
    assert "M0.0,100.0L50.0,50.0L100.0,0.0" in paths(drawn(figure()))


def test_it_draws_steps_that_go_across_before_they_go_up() -> None:
    made = figure(line={"color": "var(--ink)", "shape": "hv"})
    assert "M0.0,100.0H50.0V50.0H100.0V0.0" in paths(drawn(made))


def test_it_lifts_the_pen_at_a_missing_value() -> None:
    made = figure(x=[0, 2, 4, 6], y=[0, 1, None, 3])
    assert "M0.0,100.0L20.0,90.0M60.0,70.0" in paths(drawn(made))


def test_it_draws_an_error_bar_of_unequal_arms() -> None:
    made = figure(mode="markers", marker={"color": "var(--ink)"}, x=[5], y=[5],
                  error_y={"array": [2], "arrayminus": [1]})  # fmt: skip
    assert "M50.0,60.0V30.0" in paths(drawn(made))


def test_it_leaves_out_an_error_bar_that_is_not_known() -> None:
    made = figure(mode="markers", marker={"color": "var(--ink)"}, x=[5], y=[5],
                  error_y={"array": [None], "arrayminus": [None]})  # fmt: skip
    assert len(paths(drawn(made))) == 1


def test_it_fills_official_marks_and_hollows_provisional_ones() -> None:
    made = figure(mode="markers", x=[2, 8], y=[5, 5],
                  marker={"color": "var(--ink)", "symbol": ["circle", "circle-open"]})  # fmt: skip
    fills = [item.get("fill") for item in drawn(made).iter(f"{SVG}path")]
    assert fills == ["#1c1b19", "#fbf9f4"]


def test_it_escapes_what_a_mark_says() -> None:
    made = figure(mode="markers", x=[2], y=[5], marker={"color": "var(--ink)"},
                  hovertext=["<script>alert(1)</script><br>& more"])  # fmt: skip
    text = render(made, width=9, height=9, title="t", description="d", ident="i")
    assert "<script" not in text
    assert "&amp; more" in text


def test_it_draws_bars_from_zero_to_both_sides() -> None:
    made = figure(type="bar", orientation="h", x=[2, -2], y=[2, 8], width=1,
                  marker={"color": "var(--ink)"})  # fmt: skip
    made["layout"]["xaxis"]["range"] = [-10, 10]
    bars = list(drawn(made).iter(f"{SVG}rect"))[1:]
    assert [(b.get("x"), b.get("width")) for b in bars] == [("50.0", "10.0"), ("40.0", "10.0")]


def test_it_writes_labels_and_skips_hidden_ones() -> None:
    made = figure()
    made["layout"]["annotations"] = [
        {"text": "shown", "x": 5, "y": 5}, {"text": "gone", "x": 5, "y": 5, "visible": False},
    ]  # fmt: skip
    assert [item.text for item in drawn(made).iter(f"{SVG}text")] == ["shown"]


def test_it_keeps_tokens_inside_a_page_and_colours_outside() -> None:
    inside = render(figure(), width=9, height=9, title="t", description="d", ident="i")
    assert "var(--ink)" in inside
    assert "var(" not in ET.tostring(drawn(figure())).decode()


def test_it_writes_no_style_attribute() -> None:
    text = render(figure(), width=9, height=9, title="t", description="d", ident="i")
    assert " style=" not in text


@pytest.mark.parametrize(
    "trace",
    [
        {"type": "pie"},
        {"line": {"color": "var(--ink)", "shape": "spline"}},
        {"fill": "tonexty", "fillcolor": "var(--ink)"},
        {"mode": "markers", "marker": {"color": "var(--ink)", "symbol": "asterisk"}},
    ],
)
def test_it_refuses_what_it_does_not_draw(trace: dict[str, Any]) -> None:
    with pytest.raises(FigureError):
        drawn(figure(**trace))


@pytest.mark.parametrize("symbol", ["circle", "square", "diamond", "star", "x", "hexagon"])
def test_it_draws_every_mark_around_its_point(symbol: str) -> None:
    assert outline(symbol, 10, 10, 8).startswith("M")
    assert outline(symbol, 10, 10, 8) == outline(f"{symbol}-open", 10, 10, 8)


def many(count: int) -> dict[str, Any]:
    days = list(range(count))
    made = figure(mode="markers", x=days, y=days, hovertext=[f"tip {day}" for day in days],
                  marker={"color": "var(--ink)"})  # fmt: skip
    made["layout"]["xaxis"]["range"] = made["layout"]["yaxis"]["range"] = [0, count]
    return made


def test_it_states_once_what_all_marks_of_a_trace_share() -> None:
    text = render(many(50), width=100, height=100, title="t", description="d", ident="i")
    assert text.count("stroke-width=") == 1
    assert text.count("<path") == 50


@pytest.mark.parametrize(("count", "tips"), [(MOST_TIPS, MOST_TIPS), (MOST_TIPS + 1, 0)])
def test_it_gives_each_mark_a_text_unless_there_are_too_many(count: int, tips: int) -> None:
    assert len(list(drawn(many(count)).iter(f"{SVG}title"))) == tips + 1


def test_it_leaves_texts_out_where_no_pointer_can_rest() -> None:
    assert len(list(drawn(many(5), tips=False).iter(f"{SVG}title"))) == 1


def test_it_draws_the_error_bars_of_one_colour_in_one_path() -> None:
    made = figure(mode="markers", marker={"color": "var(--ink)"}, x=[2, 8], y=[5, 5],
                  error_y={"array": [1, 1]})  # fmt: skip
    assert "M20.0,60.0V40.0M80.0,60.0V40.0" in paths(drawn(made))


def test_it_draws_marks_of_a_kind_in_one_path_where_they_have_no_text() -> None:
    made = many(MOST_TIPS + 1)
    colours = ["var(--ink)", "var(--paper)"] * MOST_TIPS
    made["data"][0]["marker"]["color"] = colours[: MOST_TIPS + 1]
    dark, light = paths(drawn(made))
    assert (dark.count("M"), light.count("M")) == (MOST_TIPS // 2 + 1, MOST_TIPS // 2)
    assert dark.startswith("M-4.0,100.0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0zM")
