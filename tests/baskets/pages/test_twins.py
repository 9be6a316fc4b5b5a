"""Every chart at its own addresses."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET

import plotly.graph_objects
import pytest
from django.core.cache import caches
from django.test import Client

from baskets.charts import raster
from baskets.selectors import releases
from baskets.views.charts import BUILDERS
from tests.baskets.charts.pixels import decoded
from tests.baskets.pages.addresses import CHARTS

pytestmark = pytest.mark.usefixtures("catalog_db")


def twin(chart: str, kind: str, more: str = "") -> str:
    name, _mark, query = chart.partition("?")
    return f"/charts/{name}.{kind}?{query}&{more}"


def test_it_tries_every_chart_there_is() -> None:
    assert {chart.partition("?")[0] for chart in CHARTS} == set(BUILDERS)


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_answers_a_figure_in_fixed_colours(client: Client, chart: str, theme: str) -> None:
    response = client.get(twin(chart, "json", f"theme={theme}&w=900&h=420"))
    assert response["Content-Type"] == "application/json"
    assert b"var(--" not in response.content
    assert plotly.graph_objects.Figure(json.loads(response.content)).data


@pytest.mark.parametrize("chart", CHARTS)
def test_it_answers_a_table(client: Client, chart: str) -> None:
    response = client.get(twin(chart, "csv"))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(response.content.decode())))
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}


@pytest.mark.parametrize("chart", CHARTS)
def test_it_answers_a_picture_stamped_with_the_release(client: Client, chart: str) -> None:
    response = client.get(twin(chart, "svg", "theme=dark"))
    assert response["Content-Type"] == "image/svg+xml"
    ET.fromstring(response.content)
    current = releases.current()
    pinned = re.search(r"release=(\d+)", chart)
    stated = releases.numbered(int(pinned[1])) if pinned else current
    assert stated is not None
    assert f"release {stated.number}, known on" in response.content.decode()
    assert stated.sha256[:16] in response.content.decode()


def test_it_answers_the_figure_for_the_width_that_is_asked_for(client: Client) -> None:
    wide = json.loads(client.get("/charts/frontier.json?w=1100&h=500").content)
    narrow = json.loads(client.get("/charts/frontier.json?w=330&h=320").content)
    assert wide["layout"]["margin"]["l"] > narrow["layout"]["margin"]["l"]


def test_it_leaves_numbers_in_a_csv_as_numbers(client: Client) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/charts/frontier.csv").content.decode())))
    assert all(float(row["value"]) < 10_000 for row in rows)


@pytest.mark.parametrize("chart", CHARTS)
def test_it_answers_the_same_picture_in_pixels(client: Client, chart: str) -> None:
    response = client.get(twin(chart, "png"))
    drawn = ET.fromstring(client.get(twin(chart, "svg")).content)
    assert response["Content-Type"] == "image/png"
    wide, tall = (int.from_bytes(response.content[at : at + 4]) for at in (16, 20))
    assert wide * int(drawn.get("height", 0)) == tall * int(drawn.get("width", 0))
    assert wide >= int(drawn.get("width", 0))


def test_it_asks_to_come_back_when_too_many_pictures_are_drawn(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    caches["pictures"].clear()
    monkeypatch.setattr(raster, "_PATIENCE", 0.01)
    with raster._AT_ONCE:
        response = client.get("/charts/frontier.png")
    assert (response.status_code, response["Retry-After"]) == (503, "10")


@pytest.mark.parametrize("language", ["zh-hant", "zh-hans"])
def test_its_picture_has_ink_where_the_chinese_title_is(client: Client, language: str) -> None:
    picture = decoded(client.get(f"/{language}/charts/safety-gap.png").content)
    assert picture.ink(30, 20, 300, 68) > 800
