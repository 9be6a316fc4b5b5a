"""Roles are given and taken in the admin, with a reason, and nobody makes themselves more."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from accounts.models import PersonRightEvent, User
from accounts.roles import GROUPS
from accounts.selectors.audit import Change, every_change

pytestmark = pytest.mark.django_db


def somebody(name: str, role: str = "", *, is_staff: bool = False) -> User:
    user = User.objects.create_user(name, password="a-long-password", is_staff=is_staff)
    if role:
        user.groups.add(Group.objects.get(name=role))
    user.refresh_from_db()
    return user


@pytest.fixture
def administrator(client: Client) -> Client:
    """A browser of somebody with the role admin, who is no superuser."""
    client.force_login(somebody("root", "admin"))
    return client


def page_of(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


@pytest.mark.parametrize("role", GROUPS)
def test_it_lets_those_into_the_admin_who_work_there(role: str) -> None:
    user = somebody("ada", role)
    assert user.is_staff == (role in ("steward", "approver", "admin"))
    user.groups.clear()
    assert not User.objects.get(pk=user.pk).is_staff


def test_it_keeps_a_superuser_staff_without_a_role() -> None:
    root = User.objects.create_superuser("root")
    group = Group.objects.get(name="steward")
    group.user_set.add(root)
    group.user_set.remove(root)
    assert User.objects.get(pk=root.pk).is_staff


def test_it_gives_a_role_and_keeps_the_reason(administrator: Client) -> None:
    ada, steward = somebody("ada"), Group.objects.get(name="steward")
    values = {"is_active": "on", "groups": [steward.pk], "audit_reason": "She leads evals now."}
    assert administrator.post(page_of(ada), values).status_code == 302
    ada.refresh_from_db()
    assert ada.is_staff and list(ada.groups.all()) == [steward]
    (change,) = [c for c in every_change() if is_role_of(c, "ada")]
    assert (change.who, change.reason) == ("root", "She leads evals now.")
    history = administrator.get(reverse("admin:accounts_user_history", args=[ada.pk]))
    assert "She leads evals now." in history.content.decode()


def is_role_of(change: Change, name: str) -> bool:
    return change.table == "role of a person" and change.row.startswith(f"{name},")


def test_it_lets_nobody_become_a_superuser(administrator: Client) -> None:
    own = User.objects.get(username="root")
    right = {"is_superuser": "on", "user_permissions": ["1"], "is_active": "on", "is_staff": "on"}
    administrator.post(page_of(own), {**right, "groups": [Group.objects.get(name="admin").pk]})
    own.refresh_from_db()
    assert not own.is_superuser and not own.user_permissions.exists()
    boss = User.objects.create_superuser("boss", password="a-long-password")
    assert administrator.post(page_of(boss), {"is_active": ""}).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[boss.pk])
    answer = administrator.post(
        password, {"password1": "other-long-one", "password2": "other-long-one"}
    )
    assert answer.status_code == 403
    boss.refresh_from_db()
    assert boss.is_active and boss.check_password("a-long-password")
    assert administrator.get(reverse("admin:accounts_user_add")).status_code == 403


@pytest.mark.parametrize("role", ["viewer", "importer", "steward", "approver"])
def test_it_lets_only_administrators_give_roles(client: Client, role: str) -> None:
    client.force_login(somebody("ada", role, is_staff=True))
    other = somebody("bob")
    groups = {"groups": [Group.objects.get(name="admin").pk], "is_active": "on"}
    assert client.post(page_of(other), groups).status_code in (302, 403)
    assert not other.groups.exists()


def test_it_offers_the_sites_roles_and_admin_only_to_administrators(client: Client) -> None:
    other = Group.objects.create(name="everything")
    groups = {group.name: group for group in Group.objects.all()}
    manager, ada = somebody("mia", is_staff=True), somebody("ada", "admin")
    manager.user_permissions.add(Permission.objects.get(codename="manage_roles"))
    ada.groups.add(other)
    for name, given in (("mia", set()), ("ada", {"admin"})):
        client.force_login(User.objects.get(username=name))
        bob = somebody(f"bob-{name}")
        for role, group in groups.items():
            client.post(page_of(bob), {"is_active": "on", "groups": [group.pk]})
            had = set(bob.groups.values_list("name", flat=True))
            allowed = role in GROUPS and (role != "admin" or bool(given))
            assert (role in had) == allowed, (name, role)
        client.post(page_of(ada), {"is_active": "on", "groups": [groups["steward"].pk]})
        kept = {"everything", "steward"} | ({"admin"} - given)
        assert set(ada.groups.values_list("name", flat=True)) == kept


def test_it_records_rights_that_are_given_past_roles(administrator: Client) -> None:
    ada = somebody("ada")
    right = Permission.objects.get(codename="edit_baskets")
    ada.user_permissions.add(right)
    ada.user_permissions.remove(right)
    found = PersonRightEvent._base_manager.filter(user=ada).order_by("pgh_id")
    told = list(found.values_list("pgh_label", "permission"))
    assert told == [("insert", right.pk), ("delete", right.pk)]
    history = reverse("admin:accounts_user_history", args=[ada.pk])
    assert "right of a person" in administrator.get(history).content.decode()
    assert "right of a person" in administrator.get(reverse("audit")).content.decode()


@pytest.mark.parametrize("address", ["audit", "audit-csv", "audit-json"])
def test_it_shows_the_audit_to_those_who_may_see_it(client: Client, address: str) -> None:
    client.force_login(somebody("ada", "viewer"))
    assert client.get(reverse(address)).status_code == 403
    client.force_login(somebody("bob", "approver"))
    answer = client.get(reverse(address))
    assert answer.status_code == 200
    text = b"".join(answer) if answer.streaming else answer.content
    assert b"steward" in text and b"bob" in text
