"""The releases that a fresh installation makes from the shipped catalog."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace
from typing import Any

import pytest

from baskets.engine import Answer, Problem, canonical, compute, round_floats
from baskets.engine.errors import DuplicateId
from baskets.models import IndexPoint, Link, Release
from baskets.selectors import releases as selected
from baskets.selectors.problems import knowledge
from baskets.services import releases as making
from baskets.services.releases import replay_months, today
from evals.models import Score

pytestmark = pytest.mark.usefixtures("catalog_db")


def newest() -> Release:
    """The release that readers see."""
    release = selected.current()
    assert release is not None
    return release


def oldest() -> Release:
    """The first reconstructed release."""
    return Release.objects.earliest("number")


def test_it_numbers_releases_without_gaps_in_the_order_of_their_dates() -> None:
    rows = list(Release.objects.order_by("number").values_list("number", "vintage_on"))
    assert [number for number, _ in rows] == list(range(1, len(rows) + 1))
    dates = [vintage for _, vintage in rows]
    assert dates == sorted(set(dates))
    assert len(rows) >= 19


def test_it_reconstructs_each_month_end_before_today_and_then_tells_now() -> None:
    *past, last = Release.objects.order_by("number")
    assert not last.reconstructed
    assert all(release.reconstructed for release in past)
    for release in past:
        assert (release.vintage_on + dt.timedelta(days=1)).day == 1
        assert release.vintage_on < last.vintage_on
        assert f"{release.vintage_on:%B %Y}" in release.cause
    months = [12 * r.vintage_on.year + r.vintage_on.month for r in past]
    assert months == list(range(months[0], months[0] + len(months)))
    assert past[-1].vintage_on == last.vintage_on.replace(day=1) - dt.timedelta(days=1)


def test_it_replays_up_to_the_last_full_month() -> None:
    known = knowledge(newest().basket)
    assert known.versions[0].effective_on == dt.date(2024, 12, 5)
    for day, count in ((dt.date(2024, 12, 31), 0), (dt.date(2025, 1, 1), 1)):
        assert len(list(replay_months(known, day))) == count
    ends = list(replay_months(known, dt.date(2025, 3, 15)))
    assert [end.isoformat() for end in ends] == ["2024-12-31", "2025-01-31", "2025-02-28"]


def test_it_seals_every_bundle_with_its_hash() -> None:
    for release in Release.objects.defer("bundle"):
        text = selected.bundle_text(release)
        assert hashlib.sha256(text).hexdigest() == release.sha256


def test_it_writes_bundles_in_canonical_form() -> None:
    for release in (oldest(), newest()):
        bundle = dict(selected.bundle(release))
        bundle["answer"] = {k: v for k, v in bundle["answer"].items() if k != "imputed"}
        assert sorted(bundle) == ["answer", "excluded", "filled", "problem"]
        assert canonical(bundle).encode() == selected.bundle_text(release)


def central(answer: Answer) -> dict[tuple[str, str, str], tuple[float | None, bool]]:
    """Values and standing, rounded as they are stored."""
    return {
        key: (None if point.value is None else round(point.value, 6), point.official)
        for key, point in answer.point_at.items()
    }


@pytest.mark.parametrize("which", [oldest, newest])
def test_it_rebuilds_central_values_from_the_bundle_alone(which: Any) -> None:
    bundle = selected.bundle(which())
    recorded = Answer.from_json(bundle["answer"])
    problem = Problem.from_json(
        {**bundle["problem"], "method": {**bundle["problem"]["method"], "replicates": 0}}
    )
    rebuilt = compute(problem, filled=recorded.imputed)
    assert central(rebuilt) == central(recorded)
    again = rebuilt.to_json()
    for part in ("contributions", "links", "levels"):
        assert round_floats(again[part], 6) == bundle["answer"][part]


@pytest.mark.parametrize("which", [oldest, newest])
def test_it_stores_the_points_and_links_of_the_answer(which: Any) -> None:
    release = which()
    answer = Answer.from_json(selected.bundle(release)["answer"])
    points = IndexPoint.objects.filter(release=release).select_related("system", "version")
    stored = {
        (p.system.slug, p.series, f"agi-{p.version.number}"): (p.value, p.low, p.high, p.official)
        for p in points
    }
    assert stored == {
        key: (p.value, p.low, p.high, p.official)
        for key, p in answer.point_at.items()
        if p.value is not None
    }
    links = Link.objects.filter(release=release).values_list("series", "additive", "overlap")
    assert sorted(links) == sorted((k.series, k.additive, list(k.overlap)) for k in answer.links)


def test_it_encloses_every_official_value_in_its_interval() -> None:
    points = IndexPoint.objects.filter(release=newest(), official=True)
    assert points.filter(series="headline").exists()
    for point in points:
        assert point.low is not None
        assert point.high is not None
        assert point.low <= point.high


def test_it_knows_nothing_later_in_a_reconstructed_release() -> None:
    first_seen: dict[tuple[str, str, float], dt.date] = {}
    for score in Score.objects.select_related("system", "eval").order_by("-observed_on"):
        first_seen[score.system.slug, score.eval.slug, score.value] = score.observed_on
    for release in Release.objects.filter(reconstructed=True).defer("bundle"):
        bundle = selected.bundle(release)
        for row in [*bundle["problem"]["scores"], *bundle["excluded"]]:
            seen = first_seen[row["system"], row["eval"], row["value"]]
            assert seen <= release.vintage_on
        for basket in bundle["problem"]["baskets"]:
            assert dt.date.fromisoformat(basket["effective_on"]) <= release.vintage_on


def test_it_names_nothing_later_in_a_reconstructed_release() -> None:
    for release in Release.objects.filter(reconstructed=True).defer("bundle"):
        problem = selected.bundle(release)["problem"]
        named = {row["system"] for row in problem["scores"] + selected.bundle(release)["excluded"]}
        named |= {slug for basket in problem["baskets"] for slug in basket["overlap"]}
        until = release.vintage_on.isoformat()
        later = {row["id"] for row in problem["systems"] if row["released_on"] > until}
        assert later <= named
        used = {row["eval"] for row in problem["scores"]}
        used |= {slug for basket in problem["baskets"] for slug in basket["weights"]}
        assert {row["id"] for row in problem["evals"]} == used


def test_it_says_which_version_could_not_be_linked_yet() -> None:
    versions = {v.number: v.effective_on for v in newest().basket.versions.all()}
    silent = []
    for release in Release.objects.filter(reconstructed=True).defer("bundle"):
        made = {int(b["id"][4:]) for b in selected.bundle(release)["problem"]["baskets"]}
        due = {n for n, day in versions.items() if day <= release.vintage_on}
        told = {n for n in versions if f"without version {n} (" in release.cause}
        assert told == due - made
        silent += sorted(told)
    assert silent
    assert "no release could be made from" in oldest().cause


def test_it_stops_where_the_engine_refuses_for_another_reason() -> None:
    known = knowledge(newest().basket)
    twice = replace(known, versions=(known.versions[0], known.versions[0]))
    with pytest.raises(DuplicateId):
        making.make_reconstructed(twice, dt.date(2026, 9, 30))


def test_it_counts_only_scored_systems() -> None:
    release = oldest()
    scored = {row["system"] for row in selected.bundle(release)["problem"]["scores"]}
    pointed = set(IndexPoint.objects.filter(release=release).values_list("system__slug", flat=True))
    assert pointed <= scored
    assert len(pointed) < len(scored | set(newest().summary["official"]["capability"]))


def test_it_answers_with_what_was_known_on_a_date() -> None:
    first, second = Release.objects.order_by("number")[:2]
    day = dt.timedelta(days=1)
    assert selected.current(as_of=first.vintage_on - day) is None
    assert selected.current(as_of=first.vintage_on) == first
    assert selected.current(as_of=second.vintage_on - day) == first
    assert selected.current(as_of=today()) == newest()
    assert selected.current("none") is None
    assert selected.previous(second) == first
    assert selected.previous(first) is None
