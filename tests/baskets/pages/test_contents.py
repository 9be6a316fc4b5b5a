"""What the pages say agrees with the release they show."""

from __future__ import annotations

import datetime as dt
import math
import re

import pytest
from django.test import Client

from baskets.charts import words
from baskets.models import IndexPoint, Release
from baskets.selectors import releases
from baskets.selectors.baskets import version_facts
from baskets.selectors.catalog import eval_names
from baskets.selectors.decomposition import drivers
from baskets.selectors.front import DOMAINS, front_page
from baskets.views import systems

pytestmark = pytest.mark.usefixtures("catalog_db")


@pytest.fixture
def release() -> Release:
    found = releases.current()
    assert found is not None
    return found


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_it_shows_the_parts_of_the_front_page_in_their_order(client: Client) -> None:
    html = text(client, "/")
    order = [
        "<h1>", 'class="tile capability"', 'class="tile safety"', 'class="tile alignment"',
        ">Headline<", ">Balanced headline<", ">Safety gap, points a year<", 'href="#not"',
        'id="frontier"', 'id="safety-gap"', 'id="firm"', 'id="movers"', 'id="not"', 'class="hash"',
    ]  # fmt: skip
    places = [html.index(part) for part in order]
    assert places == sorted(places)


def test_it_states_the_highest_official_value_of_every_domain(
    client: Client, release: Release
) -> None:
    html = text(client, "/")
    for series in DOMAINS:
        points = IndexPoint.objects.filter(
            release=release, series=series, official=True, on_official_version=True
        )
        highest = max(point.value for point in points)
        tile = html.split(f'class="tile {series}"')[1].split("</div>")[0]
        assert f'class="value">{words.points(highest, 0)}' in tile


def test_it_lists_movers_whose_contributions_sum_to_the_move(release: Release) -> None:
    found = front_page(release, series="capability").movers
    assert found
    for mover in found:
        assert mover.move is not None
        assert sum(d.points for d in mover.drivers) == pytest.approx(mover.move, abs=1e-3)


def test_it_keeps_the_series_of_a_mover_on_one_line(client: Client) -> None:
    rows = text(client, "/zh-hant/").split('id="movers"')[1].split("</table>")[0].split("<tr ")[1:]
    assert rows and all('<td class="nowrap" data-label="序列">能力</td>' in row for row in rows)


def test_it_explains_a_difference_to_the_last_point(release: Release) -> None:
    points = IndexPoint.objects.filter(
        release=release, series="capability", on_official_version=True
    )
    value = dict(points.values_list("system__slug", "value"))
    rows = drivers(release, system="gpt-5", against="o3", series="capability", evals=eval_names())
    assert rows
    assert sum(row.points for row in rows) == pytest.approx(value["gpt-5"] - value["o3"], abs=1e-3)


def test_it_shows_shares_that_sum_to_one_in_every_version(release: Release) -> None:
    versions = version_facts(release.basket, release)
    assert len(versions) == 3
    for facts in versions:
        assert sum(row.share or 0 for row in facts.rows) == pytest.approx(1)
        assert sum(share for _domain, share, _before in facts.domains) == pytest.approx(1)


def test_it_gives_a_reason_for_every_eval_that_left(release: Release) -> None:
    gone = [row for facts in version_facts(release.basket, release) for row in facts.rows
            if row.share is None]  # fmt: skip
    assert gone
    assert all(row.departure for row in gone)


def test_it_keeps_the_date_in_the_addresses_of_the_twins(client: Client, release: Release) -> None:
    day = release.vintage_on.isoformat()
    assert f'data-json="/charts/frontier.json?as_of={day}&amp;series=capability"' in text(
        client, f"/?as_of={day}"
    )


def test_it_sorts_systems_by_the_address(client: Client) -> None:
    html = text(client, "/systems/?sort=released")
    assert 'aria-sort="ascending"' in html
    days = re.findall(r'class="num">(\d+ \w{3} \d{4})<', html)
    dates = [dt.datetime.strptime(day, "%d %b %Y").date() for day in days]
    assert len(dates) == 100
    assert dates == sorted(dates)


def test_it_says_official_and_provisional_in_words(client: Client) -> None:
    html = text(client, "/systems/?status=provisional")
    assert '<span class="visually-hidden">provisional </span>' in html


def test_it_shows_source_note_and_elicitation_of_every_score(client: Client) -> None:
    html = text(client, "/systems/gpt-5.2/")
    assert "ARC Prize leaderboard, xhigh" in html
    assert 'href="https://arcprize.org/leaderboard"' in html
    assert "read in a stored copy" in html


def test_it_lets_one_score_stand_for_each_system_and_eval(client: Client) -> None:
    html = text(client, "/evals/anthropic-violative-harmless/")
    conflicts = html.split('id="conflicts"')[1].split("</section>")[0]
    cells = re.findall(r'data-label="Candidates">(.*?)</td>', conflicts, re.DOTALL)
    assert cells
    assert all(cell.count("<strong>") <= 1 for cell in cells)
    assert any(cell.count("<strong>") == 1 for cell in cells)


def test_it_marks_reconstructed_releases(client: Client) -> None:
    assert "reconstructed</span>" in text(client, "/releases/")
    assert "reconstructed" in text(client, "/releases/1/")


def test_it_prints_the_seal_of_the_release(client: Client, release: Release) -> None:
    assert release.sha256 in text(client, f"/releases/{release.number}/")
    assert release.sha256 in text(client, "/")


def test_it_shortens_a_long_difference_to_rows_that_still_sum_to_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = text(client, "/systems/gpt-5/")
    monkeypatch.setattr(systems, "MOST_DRIVERS", 3)
    short, whole = text(client, "/systems/gpt-5/"), text(client, "/systems/gpt-5/?evals=all")
    points = re.compile(r'data-label="Points">[▲▼]? ([+−]?[\d.]+)<')
    listed, every, again = (
        points.findall(html.partition('"stack-phone drivers"')[2]) for html in (short, long, whole)
    )
    assert "List every eval" not in long and again == every
    assert listed[:3] == every[:3] and len(listed) == 4 < len(every)
    assert f"{len(every) - 3} other evals" in short and "?evals=all#contributions" in short
    numbers = [[float(n.replace("−", "-")) for n in found] for found in (listed, every)]
    assert math.isclose(sum(numbers[0]), sum(numbers[1]), abs_tol=0.05 * len(every))
