"""What readers see of a version on its way, and of how it came to be."""

from __future__ import annotations

from dataclasses import replace

from django.test import Client
from pytest_django import Settings

from baskets.models import BasketVersion
from baskets.selectors.content import content_of
from baskets.services import workflow
from baskets.services.drafting import save_draft
from tests.baskets.services.steps import WHY, approve, bring, person, propose

BASKET = "/baskets/small/"
HISTORY = "/baskets/small/history/"


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    assert not answer.cookies
    return " ".join(answer.content.decode().split())


def test_it_shows_a_proposal_with_its_reason_until_it_is_published(
    draft: BasketVersion, client: Client
) -> None:
    assert WHY not in read(client, BASKET) + read(client, HISTORY)
    draft.weights.filter(eval__slug="safety-1").update(weight=3.0, rationale="It is harder.")
    propose(draft)
    page = read(client, BASKET)
    assert "Version 2 is proposed" in page
    assert "Proposed by ada" in page and WHY in page and "It is harder." in page
    approve(draft)
    workflow.schedule(draft.pk, by=person("ada"))
    page = read(client, BASKET)
    assert "Version 2 is scheduled" in page and "Approved by bob" in page


def test_it_tells_the_history_of_every_version(draft: BasketVersion, client: Client) -> None:
    bring(draft, "published")
    page = read(client, HISTORY)
    first, second = page.index("Version 2, published"), page.index("Version 1, published")
    assert first < second
    assert "Author: ada. Approved by: bob." in page
    assert page.count("the site itself") == 1
    assert "Its steps are not on record" in page[second:]


def test_it_shows_no_edit_that_was_not_proposed(draft: BasketVersion, client: Client) -> None:
    propose(draft)
    content = content_of(BasketVersion.objects.get(pk=draft.pk))
    save_draft(draft.pk, by=person("ada"), edition=0,
               content=replace(content, rationale="A secret idea of mine."))  # fmt: skip
    page = read(client, HISTORY)
    assert WHY in page and "A secret idea" not in page
    assert "has been edited since it was proposed" in page
    assert "Version 2" not in read(client, BASKET)


def test_it_keeps_proposals_to_itself_where_they_are_not_public(
    draft: BasketVersion, client: Client, settings: Settings
) -> None:
    settings.PROPOSALS_PUBLIC = False
    bring(draft, "approved")
    assert WHY not in read(client, BASKET) + read(client, HISTORY)


def test_it_says_on_every_page_that_a_steward_is_alone(
    draft: BasketVersion, client: Client, settings: Settings
) -> None:
    said = "This site has a single steward"
    assert said not in read(client, "/methodology/")
    settings.SINGLE_STEWARD = True
    propose(draft, person("dee", "admin"))
    approve(draft, person("dee"))
    for address in ("/", "/methodology/", "/evals/", BASKET):
        assert said in read(client, f"{address}?again=1"), address
    assert "(who also wrote or proposed it)" in read(client, HISTORY)


def test_it_shows_a_past_date_without_later_steps(draft: BasketVersion, client: Client) -> None:
    bring(draft, "proposed")
    address = f"{HISTORY}?as_of=2024-01-01"
    assert WHY not in client.get(address).content.decode()
