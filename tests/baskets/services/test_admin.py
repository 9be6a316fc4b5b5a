"""A version's way through the admin: by role, and with two people at it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from baskets.models import BasketVersion, Transition, WeightEvent
from baskets.selectors.content import content_of
from baskets.services import workflow
from baskets.services.drafting import draft_next, save_draft
from evals.models import System
from tests.baskets.services.steps import WHY, bring, person
from tests.baskets.services.test_drafting import with_weight


def browser(name: str, role: str) -> Client:
    """A browser in which somebody of a role is signed in."""
    user = person(name, role)
    user.is_staff = True
    user.save()
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def steward(db: None) -> Client:
    return browser("ada", "steward")


def page_of(version: BasketVersion, step: str = "change") -> str:
    return reverse(f"admin:baskets_basketversion_{step}", args=[version.pk])


def posted(client: Client, address: str, **values: object) -> Any:
    """The page's form as it is filled in, with some values of the person's own."""
    form = client.get(address).context
    found: dict[str, object] = {}
    for part in [form.get("form"), *_admin_forms(form)]:
        if part is not None:
            found |= {part.add_prefix(n): part[n].value() for n in part.fields}
    found = {k: "" if v is None else v for k, v in found.items() if v is not False}
    return client.post(address, found | values)


def _admin_forms(context: Any) -> list[Any]:
    if "adminform" not in context:
        return []
    formsets = [inline.formset for inline in context["inline_admin_formsets"]]
    every = [context["adminform"].form]
    for formset in formsets:
        every += [formset.management_form, *formset.forms]
    return every


def test_it_takes_a_draft_from_proposal_to_schedule(steward: Client, draft: BasketVersion) -> None:
    approver = browser("bob", "approver")
    assert (
        "Say in at least 20"
        in posted(steward, page_of(draft, "propose"), reason="Short.").content.decode()
    )
    assert posted(steward, page_of(draft, "propose"), reason=WHY).status_code == 302
    assert page_of(draft, "approve") not in steward.get(page_of(draft)).content.decode()
    assert page_of(draft, "approve") in approver.get(page_of(draft)).content.decode()
    assert posted(approver, page_of(draft, "approve"), schedule="on").status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.author, draft.approver) == ("scheduled", "ada", "bob")
    assert posted(approver, page_of(draft, "send_back"), reason="Wait.").status_code == 302
    states = list(Transition.objects.values_list("to_state", flat=True))
    assert states == ["proposed", "approved", "scheduled", "draft"]


def test_it_shows_an_approver_all_that_is_decided(draft: BasketVersion) -> None:
    System.objects.filter(slug="latest").update(released_on=draft.effective_on)
    BasketVersion.objects.filter(pk=draft.pk).update(
        min_evals=3, coverage_floor=0.4, lost_status_reason="Three are asked now."
    )
    posts = {"floor": 5.0, "ceiling": 90.0, "goalpost_reason": "Chance is 5."}
    draft.weights.filter(eval__slug="safety-1").update(**posts)
    bring(draft, "proposed")
    page = browser("bob", "approver").get(page_of(draft, "approve"))
    facts = {fact.label: (fact.before, fact.now) for fact in page.context["facts"]}
    assert facts["Evals that must be observed in a domain"] == ("2", "3")
    assert facts["Weight that must be observed for an official headline"] == ("30%", "40%")
    (judged,) = page.context["moved"]
    assert judged.eval.slug == "safety-1" and len(page.context["kept"]) == 5
    assert (judged.posts.before, judged.posts.now) == ("0 to 100", "5 to 90")
    assert (judged.rule.now, judged.rule.moved) == ("best", False)
    text = page.content.decode()
    for said in ("Headline: these systems would lose it.", "Latest", "Three are asked now.",
                 "before: 0 to 100", "The 4 systems in the overlap", "Odds"):  # fmt: skip
        assert said in text, said


def test_it_shows_the_second_editor_both_versions(steward: Client, draft: BasketVersion) -> None:
    other = browser("cleo", "steward")
    opened = other.get(page_of(draft))
    forms = {p.add_prefix(n): p[n].value() for p in _admin_forms(opened.context) for n in p.fields}
    filled = {k: "" if v is None else v for k, v in forms.items() if v is not False}
    hers = with_weight(content_of(draft), "safety-1", 0.9)
    save_draft(draft.pk, by=person("ada"), edition=0, content=hers)
    (mine,) = [
        k for k, v in filled.items() if k.endswith("-id") and v == weight_id(draft, "safety-1")
    ]
    filled[mine.replace("-id", "-weight")] = "0.7"
    answer = other.post(page_of(draft), filled)
    assert answer.status_code == 409
    rows = [(r.subject, r.label, r.stored, r.yours) for r in answer.context["conflict"]]
    assert rows == [("safety-1", "Weight", "0.9", "0.7")]
    assert content_of(draft) == hers
    filled["began_from"] = "1"
    assert other.post(page_of(draft), filled).status_code == 302
    assert draft.weights.get(eval__slug="safety-1").weight == 0.7


def weight_id(draft: BasketVersion, item: str) -> int:
    return draft.weights.get(eval__slug=item).pk


@pytest.mark.parametrize("role", ["viewer", "importer"])
def test_it_shows_drafts_to_nobody_else(draft: BasketVersion, role: str) -> None:
    stranger = browser("cleo", role)
    for step in ("change", "propose", "approve", "schedule", "send_back", "withdraw"):
        assert stranger.get(page_of(draft, step)).status_code == 403, step
        assert stranger.post(page_of(draft, step), {"reason": WHY}).status_code == 403


def test_it_lets_an_approver_edit_nothing(draft: BasketVersion) -> None:
    approver = browser("bob", "approver")
    page = approver.get(page_of(draft))
    assert page.status_code == 200
    assert b'name="weights-0-weight"' not in page.content
    assert approver.post(page_of(draft), {"began_from": "0"}).status_code == 403


def test_its_pages_name_their_icon_so_that_no_browser_asks_for_another(steward: Client) -> None:
    for address in (reverse("admin:index"), reverse("admin:baskets_basketversion_changelist")):
        assert '<link rel="icon" href="/static/icon' in steward.get(address).content.decode()


def test_it_deletes_a_draft_only_before_anybody_proposed_it(
    steward: Client, draft: BasketVersion
) -> None:
    bring(draft, "proposed")
    workflow.send_back(draft.pk, by=person("bob", "approver"), reason="Not yet.")
    assert steward.post(page_of(draft, "delete"), {"post": "yes"}).status_code == 403
    other = draft_next(draft, by=person("ada"))
    assert steward.post(page_of(other, "delete"), {"post": "yes"}).status_code == 302
    assert not BasketVersion.objects.filter(pk=other.pk).exists()
    gone = WeightEvent._base_manager.filter(version_id=other.pk, pgh_label="delete")
    assert gone.count() == draft.weights.count()


def test_it_shows_the_history_of_a_version_and_its_weights(
    steward: Client, draft: BasketVersion
) -> None:
    content = with_weight(content_of(draft), "safety-1", 2.5)
    save_draft(draft.pk, by=person("ada"), edition=0, content=content, why="=It is harder.")
    history = steward.get(page_of(draft, "history")).content.decode()
    assert "weight: 1.0 → 2.5" in history and "=It is harder." in history
    of = {"of": "baskets.basketversion", "pk": draft.pk}
    lines = b"".join(steward.get("/audit.csv", of)).decode().splitlines()  # type: ignore[arg-type]
    (line,) = [line for line in lines if ",weight,1.0,2.5," in line]
    assert line.endswith(",'=It is harder.")
    rows = json.loads(b"".join(steward.get("/audit.json", of)))  # type: ignore[arg-type]
    every = [field for row in rows for field in row["fields"]]
    assert {"field": "weight", "before": "1.0", "after": "2.5"} in every
    assert steward.get("/audit.csv", {"of": "evals.rejection", "pk": "1"}).status_code == 404
    for key in ("²", "٣", "9" * 40, ""):
        named = {"of": "baskets.basketversion", "pk": key}
        assert steward.get("/audit.csv", named).status_code == 404
