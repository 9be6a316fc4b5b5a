"""What is published is checked against its seal, and one changed byte anywhere is named."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError

from baskets.models import Analysis, IndexPoint, Link, Release, Revision
from baskets.selectors import releases
from baskets.services.verification import verify_numbering, verify_scores
from evals.fingerprint import earlier_fingerprint
from evals.models import Score
from tests.baskets.services.altering import altered, checked, command, one_byte_off, scored
from tests.baskets.services.altering import on_own_clone as on_own_clone
from tests.baskets.services.altering import own_clone as own_clone


def test_it_passes_the_whole_shipped_history() -> None:
    told = command("--quick")
    count = Release.objects.count()
    assert told.count("agrees, as far as checked") == count >= 19
    assert "byte for byte" not in told
    assert f"{count} releases are as published." in told
    assert "Fills, intervals, sensitivity, and why values moved were not checked" in told


def test_it_rebuilds_the_first_and_the_newest_release_byte_for_byte() -> None:
    numbers = ["1", str(Release.objects.latest("number").number)]
    told = command(*numbers, "--basket", "agi")
    for number in numbers:
        assert f"agi release {number}: agrees byte for byte" in told
    assert "not checked" not in told


def test_it_names_release_and_cell_of_a_score_changed_by_one_byte() -> None:
    score, cell = scored(1)
    with altered("evals_score", score.pk, value=one_byte_off(score.value)):
        outcome, hashes = checked(1), verify_scores()
        with pytest.raises(CommandError, match="agi release 1") as refused:
            command("1", "--quick")
    assert refused.value.returncode == 1
    (said,) = outcome.differences
    assert said.startswith(f"{cell}value {one_byte_off(score.value)!r} in the table, ")
    (altered_score,) = hashes.differences
    assert f"({score.system.slug}, {score.eval.slug})" in altered_score
    assert checked(1).good and verify_scores().good


def test_it_tells_a_score_of_an_earlier_version_from_a_changed_one() -> None:
    score, _cell = scored(1)
    earlier = earlier_fingerprint(score, system=score.system.slug, item=score.eval.slug)
    with altered("evals_score", score.pk, content_hash=earlier):
        found = verify_scores()
    assert found.good
    assert found.not_rebuilt == (
        "low and high of 1 scores, whose hashes were made before these were part of them",
    )
    with altered("evals_score", score.pk, content_hash=earlier, value=one_byte_off(score.value)):
        assert not verify_scores().good


@pytest.mark.parametrize(
    ("column", "value"),
    [("stderr", 0.123), ("n_items", 77), ("content_hash", "0" * 64), ("uncertainty", "±9")],
)
def test_it_sees_every_part_of_a_score(column: str, value: object) -> None:
    score, cell = scored(2)
    with altered("evals_score", score.pk, **{column: value}):
        outcome, hashes = checked(2), verify_scores()
    assert not hashes.good
    if column in ("stderr", "n_items"):
        assert outcome.differences[0].startswith(f"{cell}{column} ")


def test_it_names_the_cell_of_a_score_that_was_left_out() -> None:
    release = Release.objects.latest("number")
    row = releases.bundle(release)["excluded"][0]
    score = Score.objects.get(content_hash=row["content_hash"])
    with altered("evals_score", score.pk, value=one_byte_off(score.value)):
        (said,) = checked(release.number).differences
    assert said.startswith(f"scores left out: {row['system']}, {row['eval']}: value ")


@pytest.mark.parametrize(
    "column",
    [
        "value",
        "low",
        "high",
        "coverage",
        "imputed_share",
        "worst",
        "best",
        "official",
        "back_cast",
        "on_official_version",
    ],
)
def test_it_names_the_point_and_the_column_that_was_changed(column: str) -> None:
    points = IndexPoint.objects.filter(release__number=1, series="safety", low__isnull=False)
    point = points.select_related("system", "version")[0]
    old = getattr(point, column)
    new = not old if isinstance(old, bool) else one_byte_off(old)
    with altered("baskets_indexpoint", point.pk, **{column: new}):
        (said,) = checked(1).differences
    place = f"points: {point.system.slug}, safety, agi-{point.version.number}: {column} "
    assert said == f"{place}{new!r} in the table, {said.split('table, ')[1]}"


def test_it_sees_a_point_that_was_moved_to_another_series() -> None:
    point = IndexPoint.objects.filter(release__number=1, series="safety")[0]
    with altered("baskets_indexpoint", point.pk, series="speed"):
        said = checked(1).differences
    assert any(line.endswith("in the table, not in the bundle") for line in said)
    assert any(line.endswith("in the bundle, not in the table") for line in said)


@pytest.mark.parametrize("column", ["additive", "ratio", "odds", "overlap"])
def test_it_names_the_link_that_was_changed(column: str) -> None:
    link = Link.objects.filter(series="capability", odds__isnull=False).latest("release__number")
    new = "[]" if column == "overlap" else one_byte_off(getattr(link, column))
    with altered("baskets_link", link.pk, **{column: new}):
        (said,) = checked(link.release.number).differences
    assert said.startswith("links: capability, agi-") and f": {column} " in said


@pytest.mark.parametrize("column", ["sha256", "problem_sha256", "engine_version"])
def test_it_sees_a_changed_seal(column: str) -> None:
    release = Release.objects.get(number=1)
    with altered("baskets_release", release.pk, **{column: "0"}):
        said = checked(1).differences
    named = {line.split(":")[0] for line in said}
    assert named == ({column} if column == "problem_sha256" else {column, "seal"})


def test_it_sees_a_changed_byte_of_the_bundle() -> None:
    release = Release.objects.get(number=1)
    packed = bytearray(release.bundle)
    packed[len(packed) // 2] ^= 1
    with altered("baskets_release", release.pk, bundle=bytes(packed)):
        said = checked(1).differences
    assert said[0].startswith(("bundle: ", "sha256: "))


def test_it_names_the_place_in_a_summary_that_was_changed() -> None:
    release = Release.objects.get(number=1)
    summary = json.loads(json.dumps(release.summary))
    step = summary["series"]["capability"]["frontier"][0]
    step["value"] = one_byte_off(step["value"])
    with altered("baskets_release", release.pk, summary=json.dumps(summary)):
        (said,) = checked(1).differences
    assert said.startswith("summary.series.capability.frontier[0].value: ")


def test_it_draws_the_differences_of_a_summary_again() -> None:
    release = Release.objects.latest("number")
    summary = json.loads(json.dumps(release.summary))
    mover = next(row for row in summary["movers"] if row["difference"])
    mover["difference"]["ahead"] = 0.123
    with altered("baskets_release", release.pk, summary=json.dumps(summary)):
        quick, whole = checked(release.number), checked(release.number, quick=False)
    assert quick.good
    (said,) = whole.differences
    assert said.startswith("summary.movers[") and ".difference.ahead: 0.123 stored" in said


def test_it_names_the_revision_that_was_changed() -> None:
    row = Revision.objects.filter(release__number=2).select_related("system")[0]
    terms = json.loads(json.dumps(row.terms))
    terms[0]["points"] += 1e-6
    where = f"revisions: {row.system.slug}, {row.series}: "
    for column, value in (("after", row.after + 1e-6), ("terms", json.dumps(terms))):
        with altered("baskets_revision", row.pk, **{column: value}):
            said = checked(2, quick=False).differences
        assert [line for line in said if line.startswith(f"{where}{column}")] == list(said) != []


@pytest.mark.parametrize("kind", ["core", "watch", "ladder", "sensitivity", "frame"])
def test_it_names_the_analysis_that_was_changed(kind: str) -> None:
    row = Analysis.objects.filter(kind=kind).latest("release__number")
    content = row.content | {"more": [1]}
    with altered("baskets_analysis", row.pk, content=json.dumps(content)):
        outcome = checked(row.release.number, quick=kind != "sensitivity")
    assert outcome.differences == (f"analysis {kind}.more: [1] stored, nothing rebuilt",)


def test_it_sees_a_gap_in_the_numbers() -> None:
    last = Release.objects.latest("number")
    with altered("baskets_release", last.pk, number=last.number + 1):
        (said,) = verify_numbering("agi").differences
    assert f"no release before release {last.number + 1}" in said
    assert verify_numbering("").good
