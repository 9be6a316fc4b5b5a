"""Editing a version before it is published: never over somebody else's edit without saying so."""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import because
from accounts.models import User
from accounts.roles import EDIT_BASKETS
from baskets.models import Basket, BasketVersion, Departure, Weight
from baskets.models.reasons import EDITED
from baskets.selectors.content import OWN, Content, WeightContent, content_of
from baskets.services import workflow
from baskets.services.publishing import draft_from, hold_drafts
from baskets.services.refusals import EditConflict, Incomplete, NotNow
from evals.models import Eval, System

State = BasketVersion.State


def draft_next(version: BasketVersion, *, by: User) -> BasketVersion:
    """A draft of the basket's next version with the weights of this one."""
    workflow.allow(by, EDIT_BASKETS)
    with because("", by=by):
        return draft_from(version, author=by.shown_name, by=by)


@transaction.atomic
def open_draft(basket: Basket, *, by: User) -> tuple[BasketVersion, bool]:
    """(the newest draft that follows the newest published version, whether it was made now).

    A draft from before that version was published would take back what it changed, so it is left
    alone. NotNow for a basket without a published version.
    """
    workflow.allow(by, EDIT_BASKETS)
    hold_drafts(basket.pk)
    newest = basket.versions.filter(published_at__isnull=False).order_by("-number").first()
    if newest is None:
        raise NotNow(_("This basket has no published version to start from."))
    drafts = basket.versions.filter(step=State.DRAFT, published_at__isnull=True)
    later = drafts.filter(number__gt=newest.number, created_at__gt=newest.published_at)
    draft = later.order_by("-number").first()
    return (draft, False) if draft is not None else (draft_next(newest, by=by), True)


@contextmanager
def editing(
    version_id: int, *, by: User, edition: int, yours: Content | None = None, why: str = ""
) -> Iterator[BasketVersion]:
    """Hold a version while its rows are changed; what was proposed or approved then ends.

    edition: the one that the person began from. EditConflict, before anything is changed, where
    somebody has saved since; NotNow where the version can no longer be edited. An edit that leaves
    the content as it was is none. why: kept in the audit with every row that is changed.
    """
    workflow.allow(by, EDIT_BASKETS)
    with because(why, by=by), transaction.atomic():
        version = workflow.hold(version_id)
        if version.state in (State.PUBLISHED, State.WITHDRAWN):
            raise NotNow(
                _("This version is %(state)s and cannot be edited.")
                % {"state": version.state.label}
            )
        before = content_of(version)
        if version.edition != edition:
            raise EditConflict(
                _("%(who)s has saved this version since you opened it.")
                % {"who": version.edited_by.shown_name if version.edited_by else "–"},
                edition=version.edition,
                stored=before,
                yours=yours,
            )
        yield version
        version.refresh_from_db()
        if content_of(version) != before:
            _note_edit(version, by)


def _note_edit(version: BasketVersion, by: User) -> None:
    version.edition += 1
    version.edited_by = by
    version.save(update_fields=["edition", "edited_by"])
    if version.state in workflow.IN_REVIEW:
        workflow.to_draft(version, by=by, code=EDITED)


def save_draft(
    version_id: int, *, by: User, edition: int, content: Content, why: str = ""
) -> BasketVersion:
    """Make a version say `content`, row by row; EditConflict where somebody has saved since.

    Incomplete names evals and systems that are not known, and values that cannot be.
    """
    with editing(version_id, by=by, edition=edition, yours=content, why=why) as version:
        evals = _known_evals(content)
        systems = System.objects.in_bulk(content.overlap, field_name="slug")
        _refuse_unknown(content.overlap, systems.keys())
        for name in OWN:
            setattr(version, name, getattr(content, name))
        _check(version, exclude=["basket", "number"])
        version.save(update_fields=OWN)
        version.overlap.set(systems.values())
        _save_weights(version, content.weights, evals)
        _save_departures(version, content.departures, evals)
    return version


def _known_evals(content: Content) -> dict[str, Eval]:
    named = {weight.eval for weight in content.weights}
    named |= {slug for slug, _reason in content.departures}
    found = Eval.objects.in_bulk(named, field_name="slug")
    _refuse_unknown(sorted(named), found.keys())
    return found


def _refuse_unknown(named: Sequence[str], known: Container[str]) -> None:
    missing = [name for name in named if name not in known]
    if missing:
        raise Incomplete(
            tuple(_("%(name)s is not known.") % {"name": name} for name in sorted(missing))
        )


def _save_weights(
    version: BasketVersion, weights: Sequence[WeightContent], evals: dict[str, Eval]
) -> None:
    """Only rows that differ are written, so that the audit shows what was changed and no more."""
    stored = {row.eval.slug: row for row in version.weights.select_related("eval")}
    kept = {weight.eval for weight in weights}
    version.weights.filter(eval__slug__in=stored.keys() - kept).delete()
    for weight in weights:
        facts = asdict(weight)
        item = evals[facts.pop("eval")]
        row = stored.get(weight.eval) or Weight(version=version, eval=item)
        changed = {name: value for name, value in facts.items() if getattr(row, name) != value}
        for name, value in changed.items():
            setattr(row, name, value)
        if changed or row.pk is None:
            _check(row, exclude=["version", "eval"])
            row.save()


def _check(row: BasketVersion | Weight, *, exclude: Sequence[str]) -> None:
    """Incomplete with what the row's own rules refuse, and for a weight that is not finite."""
    try:
        row.full_clean(exclude=exclude)
    except ValidationError as refusal:
        raise Incomplete(tuple(f"{row}: {text}" for text in refusal.messages)) from refusal
    if isinstance(row, Weight) and not math.isfinite(row.weight):
        raise Incomplete((_("%(row)s: a weight must be finite.") % {"row": row},))


def _save_departures(
    version: BasketVersion, departures: Sequence[tuple[str, str]], evals: dict[str, Eval]
) -> None:
    stored = {row.eval.slug: row for row in version.departures.select_related("eval")}
    version.departures.filter(eval__slug__in=stored.keys() - dict(departures).keys()).delete()
    for slug, reason in departures:
        row = stored.get(slug) or Departure(version=version, eval=evals[slug])
        if row.pk is None or row.reason != reason:
            row.reason = reason
            row.save()
