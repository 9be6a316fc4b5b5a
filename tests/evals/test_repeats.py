"""A whole vector of values that comes twice under two names from one source."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from accounts.models import ApiToken, User
from accounts.services.tokens import make_token
from evals.models import Decision, Eval, ImportRun, System, Vector
from evals.services import posted, postings, verdicts, withdrawal
from tests.evals.conftest import counts, imported
from tests.evals.tables import score, write

VALUES = (10, 20, 30, 40, 50)


def vector(system: str, values: Sequence[float]) -> list[str]:
    """A system's scores on as many evals."""
    return [score(v, system=system, eval=f"e-{n}") for n, v in enumerate(values)]


@pytest.fixture(autouse=True)
def many(names: None) -> None:
    """Six evals and two other systems."""
    item, system = Eval.objects.get(slug="gpqa-diamond"), System.objects.get()
    named = ("domain", "subdomain", "unit", "scale", "direction", "lower", "upper")
    facts = {name: getattr(item, name) for name in named}
    Eval.objects.bulk_create(Eval(**facts, slug=f"e-{n}", name=f"E {n}") for n in range(6))
    for slug in ("other", "third"):
        system.pk, system.slug, system.name = None, slug, slug.title()
        system.save(force_insert=True)


def file_of(folder: Path, system: str, values: Sequence[float], source: str = "lab") -> ImportRun:
    """The import of one system's file."""
    return imported(write(folder / f"{system}.csv", vector(system, values)), source)


def reasons() -> set[str]:
    """Why scores are held."""
    return set(Decision.objects.filter(status="held").values_list("reason", flat=True))


@pytest.mark.parametrize(
    ("values", "other", "held"),
    [
        (VALUES, VALUES, 5),
        (VALUES, [10, 20, 30, 40, 51], 0),
        (VALUES, [50, 40, 30, 20, 10], 0),
        ([10, 20, 30, 40], [10, 20, 30, 40], 0),
        (VALUES, [*VALUES, 60], 0),
        ([100, 100, 100, 100, 100], [100, 100, 100, 100, 100], 0),
    ],
)
def test_it_holds_a_vector_that_repeats_another_systems(
    tmp_path: Path, values: Sequence[float], other: Sequence[float], held: int
) -> None:
    lines = [*vector("gpt-4o", values), *vector("other", other)]
    assert imported(write(tmp_path / "a.csv", lines)).held == held
    found = {"repeat: other has the same values as gpt-4o on all 5 rows of this import"}
    assert reasons() == (found if held else set())
    assert not Decision.objects.filter(status="held", score__system__slug="gpt-4o").exists()


def test_it_holds_a_vector_that_an_earlier_file_of_the_source_has(tmp_path: Path) -> None:
    first = file_of(tmp_path, "gpt-4o", VALUES)
    assert counts(file_of(tmp_path, "other", [10, 20, 30, 40, 51])) == (5, 5, 0, 0, 0)
    assert counts(file_of(tmp_path, "third", VALUES)) == (5, 0, 0, 5, 0)
    assert reasons() == {
        "repeat: third has the same values as gpt-4o on all 5 rows of this import, as import "
        f"{first.pk} of this source has them"
    }


def test_the_same_values_from_another_source_are_no_repeat(tmp_path: Path) -> None:
    file_of(tmp_path, "gpt-4o", VALUES)
    assert file_of(tmp_path, "other", VALUES, source="another").held == 0


def test_a_system_may_state_its_own_vector_again(tmp_path: Path) -> None:
    file_of(tmp_path, "gpt-4o", VALUES)
    assert counts(file_of(tmp_path, "gpt-4o", VALUES)) == (5, 0, 5, 0, 0)


def test_a_vector_of_a_withdrawn_import_is_forgotten(tmp_path: Path) -> None:
    run = file_of(tmp_path, "gpt-4o", VALUES)
    withdrawal.withdraw_run(run, reason="the wrong name", by=None)
    assert counts(file_of(tmp_path, "other", VALUES)) == (5, 5, 0, 0, 0)


