"""Sign-in with OpenID Connect, against a provider that really answers and signs."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.accounts.people import make, set_up, sign_in
from tests.accounts.provider import CLIENT, SECRET, Provider, running

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/oidc/sso/login/"
GRACE = {
    "sub": "17",
    "email": "grace@lab.example",
    "email_verified": True,
    "preferred_username": "grace",
}


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    with running() as found:
        app = {
            "provider_id": "sso",
            "name": "The lab",
            "client_id": CLIENT,
            "secret": SECRET,
            "settings": {"server_url": found.address},
        }
        settings.OIDC_ISSUER, settings.OIDC_NAME = found.address, "The lab"
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}
        }
        found.person = dict(GRACE)
        yield found


class Still(urllib.request.HTTPRedirectHandler):
    """Does not follow: where the provider sends a browser is what is asked for."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def way_through(client: Client, query: str = "?process=login") -> Any:
    """Press the button, go to the provider, and come back; the site's answer."""
    page = client.post(LOGIN + query).content.decode()
    found = re.search(r'<a href="(http://127[^"]+)"', page)
    assert found, page
    try:
        urllib.request.build_opener(Still).open(unescape(found[1]), timeout=5)
    except urllib.error.HTTPError as answer:
        back = urlsplit(answer.headers["Location"])
    return client.get(f"{back.path}?{back.query}")


def test_it_makes_an_account_without_any_role(client: Client, provider: Provider) -> None:
    assert "Sign in with The lab" in client.get("/accounts/login/").content.decode()
    assert way_through(client)["Location"] == "/accounts/"
    user = User.objects.get(username="grace")
    assert not user.groups.exists() and not user.has_usable_password() and not user.is_staff
    assert EmailAddress.objects.get().verified
    assert client.get("/accounts/").context["user"] == user
    client.post("/accounts/logout/")
    assert way_through(client)["Location"] == "/accounts/" and User.objects.count() == 1


def test_there_is_no_button_and_no_way_without_a_provider(client: Client) -> None:
    assert "/oidc/" not in client.get("/accounts/login/").content.decode()
    assert client.post(LOGIN).status_code == 404


def test_one_address_to_return_to_serves_all_languages(client: Client, provider: Provider) -> None:
    page = client.get("/zh-hant/accounts/login/").content.decode()
    assert f'action="{LOGIN}?process=login"' in page
    way_through(client)
    assert all("/accounts/oidc/sso/login/callback/" in str(asked) for asked in provider.asked)


def test_an_account_of_that_address_is_entered_where_both_confirmed_it(
    client: Client, provider: Provider
) -> None:
    user = make("grace")
    assert way_through(client)["Location"] == "/accounts/"
    assert client.get("/accounts/").context["user"] == user
    assert SocialAccount.objects.get().user == user


@pytest.mark.parametrize("unsure", [False, None, "true", 1])
def test_an_address_that_the_provider_did_not_confirm_opens_no_account(
    client: Client, provider: Provider, unsure: object
) -> None:
    user = make("grace")
    provider.person["email_verified"] = unsure
    way_through(client)
    assert client.get("/accounts/").status_code == 302
    assert not SocialAccount.objects.exists() and User.objects.get() == user
    # Its owner hears of it, and the stranger learns nothing.
    assert mail.outbox[-1].to == [user.email]


def test_an_address_that_was_not_confirmed_here_opens_no_account_either(
    client: Client, provider: Provider
) -> None:
    make("grace")
    EmailAddress.objects.update(verified=False)
    way_through(client)
    assert client.get("/accounts/").status_code == 302 and not SocialAccount.objects.exists()


def test_a_new_account_confirms_an_address_that_the_provider_did_not(
    client: Client, provider: Provider
) -> None:
    provider.person["email_verified"] = "false"
    assert way_through(client)["Location"] == "/accounts/confirm-email/"
    assert client.get("/accounts/").status_code == 302
    assert mail.outbox[-1].subject == "Confirm your address"


@pytest.mark.parametrize(
    "lies",
    [{"iss": "https://evil.example"}, {"aud": "another"}, {"exp": 1}, {"sub": "18"}],
    ids=lambda lies: next(iter(lies)),
)
def test_it_takes_no_token_that_is_not_meant_for_it(
    client: Client, provider: Provider, lies: dict[str, object]
) -> None:
    provider.lies = lies
    page = way_through(client)
    assert "The sign-in did not work" in page.content.decode()
    assert not User.objects.exists() and client.get("/accounts/").status_code == 302


def test_it_takes_no_answer_that_it_did_not_ask_for(client: Client, provider: Provider) -> None:
    page = client.get(f"{LOGIN}callback/?code=x&state=y")
    assert "The sign-in did not work" in page.content.decode()
    assert not User.objects.exists()


def test_groups_of_the_provider_become_roles_and_end_with_them(
    client: Client, provider: Provider, settings: Settings
) -> None:
    settings.OIDC_GROUPS_CLAIM = "groups"
    settings.OIDC_GROUPS = {"editors": "steward", "data": "importer", "odd": "superuser"}
    provider.person["groups"] = ["editors", "data", "odd", "staff"]
    way_through(client)
    user = User.objects.get()
    assert set(user.groups.values_list("name", flat=True)) == {"steward", "importer"}
    assert user.is_staff and not user.is_superuser
    client.post("/accounts/logout/")
    provider.person["groups"] = "data"
    way_through(client)
    user.refresh_from_db()
    assert list(user.groups.values_list("name", flat=True)) == ["importer"] and not user.is_staff


def test_roles_given_here_stay_where_no_claim_is_named(client: Client, provider: Provider) -> None:
    provider.person["groups"] = ["admin"]
    user = make("grace", roles=("viewer",))
    way_through(client)
    assert [group.name for group in user.groups.all()] == ["viewer"]


def test_the_second_step_is_asked_for_after_the_provider_too(
    client: Client, provider: Provider
) -> None:
    make("grace")
    sign_in(client, "grace")
    set_up(client)
    assert way_through(Client())["Location"] == "/accounts/2fa/authenticate/"


def test_an_account_is_connected_and_parted_by_its_owner(
    client: Client, provider: Provider
) -> None:
    user = make("ada")
    sign_in(client)
    client.post("/accounts/reauthenticate/", {"password": "a long word for tests 7"})
    way_through(client, "?process=connect")
    assert SocialAccount.objects.get().user == user
    assert mail.outbox[-1].subject == "A way to sign in was added"
    page = client.get("/accounts/3rdparty/").content.decode()
    assert "Disconnect" in page
    client.post("/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk})
    assert not SocialAccount.objects.exists()
