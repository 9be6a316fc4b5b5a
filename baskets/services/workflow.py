"""From draft to published: each step is one function that says who may take it, and when.

draft → proposed → approved → scheduled → published; sent back to draft, or withdrawn. Each step is
one transaction and adds one `Transition`. An approval holds for the content that was approved and
for no other; `baskets.services.drafting` takes it back with the first edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import because
from accounts.models import User
from accounts.roles import APPROVE_BASKETS, EDIT_BASKETS
from baskets.models import BasketVersion, Publication, Transition, VersionEvent
from baskets.models.reasons import in_english
from baskets.selectors.content import content_sha256
from baskets.services.completeness import check_complete
from baskets.services.publishing import check_version, effective_at, lost_status
from baskets.services.refusals import NotAllowed, NotNow

State = BasketVersion.State

IN_REVIEW = BasketVersion.in_review()


@transaction.atomic
def propose(version_id: int, *, by: User, rationale: str, edition: int) -> BasketVersion:
    """Ask for a second person's approval of a draft, as it stood at `edition`.

    Incomplete where something is missing, PublishRefused where it cannot stand beside the versions
    before it.
    """
    version = _held(version_id, by, EDIT_BASKETS)
    _check_state(version, State.DRAFT)
    if version.edition != edition:
        raise NotNow(_("Somebody has edited this draft since; look at it again."))
    version.rationale = rationale.strip()
    check_complete(version)
    lost = lost_status(version, check_version(version))
    check_complete(version, lost=lost)
    step = _step(version, State.PROPOSED, by=by, reason=version.rationale, lost=lost)
    return step.version


@transaction.atomic
def approve(version_id: int, *, by: User, content_sha256: str, reason: str = "") -> BasketVersion:
    """Approve a proposal whose content the approver has seen, known by its hash.

    Whoever drafted it, ever edited it or proposed it is refused, unless the site has a single
    steward.
    """
    version = _held(version_id, by, APPROVE_BASKETS)
    _check_state(version, State.PROPOSED)
    _check_unchanged(version, State.PROPOSED)
    if content_sha256 != newest_step(version, State.PROPOSED).content_sha256:
        raise NotNow(_("The proposal has changed since you opened it; look at it again."))
    alone = by.pk in hands(version)
    if alone and not settings.SINGLE_STEWARD:
        raise NotAllowed(
            _("Whoever drafted, edited or proposed a version cannot approve it as well.")
        )
    version.approver = by.shown_name
    return _step(version, State.APPROVED, by=by, reason=reason, alone=alone).version


@transaction.atomic
def schedule(version_id: int, *, by: User) -> Publication:
    """Let an approved version be published when its effective date comes; at once if it has."""
    version = _held(version_id, by, EDIT_BASKETS, APPROVE_BASKETS)
    _check_state(version, State.APPROVED)
    _check_unchanged(version, State.APPROVED)
    _step(version, State.SCHEDULED, by=by)
    return Publication.objects.create(version=version, due_at=effective_at(version))


@transaction.atomic
def send_back(version_id: int, *, by: User, reason: str) -> BasketVersion:
    """Make a proposal a draft again, also after its approval; the reason is public."""
    version = _held(version_id, by, APPROVE_BASKETS)
    _check_state(version, *IN_REVIEW)
    return to_draft(version, by=by, reason=_stated(reason, _("Say why it is sent back.")))


@transaction.atomic
def withdraw(version_id: int, *, by: User, reason: str) -> BasketVersion:
    """Give a version up for good; another draft can be made from it."""
    version = _held(version_id, by, EDIT_BASKETS)
    _check_state(version, State.DRAFT, *IN_REVIEW)
    said = _stated(reason, _("Say why it is withdrawn."))
    cancel_publication(version)
    return _step(version, State.WITHDRAWN, by=by, reason=said).version


def open_steps(version: BasketVersion, *, by: User) -> tuple[str, ...]:
    """The steps that the version's state and the person's roles leave open, by their functions."""
    edits, approves = by.has_perm(EDIT_BASKETS), by.has_perm(APPROVE_BASKETS)
    state = version.state
    found = {
        "propose": edits and state == State.DRAFT,
        "approve": approves and state == State.PROPOSED and _may_approve(version, by),
        "schedule": (edits or approves) and state == State.APPROVED,
        "send_back": approves and state in IN_REVIEW,
        "withdraw": edits and state in (State.DRAFT, *IN_REVIEW),
    }
    return tuple(name for name, is_open in found.items() if is_open)


def _may_approve(version: BasketVersion, by: User) -> bool:
    return settings.SINGLE_STEWARD or by.pk not in hands(version)


def to_draft(
    version: BasketVersion, *, by: User | None, reason: str = "", code: str = ""
) -> BasketVersion:
    """Take back what was proposed or approved; the caller holds the version's row.

    reason: in the words of a person; code: the site's, of `baskets.models.reasons`.
    """
    cancel_publication(version)
    version.approver = ""
    return _step(version, State.DRAFT, by=by, reason=reason, code=code).version


def back_to_approved(
    version: BasketVersion, *, code: str, facts: Mapping[str, Any] | None = None
) -> BasketVersion:
    """The site's own step after a refused publication: it can be scheduled again or edited."""
    return _step(version, State.APPROVED, by=None, code=code, facts=facts).version


