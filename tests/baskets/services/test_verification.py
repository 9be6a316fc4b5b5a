"""What is published is checked against its seal, and one changed byte anywhere is named."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from pytest_django import DjangoDbBlocker

from baskets.engine import canonical
from baskets.models import Analysis, IndexPoint, Link, Release, Revision
from baskets.selectors import releases, seals
from baskets.services.verification import (
    Outcome,
    releases_to_verify,
    verify_numbering,
    verify_releases,
    verify_scores,
)
from evals.fingerprint import earlier_fingerprint
from evals.models import Score
from indexsite import embedded
from tests import databases

DATABASE = "agi_altered"
# A subdomain's interval is in no summary, so that one changed end is changed everywhere.
MOVED = "/"


@pytest.fixture(scope="module")
def own_clone(catalog_template: str, urls: embedded.Urls) -> str:
    """A copy of the filled database whose rows these tests change and change back."""
    databases.clone(urls, DATABASE, catalog_template)
    return DATABASE


@pytest.fixture(autouse=True)
def on_own_clone(own_clone: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), databases.connected_to(own_clone):
        yield


@contextmanager
def altered(table: str, pk: int, **values: Any) -> Iterator[None]:
    """A row as its owner changed it, past the rights of the application's role."""
    before = _swap(table, pk, values)
    try:
        yield
    finally:
        _swap(table, pk, before)


def _swap(table: str, pk: int, values: dict[str, Any]) -> dict[str, Any]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(values)} FROM {table} WHERE id = %s", [pk])
        row = cursor.fetchone()
        assert row is not None
        sets = ", ".join(f"{name} = %s" for name in values)
        cursor.execute(f"UPDATE {table} SET {sets} WHERE id = %s", [*values.values(), pk])
        assert cursor.rowcount == 1
    return dict(zip(values, row, strict=True))


def one_byte_off(value: float) -> float:
    """The float whose lowest byte differs in one bit."""
    packed = bytearray(struct.pack(">d", value))
    packed[-1] ^= 1
    (other,) = struct.unpack(">d", bytes(packed))
    return float(other)


def checked(number: int, *, quick: bool = True) -> Outcome:
    """The outcome of one release, computed in this process."""
    (outcome,) = verify_releases(releases_to_verify("agi", [number]), quick=quick, processes=0)
    return outcome


def command(*arguments: str) -> str:
    """What the command prints; CommandError as it raises it."""
    out = io.StringIO()
    call_command("verify_releases", *arguments, stdout=out)
    return out.getvalue()


def scored(number: int) -> tuple[Score, str]:
    """A score that a release counts, and its cell as differences name it."""
    release = Release.objects.get(number=number)
    row = releases.bundle(release)["problem"]["scores"][3]
    score = Score.objects.filter(
        system__slug=row["system"], eval__slug=row["eval"], value=row["value"]
    )[0]
    return score, f"scores: {row['system']}, {row['eval']}: "


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


def resealed(release: Release, **made_with: str) -> dict[str, Any]:
    """The columns of the release as other versions of the libraries would have stored it."""
    bundle = json.loads(releases.bundle_text(release))
    answer = bundle["answer"]
    answer["made_with"] |= made_with
    answer["engine"] = answer["made_with"]["engine"]
    row = next(p for p in answer["points"] if p["low"] is not None and MOVED in p["series"])
    row["low"] = round(row["low"] + 1e-4, 6)
    text = canonical(bundle).encode()
    summary = release.summary | {"made_with": answer["made_with"]}
    return sealed_anew(release, text) | {"summary": json.dumps(summary)}


def sealed_anew(release: Release, text: bytes) -> dict[str, Any]:
    """The columns of a release that depend on its bundle, as a forger would write them."""
    answer = json.loads(text)["answer"]
    forged = Release.objects.select_related("basket").get(pk=release.pk)
    forged.sha256, forged.engine_version = hashlib.sha256(text).hexdigest(), answer["engine"]
    seal = seals.seal_of(forged, before=seals.seal_before(release))
    columns = {"sha256": forged.sha256, "engine_version": forged.engine_version, "seal": seal}
    return columns | {"bundle": zlib.compress(text)}


def newest() -> Release:
    """The release that was published, not reconstructed."""
    return Release.objects.latest("number")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("created_at", "2026-01-01T00:00:00Z"),
        ("cause", "none"),
        ("reconstructed", True),
        ("counted_sha256", "0" * 64),
        ("counted_sha256", ""),
        ("seal", "0" * 64),
        ("seal", ""),
    ],
)
def test_it_sees_every_column_under_the_seal(column: str, value: object) -> None:
    with altered("baskets_release", newest().pk, **{column: value}):
        said = checked(newest().number).differences
    assert any(line.startswith("seal: ") for line in said)


def test_it_sees_that_an_earlier_release_was_sealed_anew() -> None:
    before = Release.objects.get(number=newest().number - 1)
    with altered("baskets_release", before.pk, seal="1" * 64):
        assert "seal: " in checked(newest().number).differences[0]


@pytest.mark.parametrize(("column", "value"), [("status", "held"), ("at", "2100-01-01T00:00:00Z")])
@pytest.mark.parametrize("which", [1, -1])
def test_it_sees_that_a_counted_score_was_not_accepted(
    which: int, column: str, value: object
) -> None:
    number = newest().number if which < 0 else which
    score, cell = scored(number)
    decision = score.decisions.latest("id")
    with altered("evals_decision", decision.pk, **{column: value}):
        said = checked(number).differences
    assert f"{cell}counted, but no such score was accepted then" in said
    assert any(line.startswith("counted_sha256: ") for line in said)


