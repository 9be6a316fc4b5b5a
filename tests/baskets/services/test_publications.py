"""Scheduled versions are published by the sweep when their date has come, once and whole."""

from __future__ import annotations

import datetime as dt
import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone, translation

from baskets import tasks
from baskets.models import BasketVersion, Publication, Recompute, Transition
from baskets.services import publications, workflow
from baskets.services.publishing import effective_at
from evals.models import Eval
from tests.baskets.services.steps import bring, person

State = BasketVersion.State


@pytest.fixture
def scheduled(draft: BasketVersion) -> Publication:
    """The publication of an approved version, due now."""
    bring(draft, "scheduled")
    Publication.objects.update(due_at=timezone.now())
    return Publication.objects.get()


def state(work: Publication) -> str:
    work.refresh_from_db()
    return work.state


def test_it_waits_for_the_effective_date(draft: BasketVersion) -> None:
    day = timezone.now().date() + dt.timedelta(days=3)
    BasketVersion.objects.filter(pk=draft.pk).update(effective_on=day)
    draft.refresh_from_db()
    bring(draft, "scheduled")
    work = Publication.objects.get()
    assert work.due_at == effective_at(draft)
    assert publications.due_publications() == []
    assert publications.publish_due(work.pk) is None
    assert state(work) == "pending"


def test_it_publishes_once_however_often_it_is_asked(scheduled: Publication) -> None:
    assert publications.due_publications() == [scheduled.pk]
    tasks.publish_due(scheduled.pk)
    tasks.publish_due(scheduled.pk)
    assert (state(scheduled), Recompute.objects.count()) == ("done", 1)
    assert Transition.objects.filter(to_state="published").count() == 1
    version = BasketVersion.objects.get(pk=scheduled.version_id)
    assert (version.state, version.published_by) == (State.PUBLISHED, person("ada"))
    assert publications.due_publications() == []


def test_it_sends_back_what_is_no_longer_what_was_approved(scheduled: Publication) -> None:
    Eval.objects.filter(slug="safety-1").update(ceiling=90)
    assert publications.publish_due(scheduled.pk) is None
    version = BasketVersion.objects.get(pk=scheduled.version_id)
    assert (state(scheduled), version.state, version.approver) == ("refused", State.DRAFT, "")
    assert Transition.objects.latest("id").by is None


def test_it_says_why_a_version_could_not_be_published(scheduled: Publication) -> None:
    newest = BasketVersion.objects.get(number=1)
    BasketVersion.objects.create(
        basket=newest.basket, number=9, effective_on=newest.effective_on,
        published_at=timezone.now(),
    )  # fmt: skip
    assert publications.publish_due(scheduled.pk) is None
    assert state(scheduled) == "refused"
    step = Transition.objects.latest("id")
    for told in (scheduled, step):
        assert told.why == "Version 9 is published; the next one needs a higher number."
        with translation.override("zh-hant"):
            assert "Version" not in told.why and "9" in told.why
    assert (step.reason, step.code, step.facts) == ("", "number-passed", {"newest": 9})
    version = BasketVersion.objects.get(pk=scheduled.version_id)
    assert version.state == State.APPROVED
    workflow.schedule(version.pk, by=person("ada"))
    assert Publication.objects.filter(state="pending").count() == 1


@pytest.mark.parametrize("state", ["proposed", "approved", "scheduled"])
def test_it_asks_again_for_approvals_that_bind_less(draft: BasketVersion, state: str) -> None:
    bring(draft, state)
    migration = importlib.import_module("baskets.migrations.0011_bind_wider")
    migration.ask_again(apps, SimpleNamespace(connection=connection))
    draft.refresh_from_db()
    assert (draft.state, draft.approver) == (State.DRAFT, "")
    assert not Publication.objects.filter(state="pending").exists()
    step = Transition.objects.latest("id")
    assert (step.from_state, step.by, step.code) == (state, None, "bound-wider")
    assert "has to be proposed again" in step.why


def test_it_leaves_all_as_it_was_where_publishing_breaks_off(
    scheduled: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*args: object, **kwargs: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")

    with monkeypatch.context() as patched:
        patched.setattr(workflow, "record_published", dies)
        for attempt in range(1, publications.MOST_ATTEMPTS + 1):
            Publication.objects.update(due_at=timezone.now())
            with pytest.raises(Exception, match="division by zero"):
                publications.publish_due(scheduled.pk)
            assert (state(scheduled), scheduled.attempts) == (
                "pending" if attempt < publications.MOST_ATTEMPTS else "refused", attempt
            )  # fmt: skip
    version = BasketVersion.objects.get(pk=scheduled.version_id)
    assert (version.state, Recompute.objects.count()) == (State.APPROVED, 0)
    assert "division by zero" in scheduled.error
