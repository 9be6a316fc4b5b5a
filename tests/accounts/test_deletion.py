"""The end of an account by its owner."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services.deletion import NotForStaff, delete_account
from accounts.services.tokens import make_token, token_of
from evals.models import ImportRun, Source
from tests.accounts.people import make, prove, set_up, sign_in

pytestmark = pytest.mark.django_db


def test_nothing_personal_stays_and_the_record_does(client: Client) -> None:
    user = make()
    source = Source.objects.create(slug="lab", name="A laboratory")
    run = ImportRun.objects.create(source=source, name="a.csv", requested_by=user)
    kind = ContentType.objects.get_for_model(User)
    about = {"content_type": kind, "object_id": str(user.pk), "object_repr": "ada"}
    LogEntry.objects.create(user=user, action_flag=2, **about)
    _token, key = make_token(owner=user, name="ada's laptop", scopes=["results:write"])
    sign_in(client)
    set_up(client)
    page = client.post("/accounts/delete/", {"name": "ada"}).content.decode()
    assert "Your account is deleted" in page
    user.refresh_from_db()
    assert user.username == f"deleted:{user.pk}" and not user.is_active
    kept = [*User.objects.values_list(), *LogEntry.objects.values_list("object_repr")]
    assert "ada" not in str(kept) and "laptop" not in str(list(user.api_tokens.values_list()))
    for model in (EmailAddress, Authenticator, UserSession):
        assert not model.objects.exists()
    run.refresh_from_db()
    assert run.requested_by == user
    assert token_of(key, scope="results:write", now=timezone.now()) is None
    assert sign_in(client) == "" and client.get("/accounts/").status_code == 302


def test_it_asks_who_is_there_and_for_the_name(client: Client) -> None:
    make()
    sign_in(client)
    first = client.post("/accounts/delete/", {"name": "ada"})
    assert first["Location"].startswith("/accounts/reauthenticate/")
    prove(client)
    assert client.post("/accounts/delete/", {"name": "eve"}).status_code == 400
    assert User.objects.get().is_active


@pytest.mark.parametrize("who", [{"roles": ("importer",)}, {"staff": True}])
def test_an_account_with_a_role_stays(client: Client, who: dict[str, object]) -> None:
    user = make(**who)  # type: ignore[arg-type]
    sign_in(client)
    prove(client)
    client.post("/accounts/delete/", {"name": "ada"})
    assert "Your account has a role" in client.get("/accounts/delete/").content.decode()
    with pytest.raises(NotForStaff):
        delete_account(user)
    assert User.objects.get().is_active


def test_it_says_that_names_in_basket_versions_stay(client: Client) -> None:
    user = make()
    sign_in(client)
    prove(client)
    text = client.get("/accounts/delete/").content.decode()
    assert "keep the names of their author, of their approver" in text
    delete_account(user)
    assert user.shown_name == f"former member {user.pk}"


def test_a_deleted_name_can_be_taken_again(client: Client) -> None:
    user = make()
    delete_account(user)
    assert make().pk != user.pk
    assert sign_in(client) == "/accounts/"
