"""Direct labels keep clear of marks, of lines where they can, and of each other."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from baskets.charts.frame import frame
from baskets.charts.labels import Box, place, text_size

WIDTH, HEIGHT = 600, 400


def figure(points: list[tuple[float, float]], *, name: str = "mark") -> dict[str, Any]:
    labels = [
        {"name": name, "text": f"system {at}", "x": x, "y": y} for at, (x, y) in enumerate(points)
    ]
    return {
        "data": [
            {
                "type": "scatter", "mode": "markers", "x": [x for x, _y in points],
                "y": [y for _x, y in points], "marker": {"size": 8, "color": "var(--ink)"},
            }
        ],
        "layout": {
            "xaxis": {"range": [0, 100]}, "yaxis": {"range": [0, 100]},
            "margin": {"l": 20, "r": 120, "t": 20, "b": 20}, "annotations": labels,
        },
    }  # fmt: skip


def boxes(placed: dict[str, Any]) -> list[Box]:
    area = frame(placed, WIDTH, HEIGHT)
    found = []
    for item in placed["layout"]["annotations"]:
        if item.get("visible") is False:
            continue
        wide, high = text_size(item)
        x = area.x("x", item["x"]) + item["xshift"]
        y = area.y("y", item["y"]) - item["yshift"]
        left = {"left": x, "center": x - wide / 2, "right": x - wide}[item["xanchor"]]
        found.append(Box(left, y - high / 2, left + wide, y + high / 2))
    return found


POINTS = st.lists(
    st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=25, unique=True
)


@given(POINTS)
def test_it_never_lets_two_labels_of_marks_meet(points: list[tuple[float, float]]) -> None:
    found = boxes(place(figure(points), WIDTH, HEIGHT))
    assert not any(a.meets(b) for at, a in enumerate(found) for b in found[at + 1 :])


@given(POINTS)
def test_it_never_lets_a_label_cover_a_mark(points: list[tuple[float, float]]) -> None:
    made = figure(points)
    area = frame(made, WIDTH, HEIGHT)
    marks = [Box(area.x("x", x) - 4, area.y("y", y) - 4, area.x("x", x) + 4, area.y("y", y) + 4)
             for x, y in points]  # fmt: skip
    found = boxes(place(made, WIDTH, HEIGHT))
    assert not any(label.meets(mark) for label in found for mark in marks)


def test_it_keeps_the_label_of_a_lone_mark() -> None:
    placed = place(figure([(50, 50)]), WIDTH, HEIGHT)
    assert placed["layout"]["annotations"][0]["xanchor"] == "right"


def test_it_spreads_labels_at_the_ends_of_lines() -> None:
    points = [(100.0, 50.0), (100.0, 50.5), (100.0, 51.0)]
    found = boxes(place(figure(points, name="end"), WIDTH, HEIGHT))
    assert len(found) == 3
    assert not any(a.meets(b) for at, a in enumerate(found) for b in found[at + 1 :])


def test_it_moves_a_label_off_a_line_where_there_is_room() -> None:
    made = figure([(60, 50)])
    made["data"].append(
        {"type": "scatter", "mode": "lines", "x": [0, 60], "y": [50, 50], "line": {"shape": "hv"}}
    )
    (label,) = boxes(place(made, WIDTH, HEIGHT))
    line = frame(made, WIDTH, HEIGHT).y("y", 50)
    assert not label.top < line < label.bottom


def test_it_keeps_off_a_label_that_stays_where_it_is() -> None:
    made = figure([(50, 50)])
    fixed = {"text": "system 0", "x": 50, "y": 50, "xanchor": "right", "xshift": -9, "yshift": 0}
    made["layout"]["annotations"].append(fixed)
    found = boxes(place(made, WIDTH, HEIGHT))
    assert not found[0].meets(found[1])


def test_it_leaves_the_given_figure_as_it_was() -> None:
    made = figure([(50, 50)])
    place(made, WIDTH, HEIGHT)
    assert "xshift" not in made["layout"]["annotations"][0]


def test_it_turns_a_label_of_a_row_to_the_left_where_the_next_would_cover_it() -> None:
    made = figure([(20, 50), (22, 50), (80, 50)], name="row")
    placed = place(made, WIDTH, HEIGHT)["layout"]["annotations"]
    assert [a["xanchor"] for a in placed] == ["right", "left", "left"]


def test_it_leaves_out_a_label_of_a_row_that_its_neighbours_cover() -> None:
    made = figure([(40, 50), (41, 50), (42, 50)], name="row")
    shown = [a.get("visible", True) for a in place(made, WIDTH, HEIGHT)["layout"]["annotations"]]
    assert shown == [False, True, True]


def test_it_names_a_line_at_the_end_that_is_free() -> None:
    made = figure([(2, 52)])
    line = {"name": "line", "text": "baseline", "xref": "paper", "x": 0, "yref": "y", "y": 50}
    made["layout"]["annotations"] = [line]
    (placed,) = place(made, WIDTH, HEIGHT)["layout"]["annotations"]
    assert (placed["x"], placed["xanchor"]) == (1, "right")
