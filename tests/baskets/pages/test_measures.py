"""Ladder, watch, lifecycle and core measures on their pages agree with the release's rows."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from baskets.charts.words import points, rise, signed
from baskets.models import Release
from baskets.selectors import releases
from baskets.selectors.analyses import Analyses, analyses_of
from baskets.selectors.catalog import system_names
from baskets.selectors.evidence import simulation
from baskets.views import generations

pytestmark = pytest.mark.usefixtures("catalog_db")


@pytest.fixture
def release() -> Release:
    found = releases.current()
    assert found is not None
    return found


@pytest.fixture
def found(release: Release) -> Analyses:
    return analyses_of(release)


def part(html: str, ident: str) -> str:
    return html.split(f'id="{ident}"')[1].split("</section>")[0]


@pytest.mark.parametrize("series", ["capability", "safety", "headline"])
def test_it_prints_every_rung_that_has_a_difference(
    client: Client, found: Analyses, series: str
) -> None:
    html = part(client.get(f"/generations/?series={series}").content.decode(), "ladder")
    names = system_names()
    rungs = [r for r in found.ladder if r["series"] == series and r["difference"] is not None]
    assert rungs
    for rung in rungs:
        row = f"{names[rung['older_system']].name} to {names[rung['newer_system']].name}"
        cells = html.split(row)[1][:600]
        assert f"{signed(rung['difference'])}</td>" in cells
        assert rise(rung["low"], rung["high"]) in cells


def test_it_says_why_a_rung_has_no_difference(client: Client, found: Analyses) -> None:
    html = part(client.get("/generations/?series=safety").content.decode(), "ladder")
    few = [
        r for r in found.ladder
        if r["series"] == "safety" and r["reason"] == "too-few-shared"
    ]  # fmt: skip
    assert html.count("fewer than two shared evals") == len(few) > 0


def test_it_leaves_the_evals_of_many_rungs_to_each_developer(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "/generations/?series=capability"
    html = client.get(address).content.decode()
    opened = html.count('class="opens"')
    assert opened > 1 and "The evals behind" not in html
    monkeypatch.setattr(generations, "MOST_SHARED", 0)
    short = client.get(address).content.decode()
    link = "?series=capability&amp;developer=openai#developers"
    assert 'class="opens"' not in short and f'{link}">The evals behind each step of OpenAI' in short
    one = client.get(f"{address}&developer=openai").content.decode()
    assert 0 < one.count('class="opens"') < opened and "Each row opens into its evals" in one


def test_it_has_no_ladder_of_the_balanced_headline(client: Client) -> None:
    html = part(client.get("/generations/?series=balanced").content.decode(), "ladder")
    assert "has no like-for-like ladder of its own" in html


def test_it_prints_the_watch_of_an_eval(client: Client, found: Analyses) -> None:
    row = found.watch["gpqa-diamond"]
    html = part(client.get("/evals/gpqa-diamond/").content.decode(), "watch")
    assert f"{points(row['headroom'])} points: the frontier" in html
    assert f"standard error {points(row['stderr'])}" in html
    assert "Retired: an earlier basket counted it" in html


def test_it_prints_a_flag_with_its_reason_and_source(client: Client) -> None:
    html = part(client.get("/evals/swe-bench-verified/").content.decode(), "watch")
    assert "<strong>Contaminated</strong> since 28 February 2026" in html
    assert html.count('rel="noopener"') == 2


def test_it_leaves_out_a_flag_that_was_raised_later(client: Client) -> None:
    html = client.get("/evals/swe-bench-verified/?as_of=2026-01-31").content.decode()
    assert "<strong>Contaminated</strong>" not in part(html, "watch")


def test_it_says_that_an_eval_has_no_watch(client: Client) -> None:
    html = part(client.get("/evals/codeforces-elo/").content.decode(), "watch")
    assert "The watch needs goalposts and at least one score" in html


def test_it_marks_saturating_evals_in_the_newest_version(client: Client, found: Analyses) -> None:
    html = client.get("/baskets/agi/").content.decode()
    newest = html.split('id="version-3"')[1]
    assert 'id="version-2"' not in html
    marked = set(re.findall(r'/evals/([^/]+)/">[^<]+</a> <small class="stage saturating">', newest))
    assert marked == {n for n, row in found.watch.items() if row["lifecycle"] == "saturating"}


def test_it_sets_core_measures_beside_every_value_of_the_front_page(
    client: Client, release: Release, found: Analyses
) -> None:
    html = client.get("/").content.decode()
    for series in ("capability", "safety", "alignment", "headline"):
        leader = release.summary["series"][series]["frontier"][-1]["system"]
        core, band = found.core(series, leader), found.band(series, leader)
        assert core is not None
        assert band is not None
        assert f"eighted median {points(core['median'], 0)};" in html
        ends = f"{points(band['low_on_scale'], 0)}–{points(band['high_on_scale'], 0)}"
        assert f"nder other defensible weights {ends}." in html


def test_it_has_no_band_for_a_reconstructed_release(client: Client, release: Release) -> None:
    first = Release.objects.defer("bundle").earliest("number")
    html = client.get(f"/?as_of={first.vintage_on}").content.decode()
    assert "defensible weights" not in html
    assert "eighted median" in html


def test_it_shows_the_published_simulation(client: Client) -> None:
    html = client.get("/methodology/").content.decode()
    found = simulation()
    if found is None:
        assert 'id="evidence"' not in html
        return
    evidence = part(html, "evidence")
    assert f"Engine {found.engine}, seeds {found.seeds[0]} to {found.seeds[1]}." in evidence
    for outcome in found.outcomes:
        assert f">{100 * outcome.pooled:.1f}%<" in evidence
    assert ("has not been repeated with it" in evidence) is not found.of_this_engine