def test_it_sees_a_score_recorded_after_the_release_that_counts_it() -> None:
    score, cell = scored(newest().number)
    with altered("evals_score", score.pk, recorded_at="2100-01-01T00:00:00Z"):
        said = checked(newest().number).differences
    assert f"{cell}counted, but no such score was accepted then" in said


def test_it_sees_what_was_said_of_a_counted_score_under_a_new_hash() -> None:
    score, _cell = scored(newest().number)
    with altered("evals_score", score.pk, content_hash="0" * 64, source_url="http://other"):
        (said,) = checked(newest().number).differences
    assert said.startswith("counted_sha256: not the digest")


def test_it_sees_that_decisions_about_a_counted_score_are_gone() -> None:
    score, cell = scored(newest().number)
    decision = score.decisions.latest("id")
    with altered("evals_decision", decision.pk, score_id=0):
        said = checked(newest().number).differences
    assert f"{cell}counted, but no such score was accepted then" in said


@pytest.mark.parametrize("which", [1, -1])
def test_it_sees_an_accepted_score_that_a_forger_left_out_of_all(which: int) -> None:
    release = newest() if which < 0 else Release.objects.get(number=which)
    bundle = json.loads(releases.bundle_text(release))
    row = bundle["excluded"].pop(0)
    columns = sealed_anew(release, canonical(bundle).encode())
    with altered("baskets_release", release.pk, **columns):
        (said,) = checked(release.number).differences
    assert said.startswith(f"scores: {row['system']}, {row['eval']}: score ")
    assert said.endswith("was accepted then, but not taken at all")


def test_it_says_what_cannot_be_checked_of_a_release_made_before_seals() -> None:
    with altered("baskets_release", Release.objects.get(number=1).pk, seal="", counted_sha256=""):
        outcome = checked(1)
    assert outcome.good
    assert outcome.not_rebuilt[0].startswith("seal: made before seals")


@pytest.mark.parametrize("summary", ["[]", "null", '{"series": 1}', "[" * 900 + "]" * 900])
def test_it_goes_on_after_a_release_that_nothing_here_expects(summary: str) -> None:
    first = Release.objects.get(number=1)
    ids = releases_to_verify("agi", [1, 2])
    with altered("baskets_release", first.pk, summary=summary):
        one, two = verify_releases(ids, quick=True, processes=0)
    assert not one.good and two.good


def test_it_goes_on_after_a_bundle_that_nothing_here_can_walk() -> None:
    release = Release.objects.get(number=1)
    text = releases.bundle_text(release)
    deep = text.replace(b'{"answer":{', b'{"answer":{"deep":' + b"[" * 850 + b"]" * 850 + b",", 1)
    with altered("baskets_release", release.pk, bundle=zlib.compress(deep)):
        said = checked(1).differences
    assert any("levels deep" in line for line in said)


@pytest.mark.parametrize("name", ["made_with", "systems", "evals", "imputation", "movers"])
def test_it_sees_a_part_of_a_summary_that_is_gone_or_new(name: str) -> None:
    release = Release.objects.get(number=1)
    without = {key: value for key, value in release.summary.items() if key != name}
    for summary, said in (
        (without, f"summary.{name}: "),
        (release.summary | {"x": 1}, "summary.x: "),
    ):
        with altered("baskets_release", release.pk, summary=json.dumps(summary)):
            (found,) = checked(1).differences
        assert found.startswith(said)


def test_it_sees_an_analysis_that_nothing_makes() -> None:
    row = Analysis.objects.filter(release__number=1, kind="core").get()
    with altered("baskets_analysis", row.pk, kind="sensitivity"):
        said = checked(1).differences
    assert "analysis sensitivity: in the table, but nothing in the bundle makes one" in said
    assert "analysis core: not stored" in said


def test_it_says_what_a_library_upgrade_leaves_to_a_tolerance() -> None:
    release = Release.objects.get(number=1)
    columns = resealed(release, numpy="1.0.0")
    points = json.loads(zlib.decompress(columns["bundle"]))["answer"]["points"]
    row = next(p for p in points if p["low"] is not None and MOVED in p["series"])
    moved = IndexPoint.objects.get(
        release=release, system__slug=row["system"], series=row["series"], low__isnull=False
    )
    with (
        altered("baskets_release", release.pk, **columns),
        altered("baskets_indexpoint", moved.pk, low=row["low"]),
    ):
        told = command("1")
    assert "agi release 1: agrees, with reservations" in told
    assert "to a tolerance only: versions: made with engine" in told
    assert "to a tolerance only: intervals: 1,000 replicates" in told
    assert "could only be checked to a tolerance: fills to one millionth of a point" in told


def test_it_says_what_another_engine_leaves_open() -> None:
    release = Release.objects.get(number=1)
    with altered("baskets_release", release.pk, **resealed(release, engine="0.0.1")):
        outcome = checked(1)
    assert [line.split(":")[0] for line in outcome.not_rebuilt] == ["versions"]


def test_it_tells_the_same_as_json() -> None:
    lines = [json.loads(line) for line in command("1", "2", "--quick", "--json").splitlines()]
    assert [line["release"] for line in lines] == [None, None, 1, 2]
    assert all(line["good"] and line["differences"] == [] for line in lines)


def test_it_refuses_releases_that_are_not_there() -> None:
    for arguments in (["999"], ["--basket", "none"]):
        with pytest.raises(CommandError, match="There is no such release"):
            command(*arguments)
