"""Rules on readers' own baskets: told of their own index, found by nobody without the address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock, patch

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import User
from alerts import archive, own_past, selectors, services, tasks, tokens
from alerts.channels import discord, slack, webhook
from alerts.letters import Writer
from alerts.models import Delivery, Event, Examination, OwnExamination, Recipient, Subscription
from alerts.own_pairs import OwnBetween
from alerts.rules import Kind, Terms
from alerts.services.rules import set_rule
from alerts.telling import Teller
from alerts.views import feeds
from baskets.models import BasketVersion, OwnBasket, OwnRelease, OwnWork, Release
from baskets.selectors.own_content import read
from baskets.services import own, own_releases
from evals.models import Decision, Score
from tests.alerts.conftest import recipient
from tests.baskets.services.conftest import add_score, basket, published
from tests.baskets.services.steps import person
from tests.baskets.services.test_own import add_fresh, released, saved

__all__ = ["basket", "published"]

pytestmark = pytest.mark.django_db
TERMS = Terms(kinds=frozenset({Kind.FRONTIER, Kind.MOVED}), series=frozenset({"capability"}))
WEIGHTS = {"d.capability": "50", "d.safety": "25", "d.alignment": "25", "w.capability-2": "3"}
RULE = {"kind": ["frontier"], "series": ["capability"], "min": "1"}
HEADING = "Own basket “Mine”: Fresh moved the capability index up"


@pytest.fixture(autouse=True)
def hints() -> Iterator[Mock]:
    """What workers were told; no broker is asked in these tests."""
    own_past._slot.cache_clear()
    with patch.object(tasks.deliver, "apply_async"), patch.object(
        tasks.examine_own, "apply_async"
    ) as apply_async:  # fmt: skip
        yield apply_async


@pytest.fixture
def mine(published: BasketVersion) -> OwnBasket:
    """Ada's basket, saved on the first release, with its own release of that."""
    found = saved(released(published), WEIGHTS)
    assert own_releases.run_due() == 1
    return found


def asked(mine: OwnBasket, email: str = "reader@example.org", **fields: object) -> Subscription:
    """A standing rule about an own basket."""
    made = services.add_rule(recipient(email), terms=TERMS, basket=mine.basket, own=mine)
    Subscription.objects.filter(pk=made.pk).update(**fields)
    return made


def next_release(mine: OwnBasket) -> OwnRelease:
    """The parent's next release, and what the own basket makes of it."""
    made = released(BasketVersion.objects.get())
    own_releases.run_due()
    return OwnRelease.objects.select_related("own", "release__basket").get(own=mine, release=made)


@pytest.fixture
def told(mine: OwnBasket) -> Delivery:
    """The alert about a system that has come to lead under the own weights."""
    asked(mine)
    add_fresh()
    services.examine_own_release(next_release(mine))
    return Delivery.objects.get()


def value(stored: OwnRelease, system: str) -> float:
    """What the release says of a system's capability."""
    (found,) = (row["value"] for row in read(stored)["systems"]
                if (row["system"], row["series"]) == (system, "capability"))  # fmt: skip
    return float(found)


def test_it_examines_what_a_rule_waited_for_once_and_tells_that_rule_alone(
    mine: OwnBasket,
) -> None:
    wanted, late = asked(mine), asked(mine, "late@example.org")
    asked(saved(mine.basket.releases.get(), {}, owner="bob"), "other@example.org")
    set_rule(services.add_rule(recipient("official@example.org"), terms=TERMS, basket=mine.basket),
             terms=TERMS, basket=mine.basket)  # fmt: skip
    add_fresh()
    stored = next_release(mine)
    Subscription.objects.filter(pk=late.pk).update(
        confirmed_at=stored.created_at.replace(year=2999)
    )
    assert stored in selectors.unexamined_own_releases()
    tasks.examine_own(stored.pk)
    tasks.examine_own(stored.pk)
    assert OwnExamination.objects.get().outcome == "moved" and not Examination.objects.exists()
    assert stored not in selectors.unexamined_own_releases()
    delivery = Delivery.objects.get()
    event = Event.every.get(pk=delivery.event_ids[0])
    assert delivery.subscription == wanted and (event.cause, event.own) == ("new_system", mine)
    assert event.move == pytest.approx(value(stored, "fresh") - value(stored, "latest"), abs=1e-5)