def test_a_vector_of_rejected_scores_is_forgotten(tmp_path: Path) -> None:
    file_of(tmp_path, "gpt-4o", VALUES)
    for held in file_of(tmp_path, "other", VALUES).scores.all():
        verdicts.reject_score(held, reason="a copy", by=None)
    file_of(tmp_path, "third", VALUES)
    assert all("as gpt-4o" in reason for reason in reasons())


def test_rows_with_the_same_sum_of_hashes_are_compared_one_by_one(tmp_path: Path) -> None:
    run = file_of(tmp_path, "gpt-4o", VALUES)
    other = imported(write(tmp_path / "b.csv", [score(1, system="third")]))
    pairs = Vector.objects.get(import_run=run).pairs
    facts = {"source_id": run.source_id, "rows": 5, "pairs": pairs}
    Vector.objects.create(**facts, import_run=other, system=System.objects.get(slug="third"))
    withdrawal.withdraw_run(run, reason="so that only the false twin is left", by=None)
    assert file_of(tmp_path, "other", VALUES).held == 0


def post(token: ApiToken, system: str, values: Sequence[float], begin: int = 0) -> int:
    """A request with one system's results that waits to be merged; the id of its run."""
    facts = {"observed_on": "2026-03-01", "reported_by": "third_party", "system": system}
    lines = [
        json.dumps({**facts, "eval": f"e-{n}", "value": value}).encode()
        for n, value in enumerate(values, begin)
    ]
    return postings.post_lines(lines, token=token, source="lab", key="", sha256="")


@pytest.fixture
def token() -> ApiToken:
    """A token of somebody who may post."""
    owner = User.objects.create_user("ada")
    return make_token(owner=owner, name="nightly", scopes=["results:write"])[0]


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("first", ["whole", "in pieces"])
def test_it_holds_what_comes_in_pieces_when_they_are_anothers_vector(
    token: ApiToken, together: bool, first: str
) -> None:
    pieces = [VALUES] if first == "whole" else [VALUES[:2], VALUES[2:]]
    sent = [("gpt-4o", part, sum(map(len, pieces[:n]))) for n, part in enumerate(pieces)]
    sent += [("other", (value,), n) for n, value in enumerate(VALUES)]
    runs = []
    for system, part, begin in sent:
        runs.append(post(token, system, part, begin))
        if not together or (system, first) == ("gpt-4o", "whole"):
            posted.merge_waiting()
    posted.merge_waiting()
    own = [ImportRun.objects.get(pk=run).held for run in runs[-5:]]
    assert own == ([1] * 5 if together else [0, 0, 0, 0, 1])
    assert reasons() == {"repeat: other has the same values as gpt-4o on all 5 rows of this source"}
    assert not Decision.objects.filter(status="held", score__system__slug="gpt-4o").exists()


def test_pieces_of_another_vector_or_of_two_sources_are_no_repeat(
    token: ApiToken, tmp_path: Path
) -> None:
    file_of(tmp_path, "gpt-4o", [*VALUES, 60])
    file_of(tmp_path, "third", VALUES, source="another")
    for n, value in enumerate([*VALUES, 61]):
        post(token, "other", [value], n)
        posted.merge_waiting()
    assert not reasons()
    lines = vector("third", VALUES)
    for n, source in ((0, "lab"), (3, "else")):
        imported(write(tmp_path / "a.csv", lines[n : n + 3]), source)
    assert not reasons()


def test_it_holds_what_one_post_repeats_of_another(token: ApiToken) -> None:
    runs = [post(token, *facts) for facts in (("gpt-4o", VALUES), ("other", VALUES))]
    assert posted.merge_waiting() == 2
    runs.append(post(token, "third", VALUES))
    assert posted.merge_waiting() == 1
    found = [counts(ImportRun.objects.get(pk=run)) for run in runs]
    assert found == [(5, 5, 0, 0, 0), (5, 0, 0, 5, 0), (5, 0, 0, 5, 0)]
    assert all(f"as import {runs[0]} of this source" in reason for reason in reasons())
