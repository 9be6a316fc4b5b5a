"""No label of a real chart covers another or leaves the picture, on any width, in any language."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from django.conf import settings
from django.test import RequestFactory
from django.utils import translation

from baskets.charts.chart import Chart
from baskets.charts.frame import Figure, frame
from baskets.charts.labels import Box, mark_boxes, place, text_size
from baskets.views import page
from baskets.views.charts import chart_of
from tests.baskets.pages.addresses import CHARTS

pytestmark = pytest.mark.usefixtures("catalog_db")

MORE = [
    "frontier?series=safety&range=1y&view=since-base",
    "frontier?view=since-previous",
    "frontier?series=balanced&range=basket-2&scale=log",
    "generations?series=safety&range=2y&scale=log",
]
HALF = 0.5
"""Pixels by which two boxes may meet: less than a letter's own side bearing."""


def real(chart: str) -> Chart:
    name, _mark, query = chart.partition("?")
    request = RequestFactory().get(f"/charts/{name}.json?{query}")
    made = chart_of(request, name, page.shown(request))
    assert made is not None
    return made


def label_box(item: dict[str, Any], figure: Figure, width: int, height: int) -> Box:
    area = frame(figure, width, height)
    x = area.x(item.get("xref", "x"), item["x"], annotation=True) + item.get("xshift", 0)
    y = area.y(item.get("yref", "y"), item["y"], annotation=True) - item.get("yshift", 0)
    wide, high = text_size(item)
    left = x - wide * {"left": 0, "center": 0.5, "right": 1}[item.get("xanchor", "center")]
    top = y - high * {"top": 0, "middle": 0.5, "bottom": 1}[item.get("yanchor", "middle")]
    return Box(left + HALF, top + HALF, left + wide - HALF, top + high - HALF)


def boxes(figure: Figure, width: int, height: int) -> list[tuple[str, Box]]:
    placed = place(figure, width, height)
    shown = [a for a in placed["layout"].get("annotations", []) if a.get("visible") is not False]
    return [(item["text"], label_box(item, placed, width, height)) for item in shown]


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize("chart", [*CHARTS, *MORE])
def test_it_keeps_every_label_apart_and_inside(chart: str, narrow: bool, language: str) -> None:
    with translation.override(language):
        made = real(chart)
    figure = made.narrow if narrow else made.wide
    width, height = made.narrow_size if narrow else made.wide_size
    found = boxes(figure, width, height)
    assert not [(a, b) for (a, one), (b, two) in combinations(found, 2) if one.meets(two)]
    assert not [text for text, box in found if not box.within(0, width, 0, height)]


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize("chart", [c for c in [*CHARTS, *MORE] if c.startswith(("fro", "eval"))])
def test_it_covers_no_mark_with_a_label(chart: str, narrow: bool) -> None:
    made = real(chart)
    figure = made.narrow if narrow else made.wide
    size = made.narrow_size if narrow else made.wide_size
    marks = mark_boxes(figure, frame(figure, *size))
    found = boxes(figure, *size)
    assert not [text for text, box in found for mark in marks if box.meets(mark)]
