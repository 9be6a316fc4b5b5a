"""Questions to weights: asked by anybody, answered or hidden by stewards."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.selectors.audit import changes_of
from baskets.models import BasketVersion, Challenge, ChallengeEvent, ChallengeRequest
from baskets.selectors.challenges import answered
from baskets.selectors.known import Known
from baskets.services import challenges
from baskets.services.refusals import NotAllowed, NotNow
from evals.models import Eval
from tests.baskets.services.steps import person
from tests.baskets.services.test_admin import browser

FORM = "/baskets/small/challenges/safety-1/"
SHOWN = "/baskets/small/challenges/"
BASKET = "/baskets/small/"
QUESTION = "Why does this weigh <b>more</b> than the other one?"


def asked(version: BasketVersion, client: str = "192.0.2.1", **more: dt.datetime) -> Challenge:
    item = Eval.objects.get(slug="safety-1")
    return challenges.ask(version, item, question=QUESTION, name="Zoe", client=client, **more)


def test_it_takes_a_question_from_anybody(client: Client, published: BasketVersion) -> None:
    assert FORM in client.get(BASKET).content.decode()
    assert client.get(FORM).status_code == 200
    assert client.post(FORM, {"question": "Why?"}).status_code == 400
    assert client.post(FORM, {"question": "w" * 2001}).status_code == 400
    assert client.post(FORM, {"question": QUESTION, "name": "n" * 81}).status_code == 400
    answer = client.post(FORM, {"question": QUESTION}, follow=True)
    assert "Your question is with the stewards" in answer.content.decode()
    found = Challenge.objects.get()
    assert (found.question, found.name, found.version, found.public) == (
        QUESTION, "", published, False)  # fmt: skip
    assert client.get("/baskets/small/challenges/gone/").status_code == 404


def test_it_takes_a_few_an_hour_from_one_network(client: Client, published: BasketVersion) -> None:
    hosts = [*(f"2001:db8::{host}" for host in range(5)), "2001:db8::ffff", "2001:db8:0:1::1"]
    asked_by = [client.post(FORM, {"question": QUESTION}, REMOTE_ADDR=host) for host in hosts]
    assert [answer.status_code for answer in asked_by] == [*[302] * 5, 429, 302]
    assert "2001" not in "".join(ChallengeRequest.objects.values_list("client", flat=True))
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1, minutes=1)
    asked(published, now=later)
    assert (ChallengeRequest.objects.count(), Challenge.objects.count()) == (1, 7)


def test_it_shows_a_question_with_its_answer(client: Client, published: BasketVersion) -> None:
    found = asked(published)
    assert "Zoe" not in client.get(SHOWN).content.decode()
    steward = browser("ada", "steward")
    page = reverse("admin:baskets_challenge_change", args=[found.pk])
    sent = {"answer": "It is harder.", "question": "Another", "hidden_reason": "",
            "began_from": "0"}  # fmt: skip
    assert steward.post(page, sent).status_code == 302
    for address in (SHOWN, BASKET):
        text = client.get(address).content.decode()
        assert "It is harder." in text and "Zoe asked" in text, address
        assert "weigh &lt;b&gt;more" in text and "Another" not in text
    sent |= {"hidden_reason": "It names a person.", "began_from": "1"}
    assert steward.post(page, sent).status_code == 302
    for address in (SHOWN, BASKET):
        assert "Zoe" not in client.get(address).content.decode()
    assert "hidden" in steward.get(reverse("admin:baskets_challenge_changelist")).content.decode()


def test_a_release_shows_what_was_answered_when_it_was_made(published: BasketVersion) -> None:
    ada = person("ada", "steward")
    challenges.settle(asked(published).pk, answer="It is harder.", by=ada, edition=0)
    at = Challenge.objects.get().answered_at
    assert at is not None
    moment = dt.timedelta(seconds=1)
    shown = [
        bool(answered(published.basket, Known(at.date(), made_at=made)))
        for made in (at - moment, at + moment, None)
    ]
    assert shown == [False, True, True]
    assert not answered(published.basket, Known(at.date() - dt.timedelta(days=1)))


def test_the_second_of_two_stewards_sees_the_other_answer(published: BasketVersion) -> None:
    found = asked(published)
    page = reverse("admin:baskets_challenge_change", args=[found.pk])
    ada, cleo = browser("ada", "steward"), browser("cleo", "steward")
    his = {"answer": "It is new.", "hidden_reason": "", "began_from": "0", "audit_reason": "Asked."}
    assert ada.post(page, {**his, "answer": "It is harder."}).status_code == 302
    text = cleo.post(page, his).content.decode()
    assert "Another steward has saved this question" in text and "It is harder." in text
    assert 'name="began_from" value="1"' in text and "It is new." in text
    assert Challenge.objects.get().answer == "It is harder."
    with pytest.raises(NotNow, match="Another steward has saved"):
        challenges.settle(found.pk, answer="No.", by=person("cleo"), edition=0)
    assert cleo.post(page, {**his, "began_from": "1"}).status_code == 302
    changes = changes_of(ChallengeEvent._base_manager.filter(pgh_obj_id=found.pk))
    assert ("answer", "It is harder.", "It is new.") in changes[0].fields
    assert "Zoe" not in str(changes)
    history = cleo.get(reverse("admin:baskets_challenge_history", args=[found.pk]))
    assert "answer: It is harder. → It is new." in history.content.decode()


@pytest.mark.parametrize("role", ["approver", "importer"])
def test_it_lets_nobody_else_answer(published: BasketVersion, role: str) -> None:
    found = asked(published)
    stranger = browser("bob", role)
    page = reverse("admin:baskets_challenge_change", args=[found.pk])
    assert stranger.post(page, {"answer": "No.", "hidden_reason": ""}).status_code == 403
    with pytest.raises(NotAllowed):
        challenges.settle(found.pk, answer="No.", by=person("bob"), edition=0)
    assert not Challenge.objects.get().answer
