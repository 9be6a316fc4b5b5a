"""What a reader can choose about each chart, and what the address refuses."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from itertools import pairwise

import pytest
from django.test import Client

from baskets.selectors import releases
from baskets.selectors.frontier import basket_changes
from tests.baskets.pages.addresses import CHARTS
from tests.baskets.pages.markup import read

pytestmark = pytest.mark.usefixtures("catalog_db")


def options(client: Client, chart: str) -> list[dict[str, object]]:
    name, _mark, query = chart.partition("?")
    known = json.loads(client.get(f"/charts/{name}.metadata.json?{query}").content)
    found: list[dict[str, object]] = known["options"]
    return found


def table(client: Client, query: str) -> list[dict[str, str]]:
    text = client.get(f"/charts/frontier.csv?{query}").content.decode()
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("chart", CHARTS)
def test_every_choice_of_a_chart_answers_and_junk_does_not(client: Client, chart: str) -> None:
    name, _mark, query = chart.partition("?")
    subject = "&".join(part for part in query.split("&") if part.startswith(("system", "eval")))
    for option in options(client, chart):
        values = option["values"]
        assert isinstance(values, list) and option["default"] in values
        for value in values:
            address = f"/charts/{name}.svg?{subject}&{option['name']}={value}"
            assert client.get(address).status_code == 200, address
        assert client.get(f"/charts/{name}.svg?{subject}&{option['name']}=junk").status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "developers=nobody",
        "systems=nobody",
        "others=red",
        "range=basket-99",
        "range=3y",
        "view=speed",
        "scale=log&view=since-base",
        "range=1y&range=2y",
    ],
)
@pytest.mark.parametrize("address", ["/", "/embed/frontier", "/charts/frontier.png"])
def test_it_refuses_a_state_that_the_chart_does_not_have(
    client: Client, address: str, query: str
) -> None:
    assert client.get(f"{address}?{query}").status_code == 400


def test_a_range_of_a_year_begins_a_year_before_the_release(client: Client) -> None:
    current = releases.current()
    assert current is not None
    first = current.vintage_on - dt.timedelta(days=365)
    every, shown = table(client, ""), table(client, "range=1y")
    inside = [row for row in every if row["released_on"] >= first.isoformat()]
    assert 0 < len(shown) < len(every)
    assert shown == inside


def test_a_range_from_a_basket_begins_on_the_day_it_took_effect(client: Client) -> None:
    current = releases.current()
    assert current is not None
    number, day = basket_changes(current)[-1]
    rows = table(client, f"range=basket-{number}")
    assert rows and min(row["released_on"] for row in rows) >= day.isoformat()


def test_a_change_since_the_base_is_the_level_less_a_hundred(client: Client) -> None:
    level, change = table(client, ""), table(client, "view=since-base")
    for before, after in zip(level, change, strict=True):
        assert float(after["value"]) == pytest.approx(float(before["value"]) - 100)
        assert bool(before["low"]) == bool(after["low"])


def test_a_rise_is_the_distance_to_the_step_before(client: Client) -> None:
    steps = [row for row in table(client, "") if row["frontier"] == "yes"][::-1]
    rises = {row["system"]: float(row["rise"]) for row in table(client, "view=since-previous")}
    assert len(rises) == len(steps) - 1
    for before, after in pairwise(steps):
        distance = float(after["value"]) - float(before["value"])
        assert rises[after["system"]] == pytest.approx(distance)


def test_the_links_of_a_control_keep_the_rest_of_the_address(client: Client) -> None:
    page = client.get("/?as_of=2026-01-31&series=safety&scale=log").content.decode()
    links = read(page).links
    assert "?as_of=2026-01-31&series=safety&scale=log&range=1y" in links
    assert "?as_of=2026-01-31&series=safety" in links
    assert "?as_of=2026-01-31&series=safety&view=since-base" in links


def test_the_state_goes_with_the_twins_the_frame_and_the_citation(client: Client) -> None:
    page = client.get("/?series=safety&range=2y").content.decode()
    markup = read(page)
    for kind in ("png", "svg", "csv", "json", "metadata.json"):
        assert f"/charts/frontier.{kind}?range=2y&series=safety" in markup.links
    assert "/embed/frontier?range=2y&amp;amp;series=safety" in page
    assert "?range=2y&amp;release=" in page.partition('id="cite-frontier')[2]


def test_it_brings_out_developers_and_systems_by_links_and_a_form(client: Client) -> None:
    page = client.get("/?series=safety&developers=openai&systems=gpt-5&add=o3").content.decode()
    links = read(page).links
    assert "?series=safety&developers=openai,anthropic&systems=gpt-5,o3" in links, "one more"
    assert "?series=safety&systems=gpt-5,o3" in links, "one less"
    assert "?series=safety&developers=openai&systems=o3" in links
    assert "?series=safety" in links, "all alike"
    assert '<input type="hidden" name="systems" value="gpt-5,o3">' in page
    assert 'data-query="?series=safety&amp;developers=openai&amp;systems=gpt-5,o3"' in page
    assert "developers=openai&amp;series=safety&amp;systems=gpt-5%2Co3" in page, "its files"
    rows = table(client, "developers=openai&systems=claude-opus-4.7&others=hidden")
    assert {row["developer"] for row in rows} == {"OpenAI", "Anthropic"}


def test_a_typed_name_brings_out_a_developer_or_offers_what_it_may_mean(client: Client) -> None:
    assert "?developers=google,anthropic" in read(asked(client, "add=Google")).links
    page = asked(client, "developers=google&add=claude")
    assert "Which one is “claude”?" in page
    assert "?developers=google&systems=claude-opus-5.5" in read(page).links
    assert "has a name like “zzz”" in asked(client, "add=zzz")


def asked(client: Client, query: str) -> str:
    return client.get(f"/?{query}").content.decode()


def test_a_log_scale_is_not_offered_where_a_value_has_no_logarithm(client: Client) -> None:
    (scale, _range) = options(client, "eval-history?eval=metr-time-horizon-50")
    assert scale["default"] == "log"
