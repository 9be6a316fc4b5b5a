"""Tokens: shown once, kept as a hash, good for what they were made for and no longer."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.roles import GROUPS
from accounts.services.tokens import digest, make_token, revoke_token, token_of

pytestmark = pytest.mark.django_db

SCOPE = "results:write"


@pytest.fixture
def importer() -> User:
    user = User.objects.create_user("ivy")
    user.groups.add(Group.objects.get(name="importer"))
    return user


def test_the_groups_have_the_rights_that_the_code_names() -> None:
    stored = {
        group.name: sorted(f"accounts.{right.codename}" for right in group.permissions.all())
        for group in Group.objects.all()
    }
    assert stored == {name: sorted(rights) for name, rights in GROUPS.items()}


def test_it_keeps_only_the_hash_of_a_key(importer: User) -> None:
    token, key = make_token(owner=importer, name="nightly", scopes=[SCOPE])
    stored = ApiToken.objects.values().get()
    assert len(key) == 47 and key.startswith("agi_")
    assert key not in str(stored) and stored["sha256"] == digest(key)
    assert token.prefix == key[:12]


def test_it_finds_the_token_of_a_key_and_notes_its_use(importer: User) -> None:
    token, key = make_token(owner=importer, name="nightly", scopes=[SCOPE])
    now = timezone.now()
    assert token_of(key, scope=SCOPE, now=now) == token
    assert token_of(key, scope=SCOPE, now=now + dt.timedelta(seconds=5)) == token
    token.refresh_from_db()
    assert token.last_used_at == now


def test_it_knows_no_other_key_and_no_other_scope(importer: User) -> None:
    _token, key = make_token(owner=importer, name="nightly", scopes=[SCOPE])
    now = timezone.now()
    assert token_of(key[:-1], scope=SCOPE, now=now) is None
    assert token_of(digest(key), scope=SCOPE, now=now) is None
    assert token_of(key, scope="results:read", now=now) is None


def test_it_ends_with_its_time_and_when_it_is_revoked(importer: User) -> None:
    now = timezone.now()
    token, key = make_token(owner=importer, name="n", scopes=[SCOPE], expires_at=now)
    assert token_of(key, scope=SCOPE, now=now - dt.timedelta(seconds=1)) == token
    assert token_of(key, scope=SCOPE, now=now) is None
    other, key = make_token(owner=importer, name="n", scopes=[SCOPE])
    revoke_token(other)
    assert token_of(key, scope=SCOPE, now=now) is None


def test_it_ends_with_its_owners_right(importer: User) -> None:
    _token, key = make_token(owner=importer, name="n", scopes=[SCOPE])
    importer.groups.clear()
    assert token_of(key, scope=SCOPE, now=timezone.now()) is None
    importer.groups.add(Group.objects.get(name="importer"))
    User.objects.filter(pk=importer.pk).update(is_active=False)
    assert token_of(key, scope=SCOPE, now=timezone.now()) is None


def test_the_page_shows_a_key_once(client: Client, importer: User) -> None:
    client.force_login(importer)
    form = {"name": "nightly", "source": "lab", "days": "30"}
    page = client.post(reverse("tokens"), form).content.decode()
    found = re.search(r'<code id="key">(agi_[\w-]{43})</code>', page)
    assert found is not None and token_of(found[1], scope=SCOPE, now=timezone.now())
    again = client.get(reverse("tokens"))
    assert found[1] not in again.content.decode() and "no-store" in again["Cache-Control"]


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"source": "No Slug"}, {"source": "catalog"}, {"days": "7"}]
)
def test_the_page_refuses_a_form_filled_in_wrongly(
    client: Client, importer: User, wrong: dict[str, str]
) -> None:
    client.force_login(importer)
    answer = client.post(reverse("tokens"), {"name": "n", "source": "", "days": "30", **wrong})
    assert answer.status_code == 400 and not ApiToken.objects.exists()


def test_nobody_revokes_the_token_of_another(client: Client, importer: User) -> None:
    token, key = make_token(owner=importer, name="n", scopes=[SCOPE])
    other = User.objects.create_superuser("root")
    client.force_login(other)
    assert client.post(reverse("revoke-token", args=[token.pk])).status_code == 404
    client.force_login(importer)
    assert client.post(reverse("revoke-token", args=[token.pk])).status_code == 302
    assert token_of(key, scope=SCOPE, now=timezone.now()) is None


def test_the_tokens_of_others_are_not_listed(client: Client, importer: User) -> None:
    make_token(owner=User.objects.create_user("ann"), name="anns-machine", scopes=[SCOPE])
    client.force_login(importer)
    assert b"anns-machine" not in client.get(reverse("tokens")).content
