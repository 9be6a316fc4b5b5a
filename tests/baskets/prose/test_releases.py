"""What the paragraphs of a release say is what its rows hold."""

from __future__ import annotations

import pytest
from django.test import Client

from baskets.charts.words import points, signed
from baskets.models import IndexPoint, Link, Release, Revision
from baskets.prose import paragraphs
from baskets.selectors import releases
from baskets.selectors.news import News, news
from baskets.selectors.release_pages import release_page

pytestmark = pytest.mark.usefixtures("catalog_db")


def news_of(number: int) -> News:
    page = release_page(number)
    assert page is not None
    return news(page)


def text_of(number: int) -> dict[str, str]:
    return {one.ident: one.text for one in paragraphs(news_of(number))}


def official(number: int) -> dict[tuple[str, str], float]:
    rows = IndexPoint.objects.filter(
        release__number=number, official=True, on_official_version=True,
        series__in=["capability", "safety", "alignment", "headline", "balanced"],
    )  # fmt: skip
    return {(slug, series): v for slug, series, v in
            rows.values_list("system__slug", "series", "value")}  # fmt: skip


def numbers() -> list[int]:
    return list(Release.objects.order_by("number").values_list("number", flat=True))


def with_new_version() -> Release:
    """The first release that uses the second version."""
    link = Link.objects.order_by("release__number").select_related("release__basket")[0]
    return link.release


def test_it_says_of_the_first_release_that_nothing_came_before() -> None:
    found = text_of(numbers()[0])
    assert "This is the first release" in found["entered"]
    assert "revisions" not in found
    assert "basket" not in found
    assert "first official frontier" in found["frontier"]


def test_it_writes_every_release_without_a_gap() -> None:
    for number in numbers():
        whole = " ".join(text_of(number).values())
        assert "%(" not in whole
        assert "None" not in whole
        assert "  " not in whole
        assert "()" not in whole


@pytest.mark.parametrize("which", range(1, 8))
def test_it_counts_the_official_values_that_were_revised(which: int) -> None:
    before, number = numbers()[which - 1 : which + 1]
    old, found = official(before), text_of(number)["revisions"]
    now = {
        (slug, series): v
        for slug, series, v in IndexPoint.objects.filter(
            release__number=number, on_official_version=True
        ).values_list("system__slug", "series", "value")
    }
    moved = [key for key, was in old.items() if key not in now or abs(now[key] - was) >= 0.05]
    if moved:
        assert f"Of {len(old)} official values that release {before} published" in found
        assert f"{len(moved)} w" in found
    else:
        assert found == "No published official value was revised by 0.05 index points or more."


def test_it_names_the_largest_revision_and_its_largest_term() -> None:
    number = with_new_version().number
    found = news_of(number).largest
    assert found is not None
    move, why = found
    row = Revision.objects.get(
        release__number=number, system__slug=move.system.slug, series=move.series
    )
    largest = max(row.terms, key=lambda term: abs(term["points"]))
    text = text_of(number)["revisions"]
    assert f"value of {move.system.name} moved by {signed(row.after - row.before)}" in text
    assert f"The largest term, {signed(largest['points'])}, comes from" in text
    assert why is not None
    assert why.largest.kind == largest["kind"]


def test_it_reports_a_new_version_with_all_three_links() -> None:
    release = with_new_version()
    link = Link.objects.get(release=release, series="headline")
    text = text_of(release.number)["basket"]
    assert "Version 2 of the basket" in text
    for value in (link.additive, link.ratio, link.odds):
        assert points(value) in text


def test_it_names_the_systems_that_entered_with_their_intervals() -> None:
    release = with_new_version()
    entry = news_of(release.number).entries[0]
    text = text_of(release.number)["entered"]
    for point in entry.points:
        standing = "official" if point.official else "provisional"
        assert f"{points(point.value)} in {point.series} (95% interval" in text
        assert f"{points(point.low)}–{points(point.high)}, {standing})" in text


def test_it_says_what_did_not_move() -> None:
    before, last = numbers()[-2:]
    assert official(before) == official(last)
    found = text_of(last)
    assert found["frontier"].startswith("These did not move: capability (")
    assert found["revisions"].startswith("No published official value was revised")


def test_it_sets_core_measures_and_other_weights_beside_the_leader() -> None:
    release = releases.current()
    assert release is not None
    found = news_of(release.number)
    leader = release.summary["series"]["capability"]["frontier"][-1]
    core = found.analyses.core("capability", leader["system"])
    band = found.analyses.band("capability", leader["system"])
    assert core is not None
    assert band is not None
    text = text_of(release.number)["certainty"]
    for value in (core["core"], core["median"], core["trimmed"]):
        assert points(value) in text
    assert f"between {points(band['low_on_scale'])} and {points(band['high_on_scale'])}" in text


def test_it_says_whether_the_core_measures_tell_another_story() -> None:
    for number in numbers():
        step = news_of(number).page.series[0].after
        core = news_of(number).analyses.core("capability", step.system.slug) if step else None
        if step is None or core is None or step.low is None or step.high is None:
            continue
        told = [core[name] for name in ("core", "median", "trimmed") if core[name] is not None]
        inside = all(step.low <= value <= step.high for value in told)
        assert ("no single eval carries it" in text_of(number)["certainty"]) is inside


def test_it_announces_the_next_release_only_on_the_newest(client: Client) -> None:
    first, last = numbers()[0], numbers()[-1]
    assert "The next release is made" in client.get(f"/releases/{last}/").content.decode()
    assert "The next release is made" not in client.get(f"/releases/{first}/").content.decode()
