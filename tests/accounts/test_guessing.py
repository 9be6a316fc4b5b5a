"""What stands against guessing, asked of the real Redis that all processes count in."""

from __future__ import annotations

import re

import pytest
import redis
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client
from pytest_django import Settings

from indexsite import split_cache
from tests.accounts.people import LOGIN, app_code, make, set_up, sign_in

pytestmark = pytest.mark.django_db
TOO_MANY = "Too many failed login attempts"


def attempt(client: Client, name: str, password: str = "wrong", address: str = "") -> str:
    """What the page says to a guess from an address."""
    form = {"login": name, "password": password}
    page = client.post(LOGIN, form, REMOTE_ADDR=address or "198.51.100.1").content.decode()
    told = re.search(r'<p class="notice" role="alert">(.*?)</p>', page, re.DOTALL)
    return told[1].strip() if told else ""


def test_an_account_is_shut_after_five_guesses_by_whichever_name(client: Client) -> None:
    make()
    names = ["ada", "ada@lab.example", "ADA", "Ada@Lab.Example", "ada"]
    said = {attempt(client, name, address=f"198.51.100.{n}") for n, name in enumerate(names)}
    assert not any(TOO_MANY in text for text in said)
    # Also for the right password, from anywhere, and whatever host the request names.
    other = Client(headers={"host": "127.0.0.1"})
    assert TOO_MANY in attempt(other, "ada", "a long word for tests 7", "203.0.113.5")
    assert not sign_in(client) and not mail.outbox


def test_a_name_that_nobody_has_is_answered_alike(client: Client) -> None:
    make()
    for name, first in (("ada", 1), ("nobody", 2)):
        told = [attempt(client, name, address=f"198.51.{first}.{n}") for n in range(6)]
        assert TOO_MANY not in told[4] and TOO_MANY in told[5]
        assert told[0] == "The username and/or password you specified are not correct."


class Counting(MD5PasswordHasher):
    """Counts how often a password was hashed, which is what an answer's time is made of."""

    times = 0

    def encode(self, password: str, salt: str) -> str:
        Counting.times += 1
        return super().encode(password, salt)


@pytest.mark.parametrize(("known", "unknown"), [("ada", "nobody"), ("ada@lab.example", "x@y.zz")])
def test_it_takes_as_long_for_a_name_that_nobody_has(
    client: Client, settings: Settings, known: str, unknown: str
) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    make()
    taken = []
    for name in (known, unknown):
        Counting.times = 0
        attempt(client, name)
        taken.append(Counting.times)
    assert taken == [1, 1]


def test_an_address_is_shut_after_ten_guesses_at_many_accounts(client: Client) -> None:
    told = [attempt(client, f"name-{n}") for n in range(11)]
    assert TOO_MANY not in told[9] and TOO_MANY in told[10]
    assert TOO_MANY not in attempt(client, "name-12", address="198.51.100.2")


def test_a_network_of_ipv6_counts_as_one_address(client: Client) -> None:
    told = [attempt(client, f"name-{n}", address=f"2001:db8::{n + 1}") for n in range(11)]
    assert TOO_MANY in told[10]
    assert TOO_MANY not in attempt(client, "name-12", address="2001:db8:0:1::1")


def test_behind_the_proxy_its_own_word_counts(client: Client, settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for n in range(11):
        # What the client claims before the proxy's entry changes nothing.
        client.defaults["HTTP_X_FORWARDED_FOR"] = f"203.0.113.{n}, 198.51.100.9"
        told = attempt(client, f"name-{n}", address="127.0.0.1")
    assert TOO_MANY in told
    client.defaults["HTTP_X_FORWARDED_FOR"] = "198.51.100.10"
    assert TOO_MANY not in attempt(client, "name-12", address="127.0.0.1")


def test_codes_are_not_guessed_either(client: Client) -> None:
    make()
    sign_in(client)
    secret = set_up(client)
    stranger = Client()
    assert sign_in(stranger) == "/accounts/2fa/authenticate/"
    for number in range(6):
        answer = stranger.post("/accounts/2fa/authenticate/", {"code": f"00000{number}"})
    assert TOO_MANY in answer.content.decode()
    right = stranger.post("/accounts/2fa/authenticate/", {"code": app_code(secret)})
    assert right.status_code == 200 and TOO_MANY in right.content.decode()


def test_a_code_lets_in_once(client: Client, settings: Settings) -> None:
    make()
    sign_in(client)
    secret = set_up(client)
    people = [Client(), Client()]
    for one in people:
        sign_in(one)
    code = {"code": app_code(secret)}
    assert people[0].post("/accounts/2fa/authenticate/", code).status_code == 302
    # It would still be right when allauth's own memory of it has ended.
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.delete(*server.keys("agi-index:1:allauth.mfa.totp.used*"))
    answer = people[1].post("/accounts/2fa/authenticate/", code)
    assert answer.status_code == 200 and "Incorrect code." in answer.content.decode()


def test_processes_count_together_and_go_on_alone_without_redis(settings: Settings) -> None:
    url = settings.REDIS_URL
    one, two = split_cache.SplitCache(url, {}), split_cache.SplitCache(url, {})
    one.set("allauth:rl:x", [1.0], 60)
    assert two.get("allauth:rl:x") == [1.0] and not two.add("allauth:rl:x", [2.0], 60)
    lost = split_cache.SplitCache("redis://127.0.0.1:1/0", {})
    assert lost.add("allauth:rl:y", 1, 60) and not lost.add("allauth:rl:y", 1, 60)
    assert lost.get("allauth:rl:y") == 1 and lost.delete("allauth:rl:y")


def test_pages_stay_in_the_process() -> None:
    nowhere = "redis://127.0.0.1:2/0"
    kept = split_cache.SplitCache(nowhere, {})
    kept.set("page:1", "text")
    assert kept.get("page:1") == "text" and kept.touch("page:1")
    assert nowhere not in split_cache._away_until
    kept.clear()
    assert kept.get("page:1") is None
