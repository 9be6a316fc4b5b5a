"""The queue of names: one decision about a name settles its rows; what is new is added there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evals.models import (
    Alias,
    Eval,
    ImportRun,
    NameDecision,
    Resolution,
    Score,
    Source,
    SourceName,
    System,
)
from evals.selectors import queues
from evals.services import imports
from tests.evals.web.conftest import line

pytestmark = pytest.mark.django_db

NAME = "=HYPERLINK(1)"


def decide(client: Client, **form: str) -> Any:
    fields = {"kind": "system", "name": NAME, **form}
    return client.post(reverse("imports:decide-name"), fields, follow=True)


def test_it_lists_a_name_with_its_rows_and_suggestions(
    importer: Client, mixed_run: ImportRun
) -> None:
    page = importer.get(reverse("imports:names")).content.decode()
    assert "=HYPERLINK(1)" in page and "1 row waits" in page
    assert f"import {mixed_run.pk}, line 3" in page


@pytest.mark.usefixtures("names")
def test_it_ranks_what_a_name_may_mean(importer: Client, tmp_path: Path) -> None:
    imported(tmp_path, line(system="gpt4o"))
    page = importer.get(reverse("imports:names")).content.decode()
    assert 'value="same:gpt-4o"' in page and "like gpt-4o (" in page


def test_a_known_target_settles_every_row(importer: Client, mixed_run: ImportRun) -> None:
    page = decide(importer, verdict="same:gpt-4o").content.decode()
    assert "is decided" in page and "No name waits" in page
    decision = NameDecision.objects.get()
    assert (decision.verdict, decision.by.username) == ("same", "importer-person")  # type: ignore[union-attr]
    assert Resolution.objects.get().held_row.line == 3


def test_another_known_one_is_typed_by_its_slug(importer: Client, mixed_run: ImportRun) -> None:
    decide(importer, verdict="other", other="gpt-4o")
    assert NameDecision.objects.get().system == System.objects.get(slug="gpt-4o")


def imported(tmp_path: Path, *rows: str) -> ImportRun:
    """The run of these lines."""
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(rows) + "\n")
    run = imports.run_import(imports.create_run(path=path, source="lab").pk)
    assert run is not None
    return run


SYSTEM_FORM = {
    "title": "GPT-9",
    "slug": "gpt-9",
    "developer": "OpenAI",
    "generation": "GPT-9",
    "released_on": "2024-05-01",
    "elicitation": "high",
}
EVAL_FORM = {
    "name": "New eval",
    "slug": "new-eval",
    "subdomain": "science",
    "unit": "percent",
    "scale": "linear",
    "direction": "higher",
    "lower": "0",
    "upper": "100",
    "floor": "20",
    "ceiling": "100",
    "source_url": "https://example.org/eval",
}


def new(client: Client, kind: str, name: str, form: dict[str, str]) -> Any:
    return client.post(reverse(f"imports:new-{kind}", query={"name": name}), form)


@pytest.mark.usefixtures("names")
def test_it_shows_what_each_choice_says_of_effort(importer: Client, tmp_path: Path) -> None:
    imported(tmp_path, line(system="GPT4o_high"))
    page = importer.get(reverse("imports:names")).content.decode()
    assert "GPT-4o, run as “high”" in page
    assert "“GPT4o” means the same, also with another ending than “high”" in page
    decide(importer, name="GPT4o_high", verdict="same:gpt-4o", other_endings="1")
    assert Score.objects.get().elicitation == "high"
    assert dict(Alias.objects.values_list("name", "elicitation")) == {
        "GPT4o_high": "high",
        "GPT4o": "",
    }


@pytest.mark.usefixtures("names")
def test_a_person_says_how_another_known_one_was_run(importer: Client, tmp_path: Path) -> None:
    imported(tmp_path, line(system="o_v"))
    decide(importer, name="o_v", verdict="other", other="gpt-4o", elicitation="verbose")
    assert Score.objects.get().elicitation == "verbose"


@pytest.mark.usefixtures("names")
def test_it_shows_what_a_source_tells_of_a_name(importer: Client, tmp_path: Path) -> None:
    imported(tmp_path, line(system="omni-13"))
    hub = Source.objects.create(slug="hub", name="A hub")
    SourceName.objects.create(
        source=hub, name="omni-13", family="GPT-4o", developer="OpenAI", released_on="2024-05-13"
    )
    page = importer.get(reverse("imports:names")).content.decode()
    assert "A hub says of this name: GPT-4o; by OpenAI; released on 2024-05-13" in page
    assert "the same developer; released at the same time" in page
    form = importer.get(reverse("imports:new-system", query={"name": "omni-13"})).content.decode()
    assert 'value="OpenAI"' in form and 'value="2024-05-13"' in form


@pytest.mark.usefixtures("names")
def test_it_shows_names_of_one_kind(importer: Client, tmp_path: Path) -> None:
    imported(tmp_path, line(system="X-system", eval="Y-eval"))
    address = reverse("imports:names")
    both = importer.get(address).content.decode()
    assert "Evals (1)" in both and "X-system</h2>" in both and "Y-eval</h2>" in both
    evals = importer.get(address, {"kind": "eval"}).content.decode()
    assert "Y-eval</h2>" in evals and "X-system</h2>" not in evals


def test_a_new_system_needs_its_facts(importer: Client, mixed_run: ImportRun) -> None:
    lacking = new(importer, "system", NAME, {**SYSTEM_FORM, "released_on": ""})
    assert lacking.status_code == 400 and b'value="GPT-9"' in lacking.content
    assert new(importer, "system", NAME, SYSTEM_FORM).status_code == 302
    score = Score.objects.get(system__slug="gpt-9")
    assert (score.value, score.elicitation) == (53.6, "high")
    gone = importer.get(reverse("imports:new-system", query={"name": NAME}), follow=True)
    assert b"No row waits for this name any longer" in gone.content


@pytest.mark.usefixtures("names")
def test_a_steward_adds_an_eval_and_its_rows_follow(
    as_role: Callable[[str], Client], tmp_path: Path
) -> None:
    imported(tmp_path, line(eval="New/Eval", value=41), line(eval="New/Eval", value=0.5))
    steward = as_role("steward")
    page = steward.get(reverse("imports:names")).content.decode()
    assert "/imports/names/new/eval/?name=New%2FEval" in page and "Decide" not in page
    form = {**EVAL_FORM, "domain": str(Eval.objects.get(slug="gpqa-diamond").domain_id)}
    shown = steward.get(reverse("imports:new-eval", query={"name": "New/Eval"})).content.decode()
    assert "0.5 to 41" in shown and "2 rows wait for it" in shown
    assert new(steward, "eval", "New/Eval", form).status_code == 302
    item = Eval.objects.get(slug="new-eval")
    assert (item.floor, item.source_url) == (20, "https://example.org/eval")
    assert Score.objects.filter(eval=item, value=41).exists()
    assert NameDecision.objects.get().verdict == "new"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"floor": "100", "ceiling": "20"}, "The floor must be the worse end"),
        ({"direction": "lower"}, "The floor must be the worse end"),
        ({"floor": "-5"}, "outside of the bounds of the unit"),
        ({"source_url": ""}, "This field is required"),
        ({"scale": "log", "floor": "0"}, "must be positive"),
        ({"slug": "gpqa-diamond"}, "already exists"),
        ({"released_on": "2999-01-01"}, "lies in the future"),
    ],
)
@pytest.mark.usefixtures("names")
def test_it_refuses_an_eval_that_cannot_be(
    as_role: Callable[[str], Client], tmp_path: Path, wrong: dict[str, str], why: str
) -> None:
    imported(tmp_path, line(eval="New/Eval"))
    domain = str(Eval.objects.get(slug="gpqa-diamond").domain_id)
    answer = new(as_role("admin"), "eval", "New/Eval", {**EVAL_FORM, "domain": domain, **wrong})
    assert answer.status_code == 400 and why in answer.content.decode()
    assert Eval.objects.count() == 2 and not NameDecision.objects.exists()


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(
    ("role", "kind"),
    [("importer", "eval"), ("steward", "system"), ("viewer", "eval"), ("approver", "system")],
)
def test_it_lets_only_those_add_who_may(
    as_role: Callable[[str], Client], tmp_path: Path, role: str, kind: str
) -> None:
    imported(tmp_path, line(system="X", eval="Y"))
    name = "X" if kind == "system" else "Y"
    client = as_role(role)
    assert client.get(reverse(f"imports:new-{kind}", query={"name": name})).status_code == 403
    assert new(client, kind, name, SYSTEM_FORM).status_code == 403


def test_a_name_is_ignored_with_a_reason(importer: Client, mixed_run: ImportRun) -> None:
    assert b"Say why" in decide(importer, verdict="ignore").content
    decide(importer, verdict="ignore", reason="a formula")
    assert Resolution.objects.get().outcome == "ignored"
    assert queues.waiting().names == 0


@pytest.mark.parametrize(
    "form",
    [
        {"verdict": "same:nobody"},
        {"verdict": "other", "other": ""},
        {"verdict": ""},
        {"verdict": "other", "other": "gpt-4o", "kind": "colour"},
        {"verdict": "new", "kind": "eval"},
    ],
)
def test_it_decides_nothing_by_a_form_filled_in_wrongly(
    importer: Client, mixed_run: ImportRun, form: dict[str, str]
) -> None:
    decide(importer, **form)
    assert not NameDecision.objects.exists()
