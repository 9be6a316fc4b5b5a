"""Weighing a draft without a script: what the page sends, what it shows, and what is stored."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from baskets.models import BasketVersion, WeightEvent
from baskets.selectors.content import content_of
from baskets.services.drafting import save_draft
from tests.baskets.services.conftest import add_eval, add_score
from tests.baskets.services.steps import person
from tests.baskets.services.test_admin import browser
from tests.baskets.services.test_drafting import with_weight


@pytest.fixture
def steward(db: None) -> Client:
    return browser("ada", "steward")


def page_of(version: BasketVersion, name: str = "weigh") -> str:
    return reverse(f"admin:baskets_basketversion_{name}", args=[version.pk])


def filled(answer: Any) -> dict[str, Any]:
    """The fields of a page as a browser sends them back."""
    forms = answer.context["forms"]
    found: dict[str, Any] = {"eval": list(forms.rows)}
    for form in (forms.notes, *forms.rows.values()):
        for field in form:
            value = field.value()
            if value is not None and value is not False:
                found[field.html_name] = value
    found |= {f"gone:{name}": reason for name, reason in forms.gone}
    for domain in answer.context["domains"]:
        found[f"branch:{domain['key']}"] = domain["share"]
    return found


def pressed(client: Client, version: BasketVersion, before: Any, do: str, **more: Any) -> Any:
    return client.post(page_of(version), filled(before) | more | {"do": do})


def stored(version: BasketVersion) -> dict[str, float]:
    return {row.eval: row.weight for row in content_of(version).weights}


def test_it_saves_weights_that_add_up_to_one(steward: Client, draft: BasketVersion) -> None:
    page = steward.get(page_of(draft))
    more = {"safety-1-share": "20", "safety-1-locked": "on", "branch:capability": "40"}
    page = pressed(steward, draft, page, "scale:capability", **more)
    assert filled(page)["capability-1-share"] == "20"
    page = pressed(steward, draft, page, "equalise:alignment", **{"alignment-1-share": "1"})
    assert filled(page)["alignment-1-share"] == filled(page)["alignment-2-share"]
    done = pressed(steward, draft, page, "save", why="Safety counts more.")
    assert done.status_code == 302, done.content.decode()
    weights = stored(draft)
    assert sum(Decimal(repr(weight)) for weight in weights.values()) == 1
    assert (weights["safety-1"], weights["alignment-1"]) == (0.2, weights["alignment-2"])
    draft.refresh_from_db()
    assert draft.edition == 1
    events = WeightEvent._base_manager.filter(version_id=draft.pk, pgh_label="update")
    reasons = {said["reason"] for said in events.values_list("pgh_context", flat=True)}
    assert reasons == {"Safety counts more."}


def test_it_leaves_weights_alone_that_nobody_moved(steward: Client, draft: BasketVersion) -> None:
    page = steward.get(page_of(draft))
    more = {"safety-1-rationale": "Better said.", "rationale": "Notes.",
            "safety-1-ceiling": "95", "safety-1-goalpost_reason": "A limit.",
            "safety-1-selection": "worst"}  # fmt: skip
    assert pressed(steward, draft, page, "save", **more).status_code == 302
    assert set(stored(draft).values()) == {1.0}
    row = draft.weights.get(eval__slug="safety-1")
    assert (row.rationale, row.ceiling, row.selection) == ("Better said.", 95.0, "worst")
    assert BasketVersion.objects.get(pk=draft.pk).rationale == "Notes."


def test_it_shows_what_the_weights_would_do(steward: Client, draft: BasketVersion) -> None:
    text = steward.get(page_of(draft)).content.decode()
    for heading in ("Official status", "Links, with three ways", "Effective weights", "Coverage"):
        assert heading in text
    page = pressed(steward, draft, steward.get(page_of(draft)), "exact")
    assert page.context["preview"].exact
    sent = filled(page) | {"safety-1-share": "50", "moved": "safety-1-share"}
    part = steward.post(page_of(draft, "weigh_preview"), sent)
    assert part.context["preview"].weights["safety-1"] == pytest.approx(0.5)
    assert '"safety-2-share": "10"' in part.context["fields"]
    sent = filled(page) | {"moved": "branch:safety", "branch:safety": "0"}
    assert "errornote" in steward.post(page_of(draft, "weigh_preview"), sent).content.decode()


def test_it_takes_an_eval_out_and_another_in(steward: Client, draft: BasketVersion) -> None:
    add_eval("safety-3", "safety")
    add_score("new", "safety-3", 30.0)
    page = pressed(steward, draft, steward.get(page_of(draft)), "retire:capability-1")
    page = pressed(steward, draft, page, "replace", old="safety-1", new="safety-3")
    assert float(filled(page)["safety-3-share"]) == pytest.approx(20, abs=1e-3)
    assert dict(page.context["forms"].gone) == {"capability-1": "", "safety-1": ""}
    refused = pressed(steward, draft, page, "save")
    assert "This field cannot be blank" in refused.content.decode()
    more = {"safety-3-rationale": "Harder.", "gone:safety-1": "Full.", "gone:capability-1": "Old."}
    assert pressed(steward, draft, page, "save", **more).status_code == 302
    assert sum(Decimal(repr(weight)) for weight in stored(draft).values()) == 1
    assert draft.weights.get(eval__slug="safety-3").owner == "ada"
    page = steward.get(page_of(draft))
    page = pressed(steward, draft, page, "enter:safety-1")
    assert "safety-1" not in dict(page.context["forms"].gone)


def test_it_opens_the_domain_in_which_something_was_moved(
    steward: Client, draft: BasketVersion
) -> None:
    page = steward.get(page_of(draft))
    assert not any(domain["open"] for domain in page.context["domains"])
    for do, where in (("equalise:safety", "safety"), ("scale:alignment/one", "alignment"),
                      ("retire:capability-1", "capability")):  # fmt: skip
        more = {"branch:alignment/one": "40"}
        shown = pressed(steward, draft, page, do, **more).context["domains"]
        assert [domain["key"] for domain in shown if domain["open"]][:1] == [where], do


def test_it_shows_the_second_steward_both_versions(steward: Client, draft: BasketVersion) -> None:
    page = steward.get(page_of(draft))
    hers = with_weight(content_of(draft), "safety-1", 0.9)
    save_draft(draft.pk, by=person("cleo", "steward"), edition=0, content=hers)
    answer = pressed(steward, draft, page, "save", **{"safety-1-rationale": "Mine."})
    assert answer.status_code == 409 and content_of(draft) == hers
    rows = {(row.eval, row.field): (row.stored, row.yours) for row in answer.context["conflict"]}
    assert rows["safety-1", "rationale"] == ("B", "Mine.")
    assert pressed(steward, draft, answer, "save").status_code == 302
    assert draft.weights.get(eval__slug="safety-1").rationale == "Mine."


def test_it_says_what_it_cannot_read_or_do(steward: Client, draft: BasketVersion) -> None:
    page = steward.get(page_of(draft))
    wrong = pressed(steward, draft, page, "save", **{"safety-1-share": "much"})
    assert "Enter a number" in wrong.content.decode() and 'value="much"' in wrong.content.decode()
    locks = {f"{name}-locked": "on" for name in page.context["forms"].rows}
    locks["branch:safety"] = "50"
    for do in ("scale:safety", "retire:safety-1", "equalise:safety"):
        answer = pressed(steward, draft, page, do, **locks)
        assert "lock" in "".join(map(str, answer.context["messages"])).lower(), do
    assert set(stored(draft).values()) == {1.0}


@pytest.mark.parametrize(("name", "role"), [("bob", "approver"), ("cleo", "importer")])
def test_it_opens_for_stewards_only(draft: BasketVersion, name: str, role: str) -> None:
    client = browser(name, role)
    assert client.get(page_of(draft)).status_code == 403
    assert client.post(page_of(draft), {"do": "save"}).status_code == 403
    assert client.post(page_of(draft, "weigh_preview")).status_code == 403
