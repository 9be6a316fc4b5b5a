"""The steps of a version as tests take them: Ada drafts and proposes, Bob approves."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.models import User
from baskets.models import BasketVersion, Publication
from baskets.selectors.content import content_sha256
from baskets.services import publications, workflow
from baskets.services.publishing import freeze

WHY = "Harder evals enter the basket."


def person(name: str, role: str = "") -> User:
    """Somebody with a role, made at the first mention."""
    user, _created = User.objects.get_or_create(username=name)
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def propose(draft: BasketVersion, by: User | None = None) -> BasketVersion:
    who = by or person("ada", "steward")
    return workflow.propose(draft.pk, by=who, rationale=WHY, edition=draft.edition)


def approve(draft: BasketVersion, by: User | None = None) -> BasketVersion:
    seen = content_sha256(BasketVersion.objects.get(pk=draft.pk))
    who = by or person("bob", "approver")
    return workflow.approve(draft.pk, by=who, content_sha256=seen)


def publish(version: BasketVersion, by: User | None = None) -> BasketVersion:
    """Freeze a version without the steps that the site asks for."""
    with transaction.atomic():
        held = workflow.hold(version.pk)
        freeze(held, by=by)
    return held


def bring(draft: BasketVersion, state: str) -> None:
    """Bring the draft into a state by the steps that lead there."""
    if state in ("proposed", "approved", "scheduled", "published"):
        propose(draft)
    if state in ("approved", "scheduled", "published"):
        approve(draft)
    if state in ("scheduled", "published"):
        workflow.schedule(draft.pk, by=person("ada"))
    if state == "published":
        Publication.objects.update(due_at=draft.created_at)
        assert publications.publish_due(Publication.objects.get().pk) is not None
    if state == "withdrawn":
        workflow.withdraw(draft.pk, by=person("ada"), reason="No longer.")
