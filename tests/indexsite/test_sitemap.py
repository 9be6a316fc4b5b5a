"""What crawlers are told: every public page, once in each language."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from evals.models import System
from indexsite.languages import TAGS

pytestmark = pytest.mark.usefixtures("catalog_db")
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"


def urls(client: Client, code: str = "en") -> list[ET.Element]:
    answer = client.get(f"/sitemap-{code}.xml")
    assert answer["Content-Type"] == "application/xml"
    return list(ET.fromstring(answer.content).iter(f"{MAP}url"))


def path(element: ET.Element) -> str:
    return element.findtext(f"{MAP}loc", "").removeprefix(settings.SITE_URL)


def test_robots_and_index_lead_to_a_list_for_each_language(client: Client) -> None:
    robots = client.get("/robots.txt").content.decode()
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml\n" in robots
    root = ET.fromstring(client.get("/sitemap.xml").content)
    lists = [item.text or "" for item in root.iter(f"{MAP}loc")]
    assert len(lists) == len(TAGS)
    for address in lists:
        assert client.get(address.removeprefix(settings.SITE_URL)).status_code == 200


def test_it_lists_every_system_once(client: Client) -> None:
    found = [path(item) for item in urls(client)]
    assert len(found) == len(set(found))
    systems = {f"/systems/{slug}/" for slug in System.objects.values_list("slug", flat=True)}
    assert systems <= set(found)


@pytest.mark.parametrize("code", TAGS)
def test_it_leads_to_pages_that_exist_in_its_language(client: Client, code: str) -> None:
    found = urls(client, code)
    assert all(item.findtext(f"{MAP}lastmod") for item in found)
    for item in found[:: len(found) // 8]:
        answer = client.get(path(item))
        assert (answer.status_code, answer["Content-Language"]) == (200, TAGS[code])


def test_it_names_each_page_in_the_other_languages(client: Client) -> None:
    first = urls(client)[0]
    others = {link.attrib["hreflang"]: link.attrib["href"] for link in first.iter(LINK)}
    assert set(others) == set(TAGS.values())
    assert others["zh-Hant"] == f"{settings.SITE_URL}/zh-hant/"


def test_it_asks_few_questions(client: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        client.get("/sitemap-en.xml")
    assert len(asked) == 4


def test_it_has_no_list_in_another_language(client: Client) -> None:
    assert client.get("/sitemap-xx.xml").status_code == 404
