"""What releases say about why their values moved."""

from __future__ import annotations

import math

import pytest

from baskets.models import BasketVersion, IndexPoint, Release, Revision
from baskets.services import recomputes
from evals.models import Eval, System
from tests.baskets.services.conftest import add_score
from tests.baskets.services.test_recomputes import ask

KINDS = ["new_scores", "revised_scores", "weights", "fill", "link", "method"]


@pytest.mark.usefixtures("catalog_db")
def test_every_stored_revision_sums_to_what_was_published() -> None:
    rows = Revision.objects.select_related("release", "system")
    assert rows.count() > 1000
    for row in rows:
        assert [term["kind"] for term in row.terms] == KINDS
        total = math.fsum(term["points"] for term in row.terms)
        assert total == pytest.approx(row.after - row.before, abs=1e-9)
        for term in row.terms:
            if term["evals"]:
                opened = math.fsum(part["points"] for part in term["evals"])
                assert opened == pytest.approx(term["points"], abs=1e-9)


@pytest.mark.usefixtures("catalog_db")
def test_what_a_revision_starts_and_ends_at_was_published() -> None:
    release = Release.objects.filter(revisions__isnull=False).latest("number")
    for number, name in ((release.number - 1, "before"), (release.number, "after")):
        points = IndexPoint.objects.filter(release__number=number, on_official_version=True)
        stated = {(p.system_id, p.series): p.value for p in points}
        for row in release.revisions.all():
            value = getattr(row, name)
            assert stated[row.system_id, row.series] == pytest.approx(value, abs=1e-6)


def again(version: BasketVersion) -> Release:
    """One more release of the version's basket."""
    ask(version.basket, "again")
    release = recomputes.run_due(version.basket_id)
    assert release is not None
    return release


@pytest.fixture
def version(published: BasketVersion) -> BasketVersion:
    """The small basket's first version, released once."""
    again(published)
    return published


def test_it_stores_nothing_where_nothing_moved(version: BasketVersion) -> None:
    assert again(version).revisions.count() == 0


def test_it_names_the_new_score_that_moved_a_value(version: BasketVersion) -> None:
    add_score("new", "safety-1", 99.0)
    release = again(version)
    row = release.revisions.get(system=System.objects.get(slug="new"), series="safety")
    revised = row.terms[1]
    assert (revised["kind"], row.after > row.before) == ("revised_scores", True)
    assert revised["points"] == pytest.approx(row.after - row.before, abs=1e-9)
    assert revised["scores"][0] == {
        "system": "new",
        "eval": "safety-1",
        "before": 61.0,
        "after": 99.0,
    }
    assert {part["eval"] for part in revised["evals"]} == {"safety-1"}


def test_it_leaves_other_systems_out(version: BasketVersion) -> None:
    assert Eval.objects.count() == 6
    add_score("latest", "alignment-2", 5.0)
    moved = again(version).revisions.values_list("system__slug", flat=True)
    assert set(moved) <= {"latest"}


@pytest.mark.usefixtures("catalog_db")
def test_the_newest_release_says_how_far_it_can_be_trusted() -> None:
    release = Release.objects.latest("number")
    content = dict(release.analyses.values_list("kind", "content"))
    watched = {row["eval"]: row for row in content["watch"]["rows"]}
    assert watched["math-500"]["lifecycle"] == "retired"
    assert watched["hle"]["headroom"] == pytest.approx(100 - watched["hle"]["points"], abs=1e-5)
    flagged = content["core"]["flagged"]
    assert {"contaminated", "disputed"} <= set(flagged["swe-bench-verified"])
    assert ["saturated"] in flagged.values() or any("saturated" in f for f in flagged.values())
    assert {row["developer"] for row in content["ladder"]["rows"]} >= {"openai", "anthropic"}


@pytest.mark.usefixtures("catalog_db")
def test_the_core_stands_beside_the_published_value() -> None:
    release = Release.objects.latest("number")
    points = release.points.filter(on_official_version=True).select_related("system")
    stated = {(p.system.slug, p.series): p.value for p in points}
    rows = release.analyses.get(kind="core").content["rows"]
    assert rows
    for row in rows:
        assert row["value"] == pytest.approx(stated[row["system"], row["series"]], abs=1e-6)
        assert (row["core"] is None) == bool(row["reason"])


@pytest.mark.usefixtures("catalog_db")
def test_only_a_published_release_says_what_other_weights_would_make_of_it() -> None:
    release = Release.objects.latest("number")
    content = release.analyses.get(kind="sensitivity").content
    assert content["accepted"] + sum(row["draws"] for row in content["refused"]) == 1000
    stated = {
        (p.system.slug, p.series): p.value
        for p in release.points.filter(official=True).select_related("system")
    }
    assert {(row["system"], row["series"]) for row in content["bands"]} <= set(stated)
    assert all(row["low"] <= row["high"] for row in content["bands"])
    assert not Release.objects.filter(reconstructed=True, analyses__kind="sensitivity").exists()