def record_published(version: BasketVersion, *, before: str) -> None:
    """Put on record that a version, just frozen, was published by the site with this content."""
    Transition.objects.create(
        version=version,
        from_state=State.SCHEDULED,
        to_state=State.PUBLISHED,
        content_sha256=before,
    )


def cancel_publication(version: BasketVersion) -> None:
    """Take back a publishing that waits for its date."""
    waiting = version.publications.filter(state=Publication.State.PENDING)
    waiting.update(state=Publication.State.CANCELLED, finished_at=timezone.now())


def newest_step(version: BasketVersion, state: BasketVersion.State) -> Transition:
    """The last step by which a person brought the version into a state that it has been in."""
    steps = version.transitions.filter(to_state=state, by__isnull=False)
    return steps.select_related("by").latest("id")


def hands(version: BasketVersion) -> set[int | None]:
    """The ids of all who drafted, ever edited or proposed the version.

    Every edit writes its editor into the version's row, and the database keeps each state of it.
    """
    kept = VersionEvent._base_manager.filter(pgh_obj_id=version.pk)
    found = {version.drafted_by_id, version.edited_by_id}
    for pair in kept.values_list("drafted_by_id", "edited_by_id").distinct():
        found.update(pair)
    proposed = version.transitions.filter(to_state=State.PROPOSED)
    return found.union(proposed.values_list("by", flat=True))


def approval_holds(version: BasketVersion) -> bool:
    """Whether the content is still, to the last figure, the one that was approved."""
    return newest_step(version, State.APPROVED).content_sha256 == content_sha256(version)


def allow(by: User, *rights: str) -> None:
    """NotAllowed for a person who has none of the rights."""
    if not any(by.has_perm(right) for right in rights):
        raise NotAllowed(_("Your role does not allow this step."))


def hold(version_id: int) -> BasketVersion:
    """The version, its row locked until the transaction ends."""
    locked = BasketVersion.objects.select_for_update(of=("self",)).select_related("basket")
    return locked.get(pk=version_id)


def _held(version_id: int, by: User, *rights: str) -> BasketVersion:
    allow(by, *rights)
    return hold(version_id)


def _check_state(version: BasketVersion, *allowed: BasketVersion.State) -> None:
    if version.state in allowed:
        return
    raise NotNow(
        _("This version is %(state)s; the step is for one that is %(allowed)s.")
        % {
            "state": version.state.label,
            "allowed": _(" or ").join(str(state.label) for state in allowed),
        }
    )


def _check_unchanged(version: BasketVersion, since: BasketVersion.State) -> None:
    if newest_step(version, since).content_sha256 != content_sha256(version):
        raise NotNow(
            _(
                "Its content is no longer the one that was proposed: its base system has changed, "
                "or the goalposts, bounds, scale, direction or domain of an eval. Send it back."
            )
        )


def _stated(reason: str, missing: str) -> str:
    if not reason.strip():
        raise NotNow(missing)
    return reason.strip()


def _step(
    version: BasketVersion,
    state: BasketVersion.State,
    *,
    by: User | None,
    reason: str = "",
    code: str = "",
    facts: Mapping[str, Any] | None = None,
    alone: bool = False,
    lost: Sequence[tuple[str, str]] = (),
) -> Transition:
    """Take a step and put it on record."""
    before, version.step = version.state, state
    with because(reason.strip() or in_english(code, facts or {}), by=by):
        version.save(update_fields=["step", "rationale", "approver"])
    return Transition.objects.create(
        version=version,
        from_state=before,
        to_state=state,
        by=by,
        reason=reason.strip(),
        code=code,
        facts=dict(facts or {}),
        content_sha256=content_sha256(version),
        alone=alone,
        lost_status=[list(pair) for pair in lost],
    )
