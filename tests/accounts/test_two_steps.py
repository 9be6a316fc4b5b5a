"""The second step: set up, asked for, demanded of those who decide, and lost."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from accounts.roles import GROUPS
from accounts.two_step import TwoStepAdapter, must_set_up
from tests.accounts.people import PASSWORD, app_code, make, prove, set_up, sign_in

pytestmark = pytest.mark.django_db
SECOND = "/accounts/2fa/authenticate/"


def test_a_password_alone_lets_nobody_in_any_more(client: Client) -> None:
    make()
    sign_in(client)
    set_up(client)
    stranger = Client()
    assert sign_in(stranger) == SECOND
    assert stranger.get("/accounts/")["Location"] == "/accounts/login/?next=/accounts/"
    assert stranger.post(SECOND, {"code": "000000"}).status_code == 200
    assert "Two-step sign-in is on" in [letter.subject for letter in mail.outbox]


def test_a_recovery_code_lets_in_once(client: Client) -> None:
    make()
    sign_in(client)
    set_up(client)
    codes = client.get("/accounts/2fa/recovery-codes/download/").content.decode().split()
    assert len(codes) == 10
    for attempt, status in enumerate((302, 200)):
        other = Client()
        sign_in(other)
        assert other.post(SECOND, {"code": codes[0]}).status_code == status, attempt
    assert "9 of 10 codes" in client.get("/accounts/2fa/").content.decode()


def test_the_secret_is_not_in_the_database(client: Client) -> None:
    make()
    sign_in(client)
    secret = set_up(client)
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))


def test_another_secret_key_makes_every_code_wrong(settings: Settings) -> None:
    kept = TwoStepAdapter().encrypt("GEZDGNBVGY3TQOJQ")
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    guesses = {TwoStepAdapter().decrypt(kept) for _ in range(3)}
    assert len(guesses) == 3 and "" not in guesses
    settings.SECRET_KEY_FALLBACKS = [old]
    assert TwoStepAdapter().decrypt(kept) == "GEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize("role", sorted(GROUPS))
def test_it_is_demanded_of_those_who_decide(client: Client, settings: Settings, role: str) -> None:
    settings.MFA_REQUIRED = True
    user = make(roles=(role,))
    sign_in(client)
    answer = client.get("/imports/")
    if role in ("viewer", "importer"):
        assert answer.status_code == 200
        return
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/")
    assert "Your role needs" in client.get("/accounts/2fa/").content.decode()
    set_up(client)
    assert 'href="/imports/"' in client.get("/accounts/2fa/").content.decode()
    assert client.get("/imports/").status_code == 200 and not must_set_up(user)


@pytest.mark.parametrize("path", ["/admin/", "/zh-hant/admin/accounts/user/", "/operator/"])
def test_no_page_of_staff_is_reached_without_it(
    client: Client, settings: Settings, path: str
) -> None:
    settings.MFA_REQUIRED = True
    User.objects.create_superuser("root", "", PASSWORD)
    assert sign_in(client, "root", next=path) == path
    for method in (client.get, client.post):
        assert method(path)["Location"].endswith("/accounts/2fa/")
    settings.MFA_REQUIRED = False
    assert client.get(path).status_code == 200


def test_the_admin_has_no_sign_in_of_its_own(client: Client) -> None:
    User.objects.create_superuser("root", "", PASSWORD)
    form = {"username": "root", "password": PASSWORD}
    for answer in (client.get("/admin/"), client.get("/admin/login/?next=/admin/")):
        page = client.get(answer["Location"], follow=True)
        assert page.redirect_chain or "/accounts/login/" in answer["Location"]
    assert "/accounts/login/" in client.post("/admin/login/?next=/admin/", form)["Location"]
    assert "_auth_user_id" not in client.session
    sign_in(client, "root")
    assert client.get("/admin/password_change/")["Location"] == "/accounts/password/change/"


def test_somebody_without_the_right_is_refused_by_the_admin(client: Client) -> None:
    make()
    sign_in(client)
    assert client.get("/admin/login/?next=/admin/").status_code == 403
    assert client.get("/admin/").status_code in (302, 403)


def test_the_admin_says_whether_it_is_demanded(client: Client, settings: Settings) -> None:
    client.force_login(User.objects.create_superuser("root", "", PASSWORD))
    for required, words in ((False, "MFA_REQUIRED is false"), (True, "")):
        settings.MFA_REQUIRED = required
        if words:
            assert words in client.get("/admin/").content.decode()
    set_up(client)
    assert "must sign in in two steps" in client.get("/admin/").content.decode()


def test_who_lost_it_begins_anew(client: Client) -> None:
    user = make()
    sign_in(client)
    set_up(client)
    call_command("reset_mfa", "ada")
    assert not Authenticator.objects.filter(user=user).exists()
    assert client.get("/accounts/").status_code == 302
    assert sign_in(Client()) == "/accounts/"
    with pytest.raises(CommandError, match="no account named 'ghost'"):
        call_command("reset_mfa", "ghost")


def test_an_administrator_takes_a_lost_step_away(client: Client, settings: Settings) -> None:
    make()
    sign_in(client)
    set_up(client)
    root = Client()
    root.force_login(User.objects.create_superuser("root", "", PASSWORD))
    page = "/admin/mfa/authenticator/"
    row = Authenticator.objects.get(type="totp")
    assert "secret" not in root.get(f"{page}{row.pk}/change/").content.decode()
    root.post(f"{page}{row.pk}/delete/", {"post": "yes"})
    assert client.get("/accounts/").status_code == 302
    assert root.get("/admin/").status_code == 200


def test_it_can_be_switched_off_by_who_shows_who_they_are(client: Client) -> None:
    make()
    sign_in(client)
    secret = set_up(client)
    assert app_code(secret).isdigit()
    prove(client)
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()
    assert "Two-step sign-in is off" in [letter.subject for letter in mail.outbox]