def test_it_is_hinted_at_on_its_making_and_by_the_sweep(
    mine: OwnBasket, hints: Mock, django_capture_on_commit_callbacks: Any
) -> None:
    asked(mine)
    with django_capture_on_commit_callbacks() as callbacks:
        stored = next_release(mine)
    sent = [one.args[:2] for one in callbacks if getattr(one, "args", ()) and len(one.args) > 1]
    assert (tasks.examine_own, (stored.pk,)) in sent
    with patch.object(tasks.examine, "apply_async"):
        tasks.sweep()
    assert hints.call_args.args == ((stored.pk,),)


def test_it_looks_at_nothing_that_nobody_asked_about(mine: OwnBasket) -> None:
    add_fresh()
    stored = next_release(mine)
    assert not selectors.unexamined_own_releases().exists()
    # Whoever asks later is told of what comes later.
    asked(mine)
    assert not selectors.unexamined_own_releases().exists()
    tasks.examine_own(stored.pk)
    assert not Event.every.exists() and not Delivery.objects.exists()


def test_it_tells_nothing_anew_by_a_release_that_was_made_too_late(mine: OwnBasket) -> None:
    asked(mine)
    add_fresh()
    missed = released(BasketVersion.objects.get())
    OwnWork.objects.filter(release=missed).update(state=OwnWork.State.FAILED)
    services.examine_own_release(next_release(mine))
    assert Event.every.filter(kind="frontier", reconstructed=False).exists()
    assert Delivery.objects.count() == 1
    own_releases.ask_again(OwnWork.objects.filter(release=missed))
    own_releases.run_due()
    late = OwnRelease.objects.select_related("own", "release__basket").get(release=missed)
    done = services.examine_own_release(late)
    assert done is not None and done.outcome == "moved" and Delivery.objects.count() == 1
    found = Event.every.filter(release=missed).values_list("reconstructed", flat=True)
    assert set(found) == {True}


def test_it_lists_its_events_nowhere_but_beside_the_basket(told: Delivery, client: Client) -> None:
    (pk,) = told.event_ids
    assert not Event.objects.exists() and Event.every.filter(pk=pk).exists()
    for path in ("/alerts/", "/alerts/events/", "/api/v1/events", "/alerts/feed.json?min=0.1"):
        assert b"Fresh" not in client.get(path).content
    for path in (f"/alerts/events/{pk}/", f"/api/v1/events/{pk}"):
        assert client.get(path).status_code == 404
    home = f"/alerts/own/{OwnBasket.objects.get().public_id}/"
    event = client.get(f"{home}events/{pk}/")
    assert HEADING in event.content.decode() and event["X-Robots-Tag"] == "noindex"
    listed = client.get(home)
    assert HEADING in listed.content.decode() and listed["X-Robots-Tag"] == "noindex"
    others = [f"/alerts/own/{name}/" for name in ("abcdefgh23456789", "x", "%00")]
    for wrong in (f"{home}events/{pk + 1000}/", *others, f"{others[-1]}feed.json"):
        assert client.get(wrong).status_code == 404


def test_it_says_in_the_message_whose_index_moved(told: Delivery) -> None:
    said = Teller().told(told, now=told.created_at)
    assert said is not None and said.subject.startswith(HEADING)
    (part,) = said.parts
    assert part.release_url.endswith(f"/own/{OwnBasket.objects.get().public_id}/?release=2")
    assert part.rule.startswith("About own basket “Mine” of a reader. Tell of a new frontier;")


def test_it_tries_a_rule_and_feeds_it_from_releases_that_nobody_examined(
    mine: OwnBasket, client: Client
) -> None:
    add_fresh()
    next_release(mine)
    home = f"/alerts/own/{mine.public_id}/"
    text = client.post(home, {**RULE, "preview": "1"}).content.decode()
    assert "would have sent 1 message" in text and HEADING in text
    assert f"{home}feed.atom?series=capability" in text and not Event.every.exists()
    (item,) = client.get(f"{home}feed.json?series=capability").json()["items"]
    assert item["title"].startswith(HEADING) and "/?release=2" in item["url"]
    assert client.get(f"{home}feed.json?min=500").json()["items"] == []
    # Evals that fill up are events of the official index.
    assert client.get(f"{home}feed.json?kind=lifecycle").status_code == 400
    with patch.object(feeds, "MOST_READ", 0):
        assert HEADING in client.get(f"{home}feed.atom").content.decode()
        own_past._slot.cache_clear()
        assert client.get(f"{home}feed.atom").status_code == 429


