"""People of each role, and a run with a row of every kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import ApiToken, User
from accounts.services.tokens import make_token
from evals.models import ImportRun
from evals.services import imports
from tests.evals.conftest import declare

LINE = (
    '{{"system": "{system}", "eval": "{eval}", "value": {value}, "observed_on": "2024-06-01",'
    ' "reported_by": "third_party"}}'
)


Token = tuple[ApiToken, str]


def line(system: str = "gpt-4o", eval: str = "gpqa-diamond", value: object = 53.6) -> str:
    """A result as a line of JSON."""
    return LINE.format(system=system, eval=eval, value=value)


@pytest.fixture
def names(db: None) -> None:
    """A system and two evals."""
    declare()


@pytest.fixture
def as_role(client: Client, db: None) -> Callable[[str], Client]:
    """A browser in which somebody of a group is signed in."""

    def signed_in(role: str) -> Client:
        user = User.objects.create_user(f"{role}-person")
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def importer(as_role: Callable[[str], Client]) -> Client:
    """The browser of an importer."""
    return as_role("importer")


@pytest.fixture
def token(db: None) -> Token:
    """An importer's token with its key."""
    user = User.objects.create_user("machine")
    user.groups.add(Group.objects.get(name="importer"))
    return make_token(owner=user, name="nightly", scopes=["results:write"])


@pytest.fixture
def mixed_run(names: None, tmp_path: Path) -> ImportRun:
    """A run with one accepted, duplicate, held, doubtful and rejected row each."""
    path = tmp_path / "mixed.jsonl"
    rows = [
        line(),
        line(),
        line(system="=HYPERLINK(1)"),
        line(eval="horizon", value=12),
        line(value=101),
    ]
    path.write_text("\n".join(rows) + "\n")
    run = imports.run_import(imports.create_run(path=path, source="lab").pk)
    assert run is not None
    return run
