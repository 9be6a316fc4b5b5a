"""The official basket as it ships, and what the newest release makes of it."""

from __future__ import annotations

import datetime as dt

import pytest

from baskets.models import Basket, BasketVersion, IndexPoint, Recompute, Release
from baskets.selectors import releases
from baskets.services.shipped import load_shipped_baskets
from evals.models import Score, System

pytestmark = pytest.mark.usefixtures("catalog_db")

FEWEST = {"capability": 8, "safety": 4, "alignment": 4}


def basket() -> Basket:
    return Basket.objects.get(slug=releases.OFFICIAL_BASKET)


def versions() -> list[BasketVersion]:
    return list(basket().versions.order_by("number"))


def official(series: str) -> list[System]:
    """The systems with an official value in the newest release, newest first."""
    points = IndexPoint.objects.filter(
        release=releases.current(), series=series, official=True, on_official_version=True
    )
    return list(System.objects.filter(points__in=points).select_related("developer"))


def test_it_has_three_published_versions_effective_from_2024_to_2026() -> None:
    assert [version.number for version in versions()] == [1, 2, 3]
    assert all(version.published for version in versions())
    assert [version.effective_on.year for version in versions()] == [2024, 2025, 2026]
    assert all(version.rationale and version.author and version.approver for version in versions())


def test_it_stands_at_100_on_gpt_4o() -> None:
    assert basket().base.slug == "gpt-4o"
    points = IndexPoint.objects.filter(release=releases.current(), system__slug="gpt-4o")
    on_first = {p.series: p.value for p in points.filter(version__number=1)}
    for series in ("headline", "balanced", *FEWEST):
        assert on_first[series] == pytest.approx(100.0, abs=1e-6)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_it_counts_enough_evals_of_each_domain(number: int) -> None:
    weights = basket().versions.get(number=number).weights.select_related("eval__domain")
    for domain, fewest in FEWEST.items():
        assert len([w for w in weights if w.eval.domain.slug == domain]) >= fewest
    assert sum(weight.weight for weight in weights) == pytest.approx(1.0)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_it_gives_every_weight_an_owner_and_a_rationale_of_its_own(number: int) -> None:
    weights = basket().versions.get(number=number).weights.all()
    assert all(weight.owner.strip() and len(weight.rationale) > 40 for weight in weights)
    assert len({weight.rationale for weight in weights}) == len(weights)


def test_it_says_why_an_eval_left() -> None:
    for before, after in zip(versions(), versions()[1:], strict=False):
        gone = set(before.weights.values_list("eval", flat=True)) - set(
            after.weights.values_list("eval", flat=True)
        )
        assert gone
        assert gone == set(after.departures.values_list("eval", flat=True))
        assert all(len(departure.reason) > 20 for departure in after.departures.all())


def test_it_values_at_least_40_systems_officially_in_capability() -> None:
    assert len(official("capability")) >= 40


def test_it_values_at_least_15_systems_of_4_developers_officially_overall() -> None:
    systems = official("headline")
    assert len(systems) >= 15
    assert len({system.developer.slug for system in systems}) >= 4


def test_it_links_versions_on_systems_measured_on_both() -> None:
    scored = set(Score.objects.values_list("system__slug", "eval__slug"))
    for before, after in zip(versions(), versions()[1:], strict=False):
        for system in after.overlap.all():
            for version in (before, after):
                evals = version.weights.values_list("eval__slug", flat=True)
                assert [slug for slug in evals if (system.slug, slug) in scored]
        assert after.overlap.count() >= 2


def test_it_grows_harder_from_version_to_version() -> None:
    bundle = releases.bundle(Release.objects.latest("number"))
    levels = levels_of(bundle)
    for before, after in ((1, 2), (2, 3)):
        overlap = list(versions()[after - 1].overlap.values_list("slug", flat=True))
        easy, hard = (mean_level(levels[f"agi-{n}"], overlap) for n in (before, after))
        assert hard < easy


def levels_of(bundle: dict[str, dict[str, list[dict[str, object]]]]) -> dict[str, dict[str, float]]:
    """The weighted goalpost points of every system by version: its index, unlinked."""
    slopes = {
        str(row["basket"]): row for row in bundle["answer"]["levels"] if row["series"] == "headline"
    }
    found: dict[str, dict[str, float]] = {name: {} for name in slopes}
    for point in bundle["answer"]["points"]:
        if point["series"] == "headline" and point["value"] is not None:
            row = slopes[str(point["basket"])]
            at, slope, anchor = (float(str(row[name])) for name in ("at", "slope", "anchor"))
            level = anchor + (float(str(point["value"])) - at) / slope
            found[str(point["basket"])][str(point["system"])] = level
    return found


def mean_level(levels: dict[str, float], systems: list[str]) -> float:
    """The mean over those of the systems that have a level."""
    known = [levels[system] for system in systems if system in levels]
    assert len(known) >= 2
    return sum(known) / len(known)


def test_it_leaves_newer_systems_provisional_where_evidence_is_thin() -> None:
    since = dt.date(2026, 6, 1)
    points = IndexPoint.objects.filter(
        release=releases.current(), on_official_version=True, system__released_on__gte=since
    )
    provisional = points.filter(series="capability", official=False)
    assert provisional.exists()
    for point in provisional:
        floor = point.version.domain_coverage_floor
        assert point.coverage < floor or observed(point) < point.version.min_evals


def observed(point: IndexPoint) -> int:
    """How many evals of the point's version and domain its system was measured on."""
    scores = Score.objects.filter(
        system=point.system, eval__weights__version=point.version, eval__domain__slug=point.series
    )
    return scores.values("eval").distinct().count()


def test_it_adds_nothing_when_it_is_loaded_again() -> None:
    before = [table.objects.count() for table in (Basket, BasketVersion, Recompute)]
    load_shipped_baskets()
    assert [table.objects.count() for table in (Basket, BasketVersion, Recompute)] == before
