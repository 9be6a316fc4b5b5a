"""The seal covers every column of a release, and what was accepted when it was made."""

from __future__ import annotations

import json

import pytest

from baskets.engine import canonical
from baskets.models import Piece, Release
from baskets.pieces import keys_in, pack, unpack
from baskets.selectors import releases
from tests.baskets.services.altering import altered, checked, newest, scored, sealed_anew
from tests.baskets.services.altering import on_own_clone as on_own_clone
from tests.baskets.services.altering import own_clone as own_clone


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


def test_it_sees_a_piece_of_a_bundle_that_is_forged_or_missing_or_none() -> None:
    release = newest()
    (key, *_rest) = keys_in(unpack(Piece.objects.get(sha256=release.left_out).content))
    piece = Piece.objects.get(sha256=key)
    forged = unpack(piece.content).replace(b'"value":', b'"value":1', 1)
    for columns, why in (
        ({"content": pack(forged)}, f"the content of piece {key[:16]}… is not that of its key"),
        ({"content": pack(b"")}, f"the content of piece {key[:16]}… is not that of its key"),
        ({"content": b"nothing"}, "it cannot be unpacked: "),
        ({"sha256": "0" * 64}, f"piece {key[:16]}… is missing"),
    ):
        with altered("baskets_piece", piece.pk, **columns):
            (said,) = checked(release.number).differences
        assert why in said


def test_it_says_what_cannot_be_checked_of_a_release_made_before_seals() -> None:
    with altered("baskets_release", Release.objects.get(number=1).pk, seal="", counted_sha256=""):
        outcome = checked(1)
    assert outcome.good
    assert outcome.not_rebuilt[0].startswith("seal: made before seals")
