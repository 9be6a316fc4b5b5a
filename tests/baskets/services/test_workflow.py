"""Every step of a version by every role, and what each step asks for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django import Settings

from accounts.models import User
from baskets.models import Basket, BasketVersion, Departure, Publication, Recompute, Transition
from baskets.selectors.content import content_of, content_sha256
from baskets.services import workflow
from baskets.services.drafting import draft_next, save_draft
from baskets.services.refusals import Incomplete, NotAllowed, NotNow, PublishRefused, Refused
from evals.models import Domain, Eval, System
from tests import databases
from tests.baskets.services.conftest import add_draft
from tests.baskets.services.steps import WHY, approve, bring, person, propose
from tests.baskets.services.test_drafting import with_weight

State = BasketVersion.State


STEPS: dict[str, tuple[Callable[[BasketVersion, User], object], str, set[str]]] = {
    "draft": (lambda v, who: draft_next(v, by=who), "", {"steward", "admin"}),
    "propose": (propose, "draft", {"steward", "admin"}),
    "approve": (approve, "proposed", {"approver", "admin"}),
    "send back": (
        lambda v, who: workflow.send_back(v.pk, by=who, reason="Not yet."),
        "proposed",
        {"approver", "admin"},
    ),
    "withdraw": (
        lambda v, who: workflow.withdraw(v.pk, by=who, reason="No longer."),
        "proposed",
        {"steward", "admin"},
    ),
    "schedule": (
        lambda v, who: workflow.schedule(v.pk, by=who),
        "approved",
        {"steward", "approver", "admin"},
    ),
}
COUNTED = Eval.objects.filter(slug="safety-1")
ROLES = ("", "viewer", "importer", "steward", "approver", "admin")


def tried(take: Callable[[BasketVersion, User], object], draft: BasketVersion, who: User) -> bool:
    """Whether the step is taken; a step is undone, and a refused one must have changed nothing."""
    before = Transition.objects.count(), BasketVersion.objects.count()
    try:
        with databases.rolled_back():
            take(draft, who)
            return True
    except (NotAllowed, NotNow):
        assert (Transition.objects.count(), BasketVersion.objects.count()) == before
        return False


@pytest.mark.parametrize("step", STEPS)
def test_it_takes_each_step_for_the_roles_that_may(draft: BasketVersion, step: str) -> None:
    take, state, roles = STEPS[step]
    bring(draft, state)
    assert {role for role in ROLES if tried(take, draft, person(f"a {role}", role))} == roles


@pytest.mark.parametrize("state", State.values)
def test_it_takes_each_step_only_in_its_state(draft: BasketVersion, state: str) -> None:
    bring(draft, state)
    from_states: dict[str, set[str]] = {name: {STEPS[name][1]} for name in STEPS if name != "draft"}
    from_states["send back"] = set(workflow.IN_REVIEW)
    from_states["withdraw"] = {"draft", *workflow.IN_REVIEW}
    root = person("root", "admin")
    taken = {name for name in from_states if tried(STEPS[name][0], draft, root)}
    assert taken == {name for name, states in from_states.items() if state in states}


@pytest.mark.parametrize("hand", ["drafted_by", "edited_by", "proposer"])
def test_it_lets_nobody_approve_what_they_had_a_hand_in(draft: BasketVersion, hand: str) -> None:
    both = person("dee", "admin")
    if hand != "proposer":
        BasketVersion.objects.filter(pk=draft.pk).update(**{hand: both})
    propose(draft, both if hand == "proposer" else None)
    with pytest.raises(NotAllowed, match="cannot approve it as well"):
        approve(draft, both)
    assert approve(draft).state == State.APPROVED


def test_it_lets_a_single_steward_approve_and_records_that(
    draft: BasketVersion, settings: Settings
) -> None:
    settings.SINGLE_STEWARD = True
    alone = person("dee", "admin")
    propose(draft, alone)
    assert approve(draft, alone).approver == "dee"
    assert Transition.objects.latest("id").alone


def test_it_records_who_took_each_step_when_and_why(draft: BasketVersion) -> None:
    bring(draft, "published")
    steps = Transition.objects.filter(version=draft).values_list("to_state", "by__username")
    assert list(steps) == [
        ("proposed", "ada"), ("approved", "bob"), ("scheduled", "ada"), ("published", None)
    ]  # fmt: skip
    assert Transition.objects.get(to_state="proposed").reason == WHY
    assert len(set(Transition.objects.values_list("content_sha256", flat=True))) == 1
    draft.refresh_from_db()
    assert (draft.author, draft.approver, draft.rationale) == ("ada", "bob", WHY)
    assert Recompute.objects.get().cause == "Basket version 2 published"


@pytest.mark.parametrize("rationale", ["", " \n", "Because."])
def test_it_asks_a_proposal_for_its_reason(draft: BasketVersion, rationale: str) -> None:
    with pytest.raises(Incomplete, match="Say in at least 20 characters what changes"):
        workflow.propose(draft.pk, by=person("ada"), rationale=rationale, edition=0)


def test_it_names_all_that_a_proposal_lacks(draft: BasketVersion) -> None:
    draft.weights.filter(eval__slug="safety-2").delete()
    draft.weights.filter(eval__slug="safety-1").update(owner=" ", rationale="", floor=5)
    Departure.objects.create(version=draft, eval=Eval.objects.get(slug="alignment-1"), reason="x")
    with pytest.raises(Incomplete) as refusal:
        propose(draft)
    assert refusal.value.missing == (
        "The weight of safety-1 has no owner.",
        "The weight of safety-1 has no reason.",
        "The goalposts of safety-1 differ from those before and have no reason.",
        "Say why safety-2 leaves the basket.",
        "alignment-1 does not leave the basket; take its departure out.",
    )


def test_it_refuses_to_propose_what_the_engine_refuses(draft: BasketVersion) -> None:
    draft.overlap.clear()
    with pytest.raises(PublishRefused, match="cannot be computed with this version"):
        propose(draft)


def test_it_asks_why_systems_lose_their_official_status(draft: BasketVersion) -> None:
    System.objects.filter(slug="latest").update(released_on=draft.effective_on)
    BasketVersion.objects.filter(pk=draft.pk).update(min_evals=3)
    with pytest.raises(Incomplete, match="lose their official status: latest"):
        propose(draft)
    BasketVersion.objects.filter(pk=draft.pk).update(lost_status_reason="Three are asked now.")
    propose(draft)
    lost = Transition.objects.latest("id").lost_status
    assert ["latest", "headline"] in lost


def test_it_binds_the_approval_to_what_was_approved(draft: BasketVersion) -> None:
    propose(draft)
    with pytest.raises(NotNow, match="has changed since you opened it"):
        workflow.approve(draft.pk, by=person("bob", "approver"), content_sha256="0" * 64)
    Eval.objects.filter(slug="safety-1").update(ceiling=90)
    with pytest.raises(NotNow, match="no longer the one that was proposed"):
        approve(draft)


CHANGES: dict[str, Callable[[BasketVersion], object]] = {
    "base": lambda v: Basket.objects.update(base=System.objects.get(slug="old")),
    "domain": lambda v: COUNTED.update(domain=Domain.objects.get(slug="alignment")),
    **{
        name: lambda v, name=name, value=value: COUNTED.update(**{name: value})  # type: ignore[misc]
        for name, value in {"subdomain": "other", "scale": "log", "direction": "lower",
                            "lower": -5.0, "upper": 90.0}.items()
    },
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_it_binds_the_approval_to_the_base_and_to_what_an_eval_is(
    basket: Basket, what: str
) -> None:
    first = add_draft(basket)
    before = content_sha256(first)
    assert content_sha256(first) == before
    CHANGES[what](first)
    assert content_sha256(first) != before


def test_it_knows_all_who_ever_edited_a_draft(draft: BasketVersion) -> None:
    for edition, name in enumerate(("cleo", "ada")):
        content = with_weight(content_of(draft), "safety-1", 2.0 + edition)
        who = person(name, "admin" if name == "cleo" else "steward")
        save_draft(draft.pk, by=who, edition=edition, content=content)
    draft.refresh_from_db()
    propose(draft)
    cleo = person("cleo")
    assert workflow.hands(draft) >= {cleo.pk, person("ada").pk}
    assert "approve" not in workflow.open_steps(draft, by=cleo)
    with pytest.raises(NotAllowed, match="cannot approve it as well"):
        approve(draft, cleo)


def test_it_lets_a_draft_that_was_sent_back_be_withdrawn(draft: BasketVersion) -> None:
    propose(draft)
    workflow.send_back(draft.pk, by=person("bob", "approver"), reason="Not yet.")
    draft.refresh_from_db()
    assert workflow.open_steps(draft, by=person("ada")) == ("propose", "withdraw")
    assert workflow.open_steps(draft, by=person("bob")) == ()


@pytest.mark.parametrize("step", [workflow.send_back, workflow.withdraw])
def test_it_asks_why_a_version_goes_back(draft: BasketVersion, step: Callable[..., object]) -> None:
    propose(draft)
    with pytest.raises(Refused, match="Say why it is"):
        step(draft.pk, by=person("root", "admin"), reason=" ")


def test_it_cancels_the_publication_of_what_is_sent_back(draft: BasketVersion) -> None:
    bring(draft, "scheduled")
    workflow.send_back(draft.pk, by=person("bob"), reason="Wait for the audit.")
    assert Publication.objects.get().state == Publication.State.CANCELLED
    draft.refresh_from_db()
    assert (draft.state, draft.approver) == (State.DRAFT, "")
