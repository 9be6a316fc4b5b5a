"""Making an account, signing in by name or address, and choosing another password."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.accounts.people import LOGIN, PASSWORD, link_in, make, newest_mail, prove, sign_in

pytestmark = pytest.mark.django_db
FORM = {"email": "new@lab.example", "username": "newton", "password1": PASSWORD}


def test_an_account_works_once_its_address_is_confirmed(client: Client) -> None:
    assert client.post("/accounts/signup/", FORM)["Location"] == "/accounts/confirm-email/"
    assert sign_in(client, "newton") == "/accounts/confirm-email/"
    letter = newest_mail()
    assert letter.subject == "Confirm your address" and "newton" in str(letter.body)
    # Programs that look into mail open its links: only the button confirms.
    page = client.get(link_in(letter)).content.decode()
    assert "new@lab.example is to belong to the account newton" in page
    assert not EmailAddress.objects.get().verified
    client.post(link_in(letter))
    assert sign_in(client, "new@lab.example") == "/accounts/"
    assert client.get("/accounts/").context["user"].groups.count() == 0


def test_links_in_mails_lead_to_the_site_whatever_the_request_says(
    client: Client, settings: Settings
) -> None:
    settings.SITE_URL = "https://index.example"
    client.post("/accounts/signup/", FORM, headers={"host": "127.0.0.1"})
    client.post("/accounts/password/reset/", {"email": make().email}, headers={"host": "[::1]"})
    for letter in mail.outbox:
        html = str(letter.alternatives[0][0])  # type: ignore[union-attr]
        assert "https://index.example/accounts/" in str(letter.body)
        assert "127.0.0.1" not in str(letter.body) + html and "[::1]" not in str(letter.body) + html


def test_a_closed_site_makes_no_accounts(client: Client, settings: Settings) -> None:
    settings.ACCOUNTS_OPEN = False
    page = client.post("/accounts/signup/", FORM).content.decode()
    assert "Accounts are made by whoever runs this site" in page
    assert not User.objects.exists() and "/signup/" not in client.get(LOGIN).content.decode()


def test_a_sign_up_does_not_tell_whether_an_address_is_known(client: Client) -> None:
    make()
    known = client.post("/accounts/signup/", {**FORM, "email": "ADA@lab.example"})
    unknown = Client().post("/accounts/signup/", FORM)
    assert known["Location"] == unknown["Location"] == "/accounts/confirm-email/"
    assert [letter.subject for letter in mail.outbox] == [
        "You have an account already",
        "Confirm your address",
    ]


@pytest.mark.parametrize("name", ["admin", "ada@lab.example", "deleted:1", "a b"])
def test_it_refuses_names_that_could_be_mistaken(client: Client, name: str) -> None:
    answer = client.post("/accounts/signup/", {**FORM, "username": name})
    assert answer.status_code == 200 and not User.objects.exists()
    assert "Please correct:" in answer.content.decode()


def test_a_forgotten_password_is_replaced_by_mail(client: Client) -> None:
    make()
    elsewhere = Client()
    assert sign_in(elsewhere) == "/accounts/"
    client.post("/accounts/password/reset/", {"email": "ada@lab.example"})
    form = client.get(link_in(newest_mail()))["Location"]
    client.get(form)
    client.post(form, {"password1": "another long word 8", "password2": "another long word 8"})
    assert newest_mail().subject == "Your password was changed"
    assert sign_in(client) == "" and sign_in(client, password="another long word 8")
    # Whoever was signed in with the old one is not any more.
    assert elsewhere.get("/accounts/")["Location"] == f"{LOGIN}?next=/accounts/"


def test_it_says_the_same_about_addresses_that_nobody_has(client: Client) -> None:
    make()
    pages = []
    for address in ("ada@lab.example", "nobody@lab.example"):
        answer = client.post("/accounts/password/reset/", {"email": address}, follow=True)
        pages.append(answer.content.split(b"<main")[1].split(b"</main")[0])
    assert pages[0] == pages[1] and len(mail.outbox) == 2
    assert mail.outbox[1].subject == "There is no account with this address"


def test_an_address_is_changed_once_the_new_one_is_confirmed(client: Client) -> None:
    user = make()
    sign_in(client)
    prove(client)
    client.post("/accounts/email/", {"email": "ada@new.example", "action_add": ""})
    assert "waits to be confirmed" in client.get("/accounts/email/").content.decode()
    client.post(link_in(newest_mail()))
    user.refresh_from_db()
    assert user.email == "ada@new.example"
    assert newest_mail().to == ["ada@lab.example"]
    assert "from ada@lab.example to ada@new.example" in str(newest_mail().body)


def test_a_mail_that_cannot_be_sent_breaks_no_page(client: Client, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    page = client.post("/accounts/signup/", FORM, follow=True).content.decode()
    assert "The mail could not be sent." in page
