"""Aliases in the admin: they settle held rows, and keep what a name says of effort."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from evals.models import Alias, Eval, Score, System
from evals.services import imports
from tests.evals.web.conftest import line

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("names")]


@pytest.fixture
def waiting(tmp_path: Path) -> None:
    """A row of a name with an effort in it."""
    path = tmp_path / "a.jsonl"
    path.write_text(line(system="Mystery-9_high") + "\n")
    imports.run_import(imports.create_run(path=path, source="lab").pk)


@pytest.mark.usefixtures("waiting")
def test_a_new_alias_takes_the_effort_from_the_name(admin_client: Client) -> None:
    form = {"name": "Mystery-9_high", "system": System.objects.get().pk, "elicitation": ""}
    admin_client.post(reverse("admin:evals_alias_add"), form)
    assert Score.objects.get().elicitation == "high"
    alias = Alias.objects.get()
    assert alias.elicitation == "high"
    admin_client.post(reverse("admin:evals_alias_change", args=[alias.pk]), form)
    alias.refresh_from_db()
    assert alias.elicitation == ""


def test_an_alias_of_an_eval_is_run_in_no_way(admin_client: Client) -> None:
    form = {"name": "X", "eval": Eval.objects.first().pk, "elicitation": "high"}  # type: ignore[union-attr]
    assert admin_client.post(reverse("admin:evals_alias_add"), form).status_code == 200
    assert not Alias.objects.exists()
