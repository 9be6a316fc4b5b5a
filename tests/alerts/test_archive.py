"""The archive of events: its list, its filters and its permanent addresses."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alerts import archive, services
from alerts.models import Event
from alerts.rules import Cause, Kind, Level, Terms, matches
from baskets.models import Release
from evals.models import System
from tests.alerts.conftest import MakeRelease, add_version


@pytest.fixture
def told(news: Release) -> Release:
    """A release whose events are stored."""
    services.examine_release(news)
    return news


def test_it_lists_events_without_a_cookie_for_everybody_alike(
    client: Client, told: Release
) -> None:
    answer = client.get("/alerts/events/")
    text = answer.content.decode()
    assert "GPT-6.1 Sol moved the capability index up 70.6 points" in text
    assert "A new system" in text and "Events 1 to 10 of 10." in text
    assert "public" in answer["Cache-Control"] and not answer.cookies


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("kind=frontier", 5),
        ("kind=frontier&domain=safety", 1),
        ("cause=new_system", 10),
        ("cause=weights", 0),
        ("system=sol", 10),
        ("system=old&kind=rank", 5),
        ("system=base", 0),
        ("q=sol+maker", 10),
        ("q=nothing", 0),
        ("domain=alignment&q=6.1", 2),
    ],
)
def test_it_filters_by_what_the_address_says(
    client: Client, told: Release, query: str, count: int
) -> None:
    answer = client.get(f"/alerts/events/?{query}")
    assert answer.context["part"].paginator.count == count
    assert ("No event matches" in answer.content.decode()) is (count == 0)


@pytest.mark.parametrize(
    ("query", "status"),
    [("kind=new", 400), ("cause=x", 400), ("domain=x", 400), ("system=none", 404), ("page=9", 404)],
)
def test_it_refuses_what_there_is_not(
    client: Client, told: Release, query: str, status: int
) -> None:
    assert client.get(f"/alerts/events/?{query}").status_code == status


def test_it_keeps_a_page_for_each_event(client: Client, told: Release) -> None:
    event = Event.objects.get(kind="frontier", series="capability")
    text = client.get(f"/alerts/events/{event.pk}/").content.decode()
    assert "The capability index now stands at 217.6." in text
    assert "The frontier before was Old 2 at 147.1." in text
    assert "The cause: a system that was not measured before." in text
    assert "Capability Bench 1" in text and "Also in this release" in text
    assert 'href="/releases/2/"' in text
    assert client.get("/alerts/events/999999/").status_code == 404


def test_it_shows_every_kind_and_marks_history(client: Client, make_release: MakeRelease) -> None:
    make_release({"base": 40, "old": 60}, reconstructed=True)
    new = make_release({"base": 40, "old": 60}, change=add_version, reconstructed=True)
    services.examine_release(new)
    event = Event.objects.get()
    text = client.get(f"/alerts/events/{event.pk}/").content.decode()
    assert "Version 2 of the basket is in use" in text and "nobody was told of it" in text
    assert "reconstructed" in client.get("/alerts/events/").content.decode()


def test_it_asks_as_few_queries_for_many_events_as_for_one(client: Client, told: Release) -> None:
    counts = []
    for query in ("kind=frontier&domain=safety", "kind=frontier"):
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/alerts/events/?{query}")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 6


def test_it_answers_programs_alike(client: Client, told: Release) -> None:
    first = client.get("/api/v1/events?kind=frontier&limit=2").json()
    assert len(first["events"]) == 2 and "cursor=" in first["next"]
    event = Event.objects.get(kind="frontier", series="capability")
    one = client.get(f"/api/v1/events/{event.pk}").json()
    assert (one["kind"], one["cause"], one["system"], one["basket"], one["release"]) == (
        "frontier", "new_system", "sol", "agi", 2)  # fmt: skip
    assert one["url"].endswith(f"/alerts/events/{event.pk}/") and one["move"] == event.move
    assert one["title"] == "GPT-6.1 Sol moved the capability index up 70.6 points"
    assert [row["eval"] for row in one["drivers"]] == ["capability-1", "capability-2"]
    assert client.get("/api/v1/events?kind=none").status_code == 422
    assert client.get("/api/v1/events/999999").status_code == 404


@pytest.mark.parametrize(
    "terms",
    [
        Terms(kinds=frozenset(Kind)),
        Terms(kinds=frozenset(Kind), series=frozenset({"safety"})),
        Terms(kinds=frozenset(Kind), systems=frozenset({"sol"}), developers=frozenset({"x"})),
        Terms(kinds=frozenset(Kind), evals=frozenset({"safety-1"}), minimum=74.0),
        Terms(kinds=frozenset(Kind), causes=frozenset({Cause.WEIGHTS, Cause.NEW_SYSTEM})),
        Terms(kinds=frozenset(Kind), coverage=0.99, significant=True),
        Terms(kinds=frozenset(Kind), probability=0.9),
        Terms(levels=frozenset({Level.RECOVERED})),
        Terms(systems=frozenset({"old"}), significant=True, minimum=500.0),
        Terms(developers=frozenset({"maker"}), causes=frozenset({Cause.NEW_SCORE})),
    ],
)
def test_it_reads_for_a_rule_whatever_the_rule_asks_for(
    told: Release, make_release: MakeRelease, terms: Terms
) -> None:
    services.examine_release(make_release({"base": 40, "old": 60, "sol": 91}, change=add_version))
    Event.objects.create(
        release=told, kind="rank", cause="new_score", series="x", on=told.vintage_on,
        move_low=1.0, probability=0.95, facts={"returned": True},
    )  # fmt: skip
    Event.objects.create(
        release=told, kind="frontier", cause="revision", series="y", on=told.vintage_on, move=0.1,
        previous_system=System.objects.get(slug="old"), recovered=True,
    )  # fmt: skip
    wanted = {event.id for event in archive.heard(Event.objects.all()) if matches(terms, event)}
    read = {event.id for event in archive.newest(archive.asked_for(terms, Event.objects.all()))}
    assert wanted <= read and (terms.levels or wanted == read)
