"""One decision about a name settles every row that waits for it, and is remembered."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from evals.models import Alias, Developer, Eval, HeldRow, NameDecision, System
from evals.models.names import NameKind
from evals.records import SystemRecord
from evals.services.declared import declare_system
from evals.services.held import resolve_held_rows
from evals.services.names import Match, NameBook, folded, reading
from evals.services.slugs import slug_of


class NameTaken(Exception):
    """The name means something else already; the text says what."""


@transaction.atomic
def resolve(
    name: str,
    kind: str,
    target: System | Eval,
    *,
    by: User | None,
    elicitation: str | None = None,
    other_endings: bool = False,
) -> int:
    """Say that a name means a known system or eval; the number of held rows that became scores.

    elicitation: what the name says of how its system was run; None for what `said_by` finds in it.
    other_endings: what is left of the name without that means the system too, so that the next name
    which differs only in how the system was run is known. Raises NameTaken where the name means
    another one.
    """
    rest, taken = said_by(name, target)
    said = taken if elicitation is None or isinstance(target, Eval) else elicitation.strip()
    _alias(name, target, said)
    if other_endings and said and said == taken:
        _alias(rest, target, "")
    _decided(name, kind, NameDecision.Verdict.SAME, target, by, elicitation=said)
    return resolve_held_rows(by)


def said_by(name: str, target: System | Eval) -> tuple[str, str]:
    """(the rest, what it says of how a system was run) of a name that means this one.

    "nova-2_high" says "high" where it means nova-2, and nothing where it means nova-2-high.
    """
    if isinstance(target, Eval):
        return name, ""
    aliases = target.aliases.filter(elicitation="").values_list("name", flat=True)
    return reading(name, (target.slug, target.name, *aliases))


@transaction.atomic
def ignore(name: str, kind: str, *, reason: str, by: User | None) -> int:
    """Say that rows of a name are not wanted, now and later; the number of held rows this ends."""
    before = _waiting(name, kind)
    _decided(name, kind, NameDecision.Verdict.IGNORED, None, by, reason=reason)
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
    elicitation: str | None = None,
) -> tuple[System, int]:
    """Add the system that a name means; it, and the number of held rows that became scores.

    elicitation: as for `resolve`. Raises ValidationError where its facts cannot be stored,
    NameTaken where the slug is in use.
    """
    known = slug or slug_of(title or name, NameKind.SYSTEM)
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
    said = said_by(name, system)[1] if elicitation is None else elicitation.strip()
    _alias(name, system, said)
    _decided(name, NameKind.SYSTEM, NameDecision.Verdict.NEW, system, by, elicitation=said)
    return system, resolve_held_rows(by)


@transaction.atomic
def add_eval(name: str, item: Eval, *, by: User | None) -> int:
    """Add the eval that a name means; the number of held rows that became scores.

    item: not stored yet. Raises ValidationError where its facts cannot be stored.
    """
    item.full_clean()
    item.save()
    _alias(name, item, "")
    _decided(name, NameKind.EVAL, NameDecision.Verdict.NEW, item, by)
    return resolve_held_rows(by)


def developers() -> list[str]:
    """The names of the developers that are known, for a form."""
    return list(Developer.objects.order_by("name").values_list("name", flat=True))


def _alias(name: str, target: System | Eval, said: str) -> None:
    """Remember what a name means, unless it is read so already."""
    book = NameBook.load()
    found: tuple[Match[System], ...] | tuple[Match[Eval], ...]
    if isinstance(target, System):
        found, field = book.readings(name), "system"
    else:
        found, field = tuple(filter(None, [book.eval(name)])), "eval"
    if [(match.target, match.elicitation) for match in found] == [(target, said)]:
        return
    written = (book.systems if field == "system" else book.evals).written.get(folded(name))
    if written is not None:
        raise NameTaken(_means(name, written))
    if Alias.objects.filter(name=name, **{f"{field}__isnull": False}).exists():
        # Two names that are written alike: neither is in the book.
        raise NameTaken(_("%(name)s is unclear: it means two things.") % {"name": name})
    alias = Alias(name=name, elicitation=said, **{field: target})
    alias.full_clean()
    alias.save()


def _means(name: str, match: Match[System] | Match[Eval]) -> str:
    if not match.elicitation:
        return _("%(name)s means %(found)s already.") % {"name": name, "found": match.target.slug}
    return _("%(name)s means %(found)s already, run as: %(how)s.") % {
        "name": name,
        "found": match.target.slug,
        "how": match.elicitation,
    }


def _decided(
    name: str,
    kind: str,
    verdict: NameDecision.Verdict,
    target: System | Eval | None,
    by: User | None,
    *,
    elicitation: str = "",
    reason: str = "",
) -> None:
    NameDecision.objects.create(
        kind=NameKind(kind),
        name=name,
        verdict=verdict,
        system=target if isinstance(target, System) else None,
        eval=target if isinstance(target, Eval) else None,
        elicitation=elicitation,
        reason=reason,
        by=by,
    )


def _waiting(name: str, kind: str) -> int:
    rows = HeldRow.objects.filter(resolution__isnull=True)
    return rows.filter(**{f"{NameKind(kind).value}_name": name}).count()
