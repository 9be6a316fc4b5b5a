"""One decision about a name settles what waits for it, and is remembered."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from evals.models import Alias, Eval, HeldRow, NameDecision, Resolution, Score, System
from evals.services import identity
from evals.services.held import resolve_held_rows
from evals.services.suggestions import suggest
from tests.evals.conftest import counts, imported
from tests.evals.tables import SYSTEMS, score, write

pytestmark = pytest.mark.usefixtures("names")
SYSTEM, EVAL = "system", "eval"


@pytest.fixture
def person(names: None) -> User:
    return User.objects.create_user("ada")


def test_one_decision_scores_every_row_of_a_name(tmp_path: Path, person: User) -> None:
    path = write(tmp_path / "a.csv", [score(n, system="GPT Four") for n in (1, 2, 3)])
    imported(path)
    assert identity.resolve("GPT Four", SYSTEM, System.objects.get(), by=person) == 3
    decision = NameDecision.objects.get()
    assert (decision.verdict, decision.by, decision.system) == (
        "same",
        person,
        System.objects.get(),
    )
    assert set(Resolution.objects.values_list("outcome", "by")) == {("scored", person.pk)}
    more = imported(write(tmp_path / "b.csv", [score(4, system="gpt four")]))
    assert counts(more) == (1, 1, 0, 0, 0)


def test_a_row_that_waits_for_both_names_takes_two_decisions(tmp_path: Path, person: User) -> None:
    imported(write(tmp_path / "a.csv", [score(51, system="G4", eval="Diamonds")]))
    assert identity.resolve("G4", SYSTEM, System.objects.get(), by=person) == 0
    diamond = Eval.objects.get(slug="gpqa-diamond")
    assert identity.resolve("Diamonds", EVAL, diamond, by=person) == 1


def test_a_decision_keeps_what_a_name_says_of_effort(tmp_path: Path, person: User) -> None:
    """Two efforts of one unknown system: neither is taken for a correction of the other."""
    for value, name in ((50, "Mystery-9_high"), (40, "Mystery-9_low")):
        imported(write(tmp_path / f"{value}.csv", [score(value, system=name)]))
        assert identity.resolve(name, SYSTEM, System.objects.get(), by=person) == 1
    said = Score.objects.values_list("value", "elicitation", "decisions__status")
    assert set(said) == {(50, "pass@1; high", "accepted"), (40, "pass@1; low", "accepted")}
    assert set(Alias.objects.values_list("name", "elicitation")) == {
        ("Mystery-9_high", "high"),
        ("Mystery-9_low", "low"),
    }
    assert set(NameDecision.objects.values_list("elicitation", flat=True)) == {"high", "low"}


def test_a_decision_may_hold_for_other_endings_too(tmp_path: Path, person: User) -> None:
    rows = [score(50, system="Mystery-9_high"), score(40, system='"mystery-9 (low, no tools)"')]
    imported(write(tmp_path / "a.csv", rows))
    known = System.objects.get()
    assert identity.resolve("Mystery-9_high", SYSTEM, known, by=person, other_endings=True) == 2
    said = set(Score.objects.values_list("elicitation", flat=True))
    assert said == {"pass@1; high", "pass@1; low, no tools"}


def test_a_person_may_say_otherwise_how_a_name_was_run(tmp_path: Path, person: User) -> None:
    imported(write(tmp_path / "a.csv", [score(50, system="M-9_high"), score(40, system="M-9 v")]))
    known = System.objects.get()
    identity.resolve("M-9_high", SYSTEM, known, by=person, elicitation="", other_endings=True)
    identity.resolve("M-9 v", SYSTEM, known, by=person, elicitation="verbose")
    assert set(Score.objects.values_list("elicitation", flat=True)) == {"pass@1", "pass@1; verbose"}
    assert not Alias.objects.filter(name="M-9").exists()


def test_a_name_is_not_run_in_two_ways(tmp_path: Path, person: User) -> None:
    known = System.objects.get()
    identity.resolve("M-9_high", SYSTEM, known, by=person)
    with pytest.raises(identity.NameTaken, match="means gpt-4o already, run as: high"):
        identity.resolve("m-9_high", SYSTEM, known, by=person, elicitation="low")


def test_a_name_that_means_another_one_is_not_taken_over(person: User) -> None:
    Alias.objects.create(name="omni", system=System.objects.get())
    other, _n = identity.add_system(
        "X", developer="Lab", generation="X", released_on=dt.date(2026, 1, 1), by=person
    )
    with pytest.raises(identity.NameTaken, match="Omni means gpt-4o already"):
        identity.resolve("Omni", SYSTEM, other, by=person)
    assert NameDecision.objects.count() == 1


def test_it_ends_rows_of_a_name_to_be_ignored_now_and_later(tmp_path: Path, person: User) -> None:
    path = write(tmp_path / "a.csv", [score(n, system="test-model") for n in (1, 2)])
    assert counts(imported(path)) == (2, 0, 0, 2, 0)
    assert identity.ignore("test-model", SYSTEM, reason="a trial run", by=person) == 2
    assert set(Resolution.objects.values_list("outcome", flat=True)) == {"ignored"}
    later = imported(write(tmp_path / "b.csv", [score(3, system="Test-Model")]))
    assert counts(later) == (1, 0, 0, 0, 1)
    assert later.rejections.get().reason == (
        "b.csv, line 2: the system 'Test-Model' is to be ignored: a trial run"
    )
    assert not Score.objects.exists()


def test_a_new_system_scores_the_rows_that_waited_for_it(tmp_path: Path, person: User) -> None:
    imported(write(tmp_path / "a.csv", [score(51, system="Lab/Nova 2")]))
    system, scored = identity.add_system(
        "Lab/Nova 2",
        developer="Lab",
        generation="Nova",
        released_on=dt.date(2026, 2, 1),
        by=person,
        slug="nova-2",
        title="Nova 2",
    )
    assert (system.slug, system.name, scored) == ("nova-2", "Nova 2", 1)
    assert Score.objects.get().system == system


def test_it_refuses_a_system_whose_slug_cannot_be(person: User) -> None:
    facts = {"developer": "L", "generation": "Y", "slug": "Y!"}
    with pytest.raises(ValidationError, match="Use small letters"):
        identity.add_system("Y", released_on=dt.date(2026, 2, 1), by=person, **facts)


def test_a_row_whose_score_came_under_its_right_name_is_resolved(tmp_path: Path) -> None:
    imported(write(tmp_path / "a.csv", [score(51, system="GPT Four")]))
    imported(write(tmp_path / "b.csv", [score(51)]))
    Alias.objects.create(name="GPT Four", system=System.objects.get())
    assert resolve_held_rows() == 0
    resolution = Resolution.objects.get()
    assert (resolution.outcome, resolution.score) == ("duplicate", Score.objects.get())
    assert not HeldRow.objects.filter(resolution__isnull=True).exists()


def test_it_suggests_the_likeliest_first_and_says_why(tmp_path: Path) -> None:
    lines = [
        "gpt-4-turbo,GPT-4 Turbo,OpenAI,GPT-4,2023-11-06,",
        "claude-3-opus,Claude 3 Opus,Anthropic,Claude 3,2024-03-04,opus-3",
        "claude-4-opus,Claude 4 Opus,Anthropic,Claude 4,2025-05-22,",
    ]
    write(tmp_path / "systems.csv", lines, header=SYSTEMS)
    imported(tmp_path)
    first, second, *_rest = suggest(
        "anthropic/claude-3-opus-latest", SYSTEM, "Anthropic", dt.date(2024, 5, 1)
    )
    assert [first.target.slug, second.target.slug] == ["claude-3-opus", "claude-4-opus"]
    assert "like claude-3-opus" in first.why and "the same developer" in first.why
    assert "other numbers in the name" in second.why
    assert "released later, on 2025-05-22" in second.why
    assert suggest("zzzz", SYSTEM) == []


def test_it_holds_a_name_of_two_systems_and_suggests_both(tmp_path: Path, person: User) -> None:
    facts = {"developer": "Lab", "generation": "O", "released_on": dt.date(2025, 4, 16)}
    for slug in ("o3", "o3-high"):
        identity.add_system(slug, **facts, by=person)  # type: ignore[arg-type]
    assert counts(imported(write(tmp_path / "a.csv", [score(system="o3_high")])))[1] == 1
    assert Score.objects.get().system.slug == "o3-high"
    run = imported(write(tmp_path / "b.csv", [score(system="o3 high effort")]))
    assert run.held_rows.get().reason == (
        "line 2: no alias knows system 'o3 high effort', which may be o3 or o3-high"
    )
    both = [found.target.slug for found in suggest("o3 high effort", SYSTEM)]
    assert set(both) == {"o3", "o3-high"}


def test_it_suggests_evals_too() -> None:
    (first, *_rest) = suggest("GPQA_Diamond (0-shot)", EVAL)
    assert first.target.slug == "gpqa-diamond"
