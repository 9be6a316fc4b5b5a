"""The language of a page is in its address, and in nothing else."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import formats, translation

from indexsite.languages import in_language, language_of, languages


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/", "en"),
        ("/systems/", "en"),
        ("/zh-hant/", "zh-hant"),
        ("/zh-hant", "zh-hant"),
        ("/zh-hans/systems/gpt-5/", "zh-hans"),
        ("/zh-hanting/", "en"),
        ("/en/", "en"),
    ],
)
def test_it_reads_the_language_from_the_path(path: str, code: str) -> None:
    assert language_of(path) == code


def test_it_changes_a_path_between_all_languages_and_back() -> None:
    for path in ("/", "/compare/?systems=a,b&as_of=2026-01-01", "/charts/frontier.svg?theme=dark"):
        for code in ("zh-hant", "zh-hans"):
            there = in_language(path, code)
            assert there == f"/{code}{path}"
            assert in_language(there, "en") == path
            assert in_language(there, code) == there


def test_no_path_becomes_the_name_of_another_host() -> None:
    assert in_language("/zh-hant//evil.example/x/", "en") == "/evil.example/x/"


def test_it_lists_every_language_with_the_current_one_marked() -> None:
    found = languages("/zh-hans/evals/?domain=safety")
    assert [language.path for language in found] == [
        "/evals/?domain=safety",
        "/zh-hant/evals/?domain=safety",
        "/zh-hans/evals/?domain=safety",
    ]
    assert [language.tag for language in found if language.current] == ["zh-Hans"]


@pytest.mark.usefixtures("catalog_db")
def test_it_answers_in_the_language_of_the_address_alone(client: Client) -> None:
    for path, tag in (("/", "en"), ("/zh-hant/", "zh-Hant"), ("/zh-hans/", "zh-Hans")):
        answer = client.get(path, headers={"Accept-Language": "zh-hans"})
        assert answer["Content-Language"] == tag
        assert f'<html lang="{tag}">' in answer.content.decode()
        assert "Accept-Language" not in answer.get("Vary", "")


@pytest.mark.usefixtures("catalog_db")
def test_links_of_a_chinese_page_stay_chinese(client: Client) -> None:
    page = client.get("/zh-hant/?as_of=2026-03-31").content.decode()
    assert 'href="/zh-hant/systems/?as_of=2026-03-31"' in page
    assert 'href="/zh-hans/?as_of=2026-03-31"' in page
    assert 'href="/systems/' not in page


def test_it_writes_dates_as_each_language_does() -> None:
    day = dt.date(2025, 8, 7)
    written = {}
    for code in ("en", "zh-hant", "zh-hans"):
        with translation.override(code):
            written[code] = formats.date_format(day, "DATE_FORMAT")
    assert written == {"en": "7 August 2025", "zh-hant": "2025年8月7日", "zh-hans": "2025年8月7日"}
