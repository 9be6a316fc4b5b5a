"""Drafting and publishing versions of a basket."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from baskets.models import BasketVersion, Recompute, Weight
from baskets.services import recomputes
from baskets.services.publishing import draft_from, effective_at
from baskets.services.refusals import PublishRefused
from evals.models import Eval
from tests.baskets.services.conftest import add_draft, add_eval, today
from tests.baskets.services.steps import publish

DAY = dt.timedelta(days=1)


def refused(version: BasketVersion) -> str:
    """Why the version is not published; nothing may follow from it."""
    with pytest.raises(PublishRefused) as refusal:
        publish(version)
    version.refresh_from_db()
    assert not Recompute.objects.exists()
    return str(refusal.value)


@pytest.fixture
def draft(published: BasketVersion) -> BasketVersion:
    """A second version, effective tomorrow."""
    return add_draft(published.basket, 2, today() + DAY)


def test_it_refuses_a_number_that_was_passed(published: BasketVersion) -> None:
    old = add_draft(published.basket, 0, today() + DAY)
    assert refused(old) == "Version 1 is published; the next one needs a higher number."


@pytest.mark.parametrize("days", [0, -1])
def test_it_refuses_an_effective_date_that_is_not_later(
    published: BasketVersion, days: int
) -> None:
    draft = add_draft(published.basket, 2, published.effective_on + days * DAY)
    assert refused(draft).startswith("The effective date must be later than that of version 1")


@pytest.mark.parametrize("weight", [float("nan"), float("inf")])
def test_it_refuses_a_weight_that_is_no_number(draft: BasketVersion, weight: float) -> None:
    draft.weights.filter(eval__slug="safety-1").update(weight=weight)
    assert refused(draft) == "The weight of safety-1 must be positive."


@pytest.mark.parametrize("change", [{"selection": "worst"}, {"protocol": "pass@8"}])
def test_it_refuses_another_rule_for_an_eval_counted_before(
    draft: BasketVersion, change: dict[str, str]
) -> None:
    draft.weights.filter(eval__slug="safety-1").update(**change)
    assert refused(draft).startswith("safety-1 was counted by another selection rule or protocol")


def test_it_refuses_what_the_engine_refuses(draft: BasketVersion) -> None:
    draft.overlap.clear()
    assert "cannot be computed with this version" in refused(draft)
    draft.overlap.set(draft.basket.versions.get(number=1).overlap.all())
    draft.weights.all().delete()
    assert "cannot be computed with this version" in refused(draft)


def test_it_freezes_what_it_publishes_and_names_who_did(draft: BasketVersion) -> None:
    steward = User.objects.create_user("ada")
    version = publish(draft, steward)
    version.refresh_from_db()
    assert version.published_by == steward
    with pytest.raises(Exception, match="is published and cannot change"):
        BasketVersion.objects.filter(pk=version.pk).update(rationale="x")
    connection.needs_rollback = False


def test_it_asks_for_a_release_when_the_version_takes_effect(draft: BasketVersion) -> None:
    publish(draft)
    request = Recompute.objects.get()
    midnight = dt.datetime.combine(today() + DAY, dt.time(), tzinfo=dt.UTC)
    assert request.due_at == effective_at(draft) == midnight
    assert request.cause == "Basket version 2 published"
    assert recomputes.due_baskets() == []


def test_it_releases_a_version_already_in_effect_as_new_scores_are(
    published: BasketVersion,
) -> None:
    draft = add_draft(published.basket, 2, published.effective_on + DAY)
    publish(draft)
    # On the first of a month that is tomorrow, on any other day it is past.
    expected = max(timezone.now() + recomputes.COALESCE, effective_at(draft))
    assert abs(Recompute.objects.get().due_at - expected) < dt.timedelta(seconds=2)


def test_it_refuses_another_way_of_linking(draft: BasketVersion) -> None:
    BasketVersion.objects.filter(pk=draft.pk).update(link="ratio")
    assert refused(draft).startswith("All versions of a basket are linked in one way")


def test_it_fixes_goalposts_that_the_draft_left_to_the_eval(draft: BasketVersion) -> None:
    draft.weights.filter(eval__slug="safety-1").update(ceiling=95.0)
    publish(draft)
    Eval.objects.update(floor=10.0, ceiling=90.0)
    posts = dict(draft.weights.values_list("eval__slug", "ceiling"))
    assert (posts["safety-1"], posts["safety-2"]) == (95.0, 100.0)
    assert set(draft.weights.values_list("floor", flat=True)) == {0.0}


def test_it_drafts_the_next_version_with_the_weights_of_the_last(draft: BasketVersion) -> None:
    add_eval("safety-3", "safety")
    draft.weights.filter(eval__slug="safety-1").update(weight=2.5, floor=10, owner="Ada")
    following = draft_from(draft, author="ada")
    assert (following.number, following.author, following.published) == (3, "ada", False)
    assert following.effective_on == today()
    copied = list(following.weights.values("eval_id", *Weight.DECIDED))
    assert copied == list(draft.weights.values("eval_id", *Weight.DECIDED))
    assert len(copied) == Eval.objects.exclude(slug="safety-3").count()


def test_it_drafts_with_the_officially_measured_systems_as_overlap(
    published: BasketVersion,
) -> None:
    assert draft_from(published, author="ada").overlap.count() == 0
    recomputes.request_release(published.basket, cause="x")
    Recompute.objects.update(due_at=published.published_at)
    assert recomputes.run_due(published.basket_id) is not None
    draft = draft_from(published, author="ada")
    found = set(draft.overlap.values_list("slug", flat=True))
    assert found == {"base", "old", "new", "latest"}
    BasketVersion.objects.filter(pk=draft.pk).update(effective_on=today() + DAY)
    assert publish(draft).published