def test_it_is_asked_for_by_mail_that_carries_no_name_of_a_stranger(
    mine: OwnBasket, client: Client
) -> None:
    home, given = f"/alerts/own/{mine.public_id}/", {**RULE, "email": "a@example.org"}
    assert client.post(home, {**given, "kind": "baseline"}).status_code == 400
    answer = client.post(home, given, follow=True)
    assert b"on its way" in answer.content
    assert Subscription.objects.get().rule.own == mine
    question = Delivery.objects.get(kind="confirm")
    said = Teller().told(question, now=question.created_at)
    assert said is not None and said.rule.startswith("About an own basket of a reader. Tell of")


def test_it_lists_own_baskets_to_their_account_alone(mine: OwnBasket, client: Client) -> None:
    known = asked(mine)
    Recipient.objects.update(user=mine.owner)
    page = f"/alerts/manage/{tokens.manage_token(known.recipient_id)}/"
    there = f'href="/alerts/own/{mine.public_id}/"'
    assert there not in client.get(page).content.decode()
    assert mine.owner is not None
    client.force_login(mine.owner)
    assert there not in client.get(page).content.decode()
    EmailAddress.objects.create(user=mine.owner, email="reader@example.org", verified=True)
    assert there in client.get("/alerts/mine/").content.decode()


def test_it_turns_no_rule_about_a_hidden_basket_into_another(
    mine: OwnBasket, client: Client
) -> None:
    known = asked(mine)
    page = f"/alerts/manage/{tokens.manage_token(known.recipient_id)}/"
    own.hide(mine, by=person("steward", "steward"), reason="A name that misleads")
    given = {"do": "change", "id": known.pk, "way": "email", "kind": "rank", "min": "1"}
    assert client.get(f"{page}?rule={known.pk}").status_code == 404
    assert client.post(page, given).status_code == 404
    # Whoever had opened the form before changes the events, and not what the rule is about.
    services.change_rule(known, terms=Terms(minimum=9.0))
    kept = Subscription.objects.get(pk=known.pk).rule
    assert (kept.own_id, kept.terms) == (mine.public_id, {"minimum": 9.0})


@pytest.mark.parametrize("gone", ["deleted", "hidden"])
def test_it_ends_the_rules_of_a_basket_that_is_gone_and_says_so_once(
    mine: OwnBasket, told: Delivery, gone: str, client: Client
) -> None:
    asked(mine, "unconfirmed@example.org", confirmed_at=None)
    stored = next_release(mine)
    if gone == "deleted":
        own.delete_own(mine, by=person("ada"))
        assert not Event.every.exists() and not OwnExamination.objects.exists()
    else:
        own.hide(mine, by=person("steward", "steward"), reason="A name that misleads")
    assert services.examine_own_release(stored) is None
    assert Teller().told(told, now=told.created_at) is None and not archive.by_id(told.event_ids)
    assert (services.end_orphans(), services.end_orphans()) == (2, 0)
    assert not Subscription.objects.standing().exists()
    message = Delivery.objects.get(kind="ended")
    said = Teller().told(message, now=message.created_at)
    assert said is not None and "has ended" in said.subject and "Mine" not in said.rule
    sent = [str(channel.payload(said)) for channel in (slack, discord, webhook)]
    assert all("your other rules go on" in text for text in [*sent, Writer().letter(said).text])
    assert client.get(f"/alerts/own/{mine.public_id}/").status_code == 404


def test_it_calls_other_weights_and_withdrawn_scores_by_their_names(mine: OwnBasket) -> None:
    asked(mine)
    add_score("old", "capability-1", 90.0)
    services.examine_own_release(next_release(mine))
    assert Event.every.get(kind="frontier", series="capability").cause == "new_score"
    wrong = Score.objects.get(value=90.0)
    Decision.objects.create(score=wrong, status=Decision.Status.WITHDRAWN, reason="wrong")
    services.examine_own_release(next_release(mine))
    fell = Event.every.get(release__number=3, kind="moved", series="capability")
    assert fell.cause == "revision" and fell.system and fell.system.slug == "old"
    own.weigh_anew(mine, by=User.objects.get(username="ada"), release=Release.objects.latest("pk"),
                   adjustments={"w.capability-1": "0"})  # fmt: skip
    last = next_release(mine)
    done = services.examine_own_release(last)
    assert done is not None and done.outcome in ("remeasured", "quiet")
    assert set(Event.every.filter(release__number=4).values_list("cause", flat=True)) <= {"weights"}


def test_it_silences_no_lead_for_a_noise_that_is_taken_as_independent(mine: OwnBasket) -> None:
    add_score("old", "capability-1", 90.0)
    next_release(mine)
    third = next_release(mine)
    between = OwnBetween(third.release, None, row=third)
    # Old passed the latest, which leads by its own scores again.
    assert not between.led("latest", "old", "capability")
