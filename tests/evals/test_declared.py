"""Systems and evals that a file declares."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from django.contrib.auth.models import Group

from accounts.models import User
from accounts.roles import ADD_EVALS
from evals.models import (
    Alias,
    Developer,
    Eval,
    Generation,
    Rejection,
    Source,
    SourceName,
    System,
)
from evals.services.declared import Declared, declare_eval, declare_system
from evals.services.suggestions import suggest
from tests.evals.conftest import GPQA, GPT_4O, counts, imported
from tests.evals.tables import SYSTEMS, score, write

pytestmark = pytest.mark.usefixtures("names")


@pytest.mark.parametrize(
    ("fact", "known", "said"),
    [
        ("name", "GPT-4o", "GPT-4 omni"),
        ("developer", "OpenAI", "Somebody"),
        ("generation", "GPT-4", "GPT-5"),
    ],
)
def test_it_rejects_a_known_system_with_other_facts(fact: str, known: str, said: str) -> None:
    rejection = declare_system(msgspec.structs.replace(GPT_4O, **{fact: said}))
    assert rejection is not None
    assert rejection.reason == (
        f"systems.csv, line 2: gpt-4o is already known with {fact} {known}, "
        f"the file says {said}; the known one was kept"
    )
    assert declare_system(GPT_4O) is None
    assert not Developer.objects.filter(name="Somebody").exists()


@pytest.mark.parametrize(
    "facts", [{"domain": "safety"}, {"unit": "points"}, {"ceiling": 95.0}, {"direction": "lower"}]
)
def test_it_rejects_a_known_eval_with_other_facts(facts: dict[str, object]) -> None:
    rejection = declare_eval(msgspec.structs.replace(GPQA, **facts))
    assert rejection is not None
    assert f"already known with {next(iter(facts))}" in rejection.reason
    assert Eval.objects.get(slug="gpqa-diamond").domain.slug == "capability"


def test_it_leaves_nothing_of_a_system_that_it_refuses() -> None:
    record = msgspec.structs.replace(GPT_4O, slug="Not A Slug", developer="New", generation="N")
    rejection = declare_system(record)
    assert rejection is not None
    assert rejection.reason.startswith("systems.csv, line 2: slug: Use small letters")
    assert (Developer.objects.count(), Generation.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("fact", "said", "part"),
    [
        ("developer", "x" * 121, "name: Ensure this value has at most 120 characters"),
        ("developer", "Open AI!", ""),
        ("developer", "openai", "slug: Developer with this Slug already exists"),
        ("generation", "x" * 121, "name: Ensure this value has at most 120 characters"),
        ("name", "x" * 201, "name: Ensure this value has at most 200 characters"),
    ],
)
def test_it_refuses_a_system_that_the_columns_cannot_hold(fact: str, said: str, part: str) -> None:
    record = msgspec.structs.replace(GPT_4O, slug="x-1", **{fact: said})
    rejection = declare_system(record)
    assert (part in rejection.reason) if rejection else part == ""
    assert System.objects.filter(slug="x-1").exists() == (part == "")


def test_it_refuses_an_eval_of_an_unknown_domain_or_scale() -> None:
    for facts, part in (
        ({"domain": "wisdom"}, "domain 'wisdom' is none of capability, safety, alignment"),
        ({"scale": "cubic"}, "scale: Value 'cubic' is not a valid choice."),
        ({"source_url": "https://example.org/" + "x" * 500}, "source_url: "),
    ):
        rejection = declare_eval(msgspec.structs.replace(GPQA, **{"slug": "new", **facts}))
        assert rejection is not None
        assert part in rejection.reason
    assert not Eval.objects.filter(slug="new").exists()


def test_it_adds_aliases_once_and_keeps_one_that_means_another_system() -> None:
    record = msgspec.structs.replace(GPT_4O, aliases=("omni", "gpt-4o-2024-05-13"))
    assert declare_system(record) is None
    assert declare_system(record) is None
    assert Alias.objects.count() == 2
    other = msgspec.structs.replace(GPT_4O, slug="x-1", name="X", aliases=("omni",))
    rejection = declare_system(other)
    assert rejection is not None
    assert rejection.reason.endswith("the alias 'omni' already means another system")
    assert Alias.objects.get(name="omni").system == System.objects.get(slug="gpt-4o")


def test_it_refuses_an_alias_that_is_too_long() -> None:
    rejection = declare_system(msgspec.structs.replace(GPT_4O, aliases=("x" * 301,)))
    assert rejection is not None
    assert "name: Ensure this value has at most 300 characters" in rejection.reason


def test_it_counts_a_declaration_only_where_it_is_rejected(tmp_path: Path) -> None:
    lines = ["new-1,New 1,Lab,N,2026-01-01,", "gpt-4o,GPT-4o,OpenAI,GPT-4,2024-05-14,"]
    write(tmp_path / "systems.csv", lines, header=SYSTEMS)
    run = imported(tmp_path)
    assert counts(run) == (1, 0, 0, 0, 1)
    rejection = Rejection.objects.get()
    assert rejection.line == 3
    assert "released_on 2024-05-13, the file says 2024-05-14" in rejection.reason
    assert System.objects.filter(slug="new-1").exists()


VERSIONS = "id,Model,Version release date,Hugging Face developer id,Display name"


def test_it_keeps_what_a_file_of_names_tells_and_counts_it_apart(tmp_path: Path) -> None:
    """No row of it is a result, so none is read, accepted or rejected as one; none is unsaid."""
    lines = ["omni-13_16K,GPT-4o,2024-05-13,OpenAI,Omni 13 (16k)", "b-1,,,,", ",,,,"]
    path = write(tmp_path / "versions.csv", lines, header=VERSIONS)
    for _time in range(2):
        run = imported(path)
        assert (counts(run), run.declared) == ((1, 0, 0, 0, 1), 2)
    told = SourceName.objects.get(name="omni-13_16K")
    assert (told.family, told.developer, told.aliases) == ("GPT-4o", "OpenAI", ["Omni 13 (16k)"])
    (first, *_rest) = suggest("omni-13_16K", "system")
    assert (first.target.slug, first.said) == ("gpt-4o", "16K")
    assert "released at the same time" in first.why


def test_it_counts_the_facts_of_a_catalog_beside_its_results(tmp_path: Path) -> None:
    other = "gpt-4o,Another name,OpenAI,GPT-4,2024-05-13,"
    write(tmp_path / "systems.csv", [other, "x-1,X 1,Lab,X,2026-01-01,"], header=SYSTEMS)
    write(tmp_path / "observations.csv", [score(system="x-1")])
    run = imported(tmp_path)
    assert (counts(run), run.declared) == ((2, 1, 0, 0, 1), 1)


@pytest.mark.parametrize(("role", "stored"), [("importer", False), ("steward", True)])
def test_only_a_steward_says_what_results_are_worth(role: str, stored: bool) -> None:
    person = User.objects.create_user(role)
    person.groups.add(Group.objects.get(name=role))
    declared = Declared(goalposts=person.has_perm(ADD_EVALS))
    declared.add(msgspec.structs.replace(GPQA, slug="new-eval", name="New"))
    declared.add(GPQA)
    rejections = [row.reason for row in declared.store(Source.objects.create(name="them"))]
    assert Eval.objects.filter(slug="new-eval").exists() is stored
    assert [r for r in rejections if "added by a steward" in r] == rejections
    assert len(rejections) == (not stored)
