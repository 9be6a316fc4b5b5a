"""One decision about a name settles every row that waits for it, and is remembered."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import User
from evals.models import Alias, Developer, Eval, HeldRow, NameDecision, System
from evals.models.names import NameKind
from evals.records import SystemRecord
from evals.services.declared import declare_system
from evals.services.held import resolve_held_rows
from evals.services.names import NameBook, folded


class NameTaken(Exception):
    """The name means something else already; the text says what."""


@transaction.atomic
def resolve(name: str, kind: str, target: System | Eval, *, by: User | None) -> int:
    """Say that a name means a known system or eval; the number of held rows that became scores.

    Raises NameTaken where the name means another one.
    """
    _alias(name, target)
    _decided(name, kind, NameDecision.Verdict.SAME, target, by, "")
    return resolve_held_rows(by)


@transaction.atomic
def ignore(name: str, kind: str, *, reason: str, by: User | None) -> int:
    """Say that rows of a name are not wanted, now and later; the number of held rows this ends."""
    before = _waiting(name, kind)
    _decided(name, kind, NameDecision.Verdict.IGNORED, None, by, reason)
    resolve_held_rows(by)
    return before - _waiting(name, kind)


@transaction.atomic
def add_system(
    name: str,
    *,
    developer: str,
    generation: str,
    released_on: dt.date,
    by: User | None,
    slug: str = "",
    title: str = "",
) -> tuple[System, int]:
    """Add the system that a name means; it, and the number of held rows that became scores.

    Raises ValidationError where its facts cannot be stored, NameTaken where the slug is in use.
    """
    known = slug or slugify(name)
    if System.objects.filter(slug=known).exists():
        raise NameTaken(_("There is a system %(slug)s already.") % {"slug": known})
    record = SystemRecord(
        line=1,
        slug=known,
        name=title or name,
        developer=developer,
        generation=generation,
        released_on=released_on,
    )
    if rejection := declare_system(record):
        raise ValidationError(rejection.reason.partition(": ")[2])
    system = System.objects.get(slug=known)
    if NameBook.load().systems.get(folded(name)) != system:
        _alias(name, system)
    _decided(name, NameKind.SYSTEM, NameDecision.Verdict.NEW, system, by, "")
    return system, resolve_held_rows(by)


@transaction.atomic
def add_eval(name: str, item: Eval, *, by: User | None) -> int:
    """Add the eval that a name means; the number of held rows that became scores.

    item: not stored yet. Raises ValidationError where its facts cannot be stored.
    """
    item.full_clean()
    item.save()
    if NameBook.load().evals.get(folded(name)) != item:
        _alias(name, item)
    _decided(name, NameKind.EVAL, NameDecision.Verdict.NEW, item, by, "")
    return resolve_held_rows(by)


def developers() -> list[str]:
    """The names of the developers that are known, for a form."""
    return list(Developer.objects.order_by("name").values_list("name", flat=True))


def _alias(name: str, target: System | Eval) -> None:
    field = "system" if isinstance(target, System) else "eval"
    book = NameBook.load()
    known = book.systems if field == "system" else book.evals
    found = known.get(folded(name))
    if found == target:
        return
    if found is not None:
        raise NameTaken(
            _("%(name)s means %(found)s already.") % {"name": name, "found": found.slug}
        )
    alias = Alias.objects.filter(name=name, **{f"{field}__isnull": False}).first()
    if alias is not None:
        # Two spellings that fold to one name: neither is in the book.
        raise NameTaken(_("%(name)s is unclear: it means two things.") % {"name": name})
    alias = Alias(name=name, **{field: target})
    alias.full_clean()
    alias.save()


def _decided(
    name: str,
    kind: str,
    verdict: NameDecision.Verdict,
    target: System | Eval | None,
    by: User | None,
    reason: str,
) -> None:
    NameDecision.objects.create(
        kind=NameKind(kind),
        name=name,
        verdict=verdict,
        system=target if isinstance(target, System) else None,
        eval=target if isinstance(target, Eval) else None,
        reason=reason,
        by=by,
    )


def _waiting(name: str, kind: str) -> int:
    rows = HeldRow.objects.filter(resolution__isnull=True)
    return rows.filter(**{f"{NameKind(kind).value}_name": name}).count()
