"""A reader's own weights: the address that holds them, the page, its JSON, its chart."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from baskets.models import IndexPoint, Release
from baskets.selectors.whatif_frames import release_frame
from baskets.views import whatif, whatif_query

pytestmark = pytest.mark.usefixtures("catalog_db")

PAGE = "/baskets/agi/what-if/"
WEIGHTS = "d.capability=60&d.safety=20&w.gpqa-diamond=0"


def read(client: Client, query: str = "") -> dict[str, Any]:
    """The JSON of a what-if."""
    answer = client.get(f"/baskets/agi/what-if.json?{query}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def newest() -> Release:
    return Release.objects.filter(basket__slug="agi").latest("number")


def counted() -> str:
    """An eval of the newest version."""
    return sorted(release_frame(newest()).published)[0]


def test_the_published_weights_give_the_published_index(client: Client) -> None:
    found = read(client)
    assert all(row["change"] == 0 for row in found["series"] if row["yours"])
    points = IndexPoint.objects.filter(
        release=newest(), series="headline", official=True, on_official_version=True
    )
    stored = {p.system.slug: p.value for p in points.select_related("system")}
    assert {row["system"]: row["yours"]["value"] for row in found["systems"]} == stored
    links = {(row.series, row.to_version.number): row.additive for row in newest().links.all()}
    for row in found["links"]:
        assert row["additive"] == links[row["series"], int(row["to"].rsplit("-", 1)[1])]


def test_weights_stand_in_the_address_and_add_up(client: Client) -> None:
    name = counted()
    found = read(client, f"d.capability=50&d.safety=25&d.alignment=25&w.{name}=0")
    assert name not in found["weights"]
    assert sum(found["weights"].values()) == pytest.approx(1, abs=1e-5)
    evals = release_frame(newest()).frame.problem.eval_by_id
    of = sum(w for slug, w in found["weights"].items() if evals[slug].domain == "capability")
    assert of == pytest.approx(0.5, abs=1e-5)
    mine = f"{PAGE}?d.alignment=25&d.capability=50&d.safety=25&w.{name}=0"
    assert found["page"].endswith(mine)


@pytest.mark.parametrize(
    "query",
    ["w.nothing=1", "d.speed=2", "d.safety=-1", "d.safety=101", "d.safety=1e1", "d.safety=nan",
     "d.safety=1&d.safety=2", "d.safety=1.23456", "series=speed", "add=nothing"],
)  # fmt: skip
def test_it_refuses_what_it_cannot_read(client: Client, query: str) -> None:
    assert client.get(f"{PAGE}?{query}").status_code == 400


def test_nothing_left_in_the_basket_is_said_in_words(client: Client) -> None:
    query = "d.capability=0&d.safety=0&d.alignment=0"
    assert client.get(f"/baskets/agi/what-if.json?{query}").status_code == 422
    assert b"Nothing is left in the basket." in client.get(f"{PAGE}?{query}").content


def test_the_form_leads_to_the_one_short_address(client: Client) -> None:
    page = client.get(PAGE).content.decode()
    fields = re.findall(r'name="([dw]\.[^"]+)"[^>]* value="([^"]*)"', page)
    assert len(fields) > 20
    whole = "&".join(f"{name}={value}" for name, value in fields)
    assert client.get(f"{PAGE}?{whole}")["Location"] == PAGE
    assert client.get(f"{PAGE}?{whole}&add=&series=headline")["Location"] == PAGE
    assert client.get(PAGE).status_code == 200


def test_an_eval_can_be_added(client: Client) -> None:
    page = client.get(PAGE).content.decode()
    options = re.findall(r'<option value="([^"]+)"', page)
    place = client.get(f"{PAGE}?add={options[0]}")["Location"]
    assert re.fullmatch(rf"{re.escape(PAGE)}\?w\.{re.escape(options[0])}=[0-9.]+", place)
    assert options[0] in read(client, place.split("?")[1])["weights"]


def test_a_longer_address_computes_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(whatif, "reader_preview", lambda *args, **_rest: asked.append(args))
    assert client.get(f"{PAGE}?d.capability=60&series=headline").status_code == 302
    assert not asked


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0"), (0.5, "50"), (0.00004, "0.004"), (0.0000004, "0.0001"), (1 / 3, "33.33")],
)
def test_only_nothing_is_written_as_0(share: float, text: str) -> None:
    assert whatif_query.written(share) == text


def test_the_methodology_tells_of_own_weights(client: Client) -> None:
    text = client.get("/methodology/").content.decode()
    assert 'href="#own-weights"' in text and "An own basket keeps such weights." in text


def test_a_part_holds_what_the_page_holds(client: Client) -> None:
    query = "d.capability=60&series=capability"
    part = client.get(f"{PAGE}results?{query}").content.decode()
    page = client.get(f"{PAGE}?{query}").content.decode()
    said = re.search(r'class="finding">([^<]+)', part)
    assert said and said[1] in page
    pinned = f"d.capability=60&amp;release={newest().number}&amp;series=capability"
    for shared in (PAGE, "/baskets/agi/what-if.json"):
        assert f'href="{shared}?{pinned}"' in page
    assert "vintage-day" not in page
    assert "<html" not in part and f'data-address="{PAGE}?{query.replace("&", "&amp;")}"' in part
