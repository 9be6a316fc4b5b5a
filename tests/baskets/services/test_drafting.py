"""Editing a version: nobody's edit is lost, and what was approved ends with the next edit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accounts.selectors.audit import changes_of, every_change
from baskets.models import BasketVersion, Publication, Transition, WeightEvent
from baskets.selectors.content import Content, WeightContent, content_of
from baskets.services.drafting import draft_next, editing, open_draft, save_draft
from baskets.services.refusals import EditConflict, Incomplete, NotAllowed, NotNow
from tests.baskets.services.conftest import add_draft, add_eval
from tests.baskets.services.steps import bring, person, publish

State = BasketVersion.State


def with_weight(content: Content, item: str, weight: float) -> Content:
    """The content with another weight for one eval."""
    return replace(
        content,
        weights=tuple(replace(w, weight=weight) if w.eval == item else w for w in content.weights),
    )


def test_it_saves_what_was_edited_and_touches_no_other_row(draft: BasketVersion) -> None:
    add_eval("safety-3", "safety")
    content = with_weight(content_of(draft), "safety-1", 2.5)
    kept = [w for w in content.weights if w.eval != "safety-2"]
    new = WeightContent("safety-3", 1.0, "worst", "Ada", "It is harder.")
    content = replace(content, weights=(*kept, new), departures=(("safety-2", "It is full."),),
                      overlap=("latest", "new"))  # fmt: skip
    untouched = draft.weights.get(eval__slug="alignment-1").pk
    saved = save_draft(draft.pk, by=person("ada"), edition=0, content=content)
    assert content_of(saved) == content
    assert (saved.edition, saved.edited_by) == (1, person("ada"))
    assert draft.weights.get(eval__slug="alignment-1").pk == untouched


def test_it_shows_the_second_of_two_stewards_both_contents(draft: BasketVersion) -> None:
    began = content_of(draft)
    hers = with_weight(began, "safety-1", 2.0)
    his = with_weight(replace(began, min_evals=1), "safety-1", 3.0)
    save_draft(draft.pk, by=person("ada"), edition=0, content=hers)
    with pytest.raises(EditConflict, match="ada has saved this version") as conflict:
        save_draft(draft.pk, by=person("cleo", "steward"), edition=0, content=his)
    found = [(d.eval, d.field, d.stored, d.yours) for d in conflict.value.differences]
    assert found == [("", "min_evals", 2, 1), ("safety-1", "weight", 2.0, 3.0)]
    assert content_of(draft) == hers
    edition = conflict.value.edition
    save_draft(draft.pk, by=person("cleo"), edition=edition, content=his)
    draft.refresh_from_db()
    assert content_of(draft) == his


@pytest.mark.parametrize("state", ["proposed", "approved", "scheduled"])
def test_it_takes_an_approval_back_with_the_next_edit(draft: BasketVersion, state: str) -> None:
    bring(draft, state)
    same = content_of(BasketVersion.objects.get(pk=draft.pk))
    assert save_draft(draft.pk, by=person("ada"), edition=0, content=same).state == state
    changed = with_weight(same, "safety-1", 2.0)
    edited = save_draft(draft.pk, by=person("ada"), edition=0, content=changed)
    edited.refresh_from_db()
    assert (edited.state, edited.approver) == (State.DRAFT, "")
    step = Transition.objects.latest("id")
    assert step.why == "Edited after it was proposed; it has to be proposed again."
    assert not Publication.objects.filter(state="pending").exists()


@pytest.mark.parametrize("state", ["published", "withdrawn"])
def test_it_edits_nothing_that_has_ended(draft: BasketVersion, state: str) -> None:
    bring(draft, state)
    with pytest.raises(NotNow, match=f"This version is {state}"):
        save_draft(draft.pk, by=person("ada"), edition=0, content=content_of(draft))


def test_it_lets_only_stewards_edit(draft: BasketVersion) -> None:
    with pytest.raises(NotAllowed), editing(draft.pk, by=person("bob", "approver"), edition=0):
        pass


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"overlap": ("nobody",)}, "nobody is not known."),
        ({"departures": (("nothing", "x"),)}, "nothing is not known."),
        ({"coverage_floor": 1.5}, "less than or equal to 1.0"),
        ({"link": "guess"}, "not a valid choice"),
    ],
)
def test_it_refuses_what_cannot_be(
    draft: BasketVersion, change: dict[str, object], said: str
) -> None:
    before = content_of(draft)
    with pytest.raises(Incomplete, match=said):
        save_draft(draft.pk, by=person("ada"), edition=0, content=replace(before, **change))  # type: ignore[arg-type]
    assert content_of(BasketVersion.objects.get(pk=draft.pk)) == before


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), float("inf")])
def test_it_refuses_weights_that_are_none(draft: BasketVersion, weight: float) -> None:
    content = with_weight(content_of(draft), "safety-1", weight)
    with pytest.raises(Incomplete, match="safety-1"):
        save_draft(draft.pk, by=person("ada"), edition=0, content=content)


def test_it_drafts_for_a_steward_who_then_cannot_approve(published: BasketVersion) -> None:
    ada = person("ada", "steward")
    ada.first_name, ada.last_name = "Ada", "King"
    draft = draft_next(published, by=ada)
    assert (draft.author, draft.drafted_by, draft.edited_by) == ("Ada King", ada, ada)


def test_it_records_every_changed_weight_with_who_and_why(draft: BasketVersion) -> None:
    content = with_weight(content_of(draft), "safety-1", 2.5)
    save_draft(draft.pk, by=person("ada"), edition=0, content=content, why="It is harder.")
    found = changes_of(WeightEvent._base_manager.filter(version_id=draft.pk, pgh_label="update"))
    (change,) = found
    assert change.fields == (("weight", "1.0", "2.5"),)
    assert (change.row, change.who, change.reason) == ("safety-1", "ada", "It is harder.")
    assert found[0] in list(every_change())


def test_it_opens_the_draft_that_follows_the_newest_version(draft: BasketVersion) -> None:
    ada = person("ada")
    assert open_draft(draft.basket, by=ada) == (draft, False)
    publish(add_draft(draft.basket, 3, draft.effective_on))
    newest, made = open_draft(draft.basket, by=ada)
    assert (newest.number, made) == (4, True)
    assert open_draft(draft.basket, by=ada) == (newest, False)
    stale = newest.basket.versions.get(number=3).published_at
    BasketVersion.objects.filter(pk=newest.pk).update(created_at=stale)
    assert open_draft(draft.basket, by=ada)[1]
    with pytest.raises(NotAllowed):
        open_draft(draft.basket, by=person("bob", "approver"))
