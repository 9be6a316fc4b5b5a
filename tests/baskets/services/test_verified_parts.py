"""Verification goes on after what it cannot read, and says what it leaves open."""

from __future__ import annotations

import json
import zlib

import pytest
from django.core.management import CommandError

from baskets.models import Analysis, IndexPoint, Release
from baskets.selectors import releases
from baskets.services.verification import releases_to_verify, verify_releases
from tests.baskets.services.altering import MOVED, altered, checked, command, resealed
from tests.baskets.services.altering import on_own_clone as on_own_clone
from tests.baskets.services.altering import own_clone as own_clone


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
    with altered("baskets_release", release.pk, bundle=zlib.compress(deep), left_out=""):
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
