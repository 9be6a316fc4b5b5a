"""Where somebody is signed in, what ends that, and what is told by mail."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client

from accounts.devices import describe
from accounts.models import ApiToken
from accounts.services.tokens import make_token
from tests.accounts.people import PASSWORD, committed, make, prove, set_up, sign_in

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
)


def with_browser(words: str, address: str) -> Client:
    """A browser at an address."""
    return Client(headers={"user-agent": words}, REMOTE_ADDR=address)


@pytest.fixture
def desk() -> Client:
    make()
    client = with_browser(FIREFOX, "198.51.100.1")
    sign_in(client)
    return client


@pytest.fixture
def phone(desk: Client) -> Client:
    client = with_browser(IPHONE, "2001:db8::7")
    sign_in(client)
    return client


def is_in(client: Client) -> bool:
    return client.get("/accounts/").status_code == 200


def test_it_lists_each_device_with_its_address(desk: Client, phone: Client) -> None:
    page = desk.get("/accounts/sessions/").content.decode()
    for said in ("Firefox on Linux", "(this one)", "198.51.100.1", "Safari on iOS", "2001:db8::7"):
        assert said in page
    assert page.index("Firefox on Linux") < page.index("Safari on iOS")


@pytest.mark.parametrize(
    ("words", "device"),
    [
        (EDGE, "Edge on Windows"),
        (IPHONE, "Safari on iOS"),
        ("curl/8.5.0", "curl"),
        ("<b>", "an unknown browser"),
    ],
)
def test_it_names_a_device_in_few_words(words: str, device: str) -> None:
    assert describe(words) == device


def test_one_session_is_ended_alone(desk: Client, phone: Client) -> None:
    other = UserSession.objects.get(ip="2001:db8::7")
    assert desk.post(f"/accounts/sessions/{other.pk}/end/")["Location"] == "/accounts/sessions/"
    assert is_in(desk) and not is_in(phone)


def test_all_others_are_ended_at_once(desk: Client, phone: Client) -> None:
    desk.post("/accounts/sessions/end-others/")
    assert "1 session was signed out." in desk.get("/accounts/sessions/").content.decode()
    assert is_in(desk) and not is_in(phone)


def test_ending_the_present_one_signs_out(desk: Client) -> None:
    own = UserSession.objects.get()
    assert desk.post(f"/accounts/sessions/{own.pk}/end/")["Location"] == "/accounts/login/"
    assert not is_in(desk) and not UserSession.objects.exists()


def test_nobody_ends_the_session_of_somebody_else(desk: Client) -> None:
    make("eve")
    eve = Client()
    sign_in(eve, "eve")
    theirs = UserSession.objects.get(user__username="ada")
    assert eve.post(f"/accounts/sessions/{theirs.pk}/end/").status_code == 404
    eve.post("/accounts/sessions/end-others/")
    assert is_in(desk)


def test_another_password_ends_other_sessions(desk: Client, phone: Client) -> None:
    form = {"oldpassword": PASSWORD, "password1": "another long word 8"}
    answer = desk.post("/accounts/password/change/", {**form, "password2": form["password1"]})
    assert answer["Location"] == "/accounts/"
    assert is_in(desk) and not is_in(phone)
    assert mail.outbox[-1].subject == "Your password was changed"
    assert "Firefox on Linux" in str(mail.outbox[-1].body)


def test_a_change_of_the_second_step_ends_other_sessions(desk: Client, phone: Client) -> None:
    set_up(phone)
    assert is_in(phone) and not is_in(desk)


def test_new_recovery_codes_end_other_sessions(desk: Client) -> None:
    set_up(desk)
    codes = desk.get("/accounts/2fa/recovery-codes/download/").content.decode().split()
    phone = with_browser(IPHONE, "2001:db8::7")
    sign_in(phone)
    phone.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert is_in(phone)
    committed(desk, "/accounts/2fa/recovery-codes/generate/", {})
    assert is_in(desk) and not is_in(phone)


def test_a_new_device_is_told_and_a_known_one_is_not(desk: Client) -> None:
    assert mail.outbox == []
    phone = with_browser(IPHONE, "2001:db8::7")
    for _ in range(2):
        sign_in(phone)
        phone.post("/accounts/logout/")
    assert [letter.subject for letter in mail.outbox] == ["New sign-in to your account"]
    text = str(mail.outbox[0].body)
    assert "Safari on iOS" in text and "2001:db8::7" in text


def test_a_known_device_is_known_for_its_own_people_only(desk: Client) -> None:
    make("eve").refresh_from_db()
    sign_in(with_browser(EDGE, "203.0.113.1"), "eve")
    desk.post("/accounts/logout/")
    sign_in(desk, "eve")
    assert [letter.to for letter in mail.outbox] == [["eve@lab.example"]]
    # A cookie that somebody made up is no device at all.
    forged = Client()
    forged.cookies["known_device"] = "WzFd:1:aa"
    sign_in(forged)
    assert mail.outbox[-1].to == ["ada@lab.example"]


def test_tokens_stand_beside_sessions_and_are_revoked_there(desk: Client) -> None:
    user = UserSession.objects.get().user
    token, _key = make_token(owner=user, name="nightly", scopes=["results:write"])
    assert token.prefix in desk.get("/accounts/sessions/").content.decode()
    answer = desk.post(f"/imports/tokens/{token.pk}/revoke/", {"from": "sessions"})
    assert answer["Location"] == "/accounts/sessions/"
    assert ApiToken.objects.get().revoked_at is not None


def test_it_notes_where_a_session_was_last_used(desk: Client) -> None:
    UserSession.objects.update(last_seen_at="2020-01-01T00:00Z")
    desk.get("/accounts/", REMOTE_ADDR="198.51.100.77")
    own = UserSession.objects.get()
    assert own.ip == "198.51.100.77" and own.last_seen_at.year > 2020


def test_a_changed_address_of_the_account_asks_again_who_is_there(desk: Client) -> None:
    answer = desk.post("/accounts/email/", {"email": "a@new.example", "action_add": ""})
    assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
    assert mail.outbox == []
    # Once it is shown, what was asked for is done.
    desk.post(answer["Location"], {"password": PASSWORD, "next": "/accounts/email/"})
    assert mail.outbox[-1].to == ["a@new.example"]
    prove(desk)


def test_an_address_that_an_administrator_corrects_is_the_account_s(desk: Client) -> None:
    user = UserSession.objects.get().user
    user.email = "Ada@Right.example"
    user.save()
    own = EmailAddress.objects.get()
    assert (own.email, own.verified, own.primary) == ("ada@right.example", True, True)
    assert sign_in(Client(), "ada@right.example") and not sign_in(Client(), "ada@lab.example")
    user.email = ""
    user.save()
    assert not EmailAddress.objects.exists() and sign_in(Client())
