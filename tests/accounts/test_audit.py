"""Every change of weights, facts, decisions and roles is on record, with who, where and why."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.audit import because, command
from accounts.models import RoleGrantEvent, User, UserEvent
from evals.models import Alias, AliasEvent, Developer, Domain, Generation, System

pytestmark = pytest.mark.django_db


@pytest.fixture
def alias() -> Alias:
    """A name of a system, given outside any request."""
    lab = Developer.objects.create(slug="lab", name="Lab")
    one = Generation.objects.create(developer=lab, name="One")
    system = System.objects.create(
        slug="one", name="One", developer=lab, generation=one, released_on="2024-01-01"
    )
    return Alias.objects.create(name="one-2024", system=system)


def recorded(model: Any, **of: object) -> Any:
    """The events of a kind in their order."""
    return model._base_manager.filter(**of).order_by("pgh_id")


def events_of(alias: Alias) -> list[tuple[str, str, object]]:
    found = recorded(AliasEvent, pgh_obj_id=alias.pk)
    return [(event.pgh_label, event.name, event.pgh_context) for event in found]


def test_it_records_insert_update_and_delete_whoever_asks(alias: Alias) -> None:
    Alias.objects.update(name="one")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE evals_alias SET name = 'uno'")
        cursor.execute("UPDATE evals_alias SET name = name")
        cursor.execute("DELETE FROM evals_alias")
    said = [(label, name) for label, name, _context in events_of(alias)]
    assert said == [("insert", "one-2024"), ("update", "one"), ("update", "uno"),
                    ("delete", "uno")]  # fmt: skip


def test_it_records_who_did_it_in_which_command_and_why(alias: Alias) -> None:
    ada = User.objects.create_user("ada")
    with command("mend"):
        with because("The vendor renamed it.", by=ada):
            Alias.objects.update(name="two")
        Alias.objects.update(name="three")
    _made, two, three = [context for _label, _name, context in events_of(alias)]
    assert isinstance(two, dict) and isinstance(three, dict)
    assert (two["command"], two["user"], two["reason"]) == (
        "mend", ada.pk, "The vendor renamed it."
    )  # fmt: skip
    assert "reason" not in three and "user" not in three and three["command"] == "mend"


def test_it_records_the_page_and_the_person_of_a_request(
    admin_client: Client, alias: Alias
) -> None:
    address = reverse("admin:evals_alias_change", args=[alias.pk])
    values = {"name": "uno", "system": alias.system_id, "elicitation": "", "audit_reason": "Typo."}
    assert admin_client.post(address, values).status_code == 302
    context = events_of(alias)[-1][2]
    admin = User.objects.get(username="admin")
    assert context == {"user": admin.pk, "page": address, "reason": "Typo."}
    history = admin_client.get(reverse("admin:evals_alias_history", args=[alias.pk]))
    assert b"name: one-2024 \xe2\x86\x92 uno" in history.content
    assert b"Typo." in history.content


def test_it_records_what_a_domain_is_called(admin_client: Client) -> None:
    domain = Domain.objects.create(slug="safety", name="Safety")
    page = reverse("admin:evals_domain_change", args=[domain.pk])
    values = {"name": "Harm", "position": "1", "audit_reason": "It says what is measured."}
    assert admin_client.post(page, values).status_code == 302
    for address in (reverse("admin:evals_domain_history", args=[domain.pk]), reverse("audit")):
        text = admin_client.get(address).content.decode()
        assert "name: Safety → Harm" in text and "It says what is measured." in text


def test_it_records_roles_given_and_taken(db: None) -> None:
    ada = User.objects.create_user("ada")
    steward = Group.objects.get(name="steward")
    ada.groups.add(steward)
    ada.groups.remove(steward)
    found = recorded(RoleGrantEvent, user=ada)
    assert [(e.pgh_label, e.group) for e in found] == [("insert", steward), ("delete", steward)]


def test_it_keeps_no_name_and_no_password_of_a_person(db: None) -> None:
    ada = User.objects.create_user("ada", email="ada@example.org", password="a-long-password")
    ada.set_password("another-long-password")
    ada.is_staff = True
    ada.save()
    ada.email = "other@example.org"
    ada.save()
    rows = list(recorded(UserEvent, pgh_obj_id=ada.pk).values())
    assert [(row["pgh_label"], row["is_staff"]) for row in rows] == [
        ("insert", False), ("update", True)
    ]  # fmt: skip
    assert "ada" not in str(rows) and "password" not in str(rows)


@pytest.mark.parametrize("change", ["UPDATE {} SET pgh_label = 'x'", "DELETE FROM {}"])
def test_it_lets_nobody_change_what_is_recorded(alias: Alias, change: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change.format("evals_aliasevent"))
