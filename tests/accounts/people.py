"""People who sign in, codes of their apps, and what comes into their mail."""

from __future__ import annotations

import base64
import hmac
import re
import time
from typing import Any

from allauth.account.models import EmailAddress
from allauth.core import context
from django.contrib.auth.models import Group
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client, TestCase

from accounts.models import User

PASSWORD = "a long word for tests 7"
LOGIN = "/accounts/login/"


def make(name: str = "ada", *, roles: tuple[str, ...] = (), staff: bool = False) -> User:
    """An account with a confirmed address."""
    user = User.objects.create_user(name, f"{name}@lab.example", PASSWORD, is_staff=staff)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def sign_in(client: Client, name: str = "ada", password: str = PASSWORD, **more: str) -> str:
    """Fill in the form; where it leads to, empty where it stays."""
    answer = client.post(LOGIN, {"login": name, "password": password, **more})
    return answer.headers.get("Location", "")


def prove(client: Client, password: str = PASSWORD) -> None:
    """Show once more who is there, as pages that change the protection of an account ask for."""
    answer = client.post("/accounts/reauthenticate/", {"password": password})
    assert answer.status_code == 302, answer.content


def app_code(secret: str) -> str:
    """What an authenticator app shows now."""
    # RFC 6238 in its usual form: HMAC-SHA-1 of the half minute, cut to six digits.
    counter = (int(time.time()) // 30).to_bytes(8, "big")
    mac = hmac.new(base64.b32decode(secret), counter, "sha1").digest()
    start = mac[-1] & 15
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def set_up(client: Client) -> str:
    """Switch the second step on for whoever is signed in; the secret."""
    prove(client)
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    found = re.search(r'<code id="secret">(\w+)</code>', page)
    assert found, page
    answer = committed(client, "/accounts/2fa/totp/activate/", {"code": app_code(found[1])})
    assert answer.headers["Location"].endswith("/recovery-codes/"), answer.content
    return found[1]


def committed(client: Client, path: str, form: dict[str, str]) -> Any:
    """The answer to a form, with what waits for the end of a transaction no test reaches."""
    with TestCase.captureOnCommitCallbacks() as waiting:
        answer = client.post(path, form)
    with context.request_context(answer.wsgi_request):
        for follow in waiting:
            follow()
    return answer


def newest_mail() -> EmailMessage:
    """The mail that came last."""
    return mail.outbox[-1]


def link_in(message: EmailMessage) -> str:
    """The path of the first link to this site in a mail."""
    found = re.search(r"https?://[^/\s]+(/\S+)", str(message.body))
    assert found, message.body
    return found[1]
