"""Systems and evals that a source declares: added where new, never altered by an import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.core.exceptions import ValidationError
from django.db import transaction

from evals.models import (
    Alias,
    Developer,
    Domain,
    Eval,
    Flag,
    Generation,
    Source,
    SourceName,
    System,
)
from evals.records import EvalRecord, FlagRecord, NameRecord, RejectedRow, SystemRecord
from evals.services.names import NameBook
from evals.services.slugs import developer_slug

DOMAIN_ORDER = ("capability", "safety", "alignment")

Declaration = SystemRecord | EvalRecord | FlagRecord | NameRecord


class Declared:
    """What one file declares: tried at once, so that its scores find the names, stored at the end.

    Nothing of a file that proves unreadable may stay; so nothing is stored before its scores are.
    `goalposts`: whether who asked for the import may say what results are worth, by a new eval or
    by a flag.
    """

    def __init__(self, *, goalposts: bool = True) -> None:
        self._goalposts = goalposts
        self._records: list[Declaration] = []
        self.unread = False
        self.stored = 0

    def add(self, record: Declaration) -> None:
        """Take up a declaration."""
        self._records.append(record)
        # What a source tells of a name makes no name known.
        self.unread = self.unread or not isinstance(record, NameRecord)

    def book(self) -> NameBook:
        """All names as they will be with what was declared so far."""
        self.unread = False
        with transaction.atomic():
            for record in self._records:
                if not isinstance(record, NameRecord) and not self._refused(record):
                    declare(record)
            book = NameBook.load()
            transaction.set_rollback(True)
        return book

    def store(self, source: Source) -> Iterator[RejectedRow]:
        """Store every declaration; the rejections of those where other facts stand.

        `stored` then counts the others, also those that were stored before.
        """
        _learn((record for record in self._records if isinstance(record, NameRecord)), source)
        self.stored = 0
        for record in self._records:
            rejection = None
            if not isinstance(record, NameRecord):
                rejection = self._refused(record) or declare(record)
            if rejection is not None:
                yield rejection
            else:
                self.stored += 1

    def _refused(self, record: SystemRecord | EvalRecord | FlagRecord) -> RejectedRow | None:
        """The rejection of what the importer may not declare; an eval that is there is no news."""
        if self._goalposts or isinstance(record, SystemRecord):
            return None
        if isinstance(record, FlagRecord):
            return _rejected(record, "a flag is raised by a steward")
        if Eval.objects.filter(slug=record.slug).exists():
            return None
        return _rejected(record, "a new eval is added by a steward")


def declare(record: SystemRecord | EvalRecord | FlagRecord) -> RejectedRow | None:
    """Add what is declared where it is new; the rejection where it cannot be."""
    if isinstance(record, SystemRecord):
        return declare_system(record)
    return declare_eval(record) if isinstance(record, EvalRecord) else declare_flag(record)


def _learn(records: Iterable[NameRecord], source: Source) -> None:
    """Keep what a source tells of names, the first time."""
    SourceName.objects.bulk_create(
        [
            SourceName(
                source=source,
                name=record.name[:300],
                aliases=list(record.aliases),
                developer=record.developer[:300],
                family=record.family[:300],
                released_on=record.released_on,
            )
            for record in records
        ],
        ignore_conflicts=True,
    )


def declare_system(record: SystemRecord) -> RejectedRow | None:
    """Add a declared system with its aliases; the rejection where other facts already stand."""
    known = System.objects.filter(slug=record.slug).select_related("developer", "generation")
    system = known.first()
    if system is None:
        try:
            system = _new_system(record)
        except ValidationError as error:
            return _rejected(record, _reasons(error))
    elif conflict := _conflict(record, _system_facts(system), SYSTEM_FACTS):
        return conflict
    for name in record.aliases:
        if rejection := _add_alias(record, system, name):
            return rejection
    return None


def declare_eval(record: EvalRecord) -> RejectedRow | None:
    """Add a declared eval; the rejection where other facts already stand under its slug."""
    known = Eval.objects.filter(slug=record.slug).select_related("domain").first()
    if known is not None:
        return _conflict(record, _eval_facts(known), ("domain", *EVAL_FACTS))
    if record.domain not in DOMAIN_ORDER:
        return _rejected(record, f"domain {record.domain!r} is none of {', '.join(DOMAIN_ORDER)}")
    domain, _created = Domain.objects.get_or_create(
        slug=record.domain,
        defaults={
            "name": record.domain.capitalize(),
            "position": DOMAIN_ORDER.index(record.domain),
        },
    )
    item = Eval(domain=domain, **{name: getattr(record, name) for name in ("slug", *EVAL_FACTS)})
    try:
        item.full_clean(exclude=["domain"])
    except ValidationError as error:
        return _rejected(record, _reasons(error))
    item.save()
    return None


def declare_flag(record: FlagRecord) -> RejectedRow | None:
    """Add a declared flag; the rejection where the eval or the kind is not known.

    One that was raised before on the same date stays as it is, and so does its being cleared.
    """
    item = Eval.objects.filter(slug=record.eval).first()
    if item is None:
        return _rejected(record, f"the eval {record.eval!r} is not known")
    if record.kind not in Flag.Kind.values:
        return _rejected(record, f"kind {record.kind!r} is none of {', '.join(Flag.Kind.values)}")
    if Flag.objects.filter(eval=item, kind=record.kind, since=record.since, raised=True).exists():
        return None
    flag = Flag(
        eval=item,
        kind=record.kind,
        since=record.since,
        reason=record.reason,
        source_url=record.source_url,
    )
    try:
        flag.full_clean()
    except ValidationError as error:
        return _rejected(record, _reasons(error))
    flag.save()
    return None


@transaction.atomic
def _new_system(record: SystemRecord) -> System:
    """Store the system, with its developer and generation where they are new.

    Raises ValidationError, and then leaves nothing behind.
    """
    developer = Developer.objects.filter(name=record.developer).first()
    if developer is None:
        developer = Developer(name=record.developer, slug=developer_slug(record.developer))
        developer.full_clean()
        developer.save()
    generation = developer.generations.filter(name=record.generation).first()
    if generation is None:
        generation = Generation(developer=developer, name=record.generation)
        generation.full_clean()
        generation.save()
    system = System(
        slug=record.slug,
        name=record.name,
        developer=developer,
        generation=generation,
        released_on=record.released_on,
    )
    system.full_clean()
    system.save()
    return system


SYSTEM_FACTS = ("name", "developer", "generation", "released_on")
EVAL_FACTS = (
    "name",
    "subdomain",
    "unit",
    "scale",
    "direction",
    "lower",
    "upper",
    "floor",
    "ceiling",
    "ceiling_note",
    "human_baseline",
    "human_baseline_who",
    "human_baseline_source",
    "n_items",
    "released_on",
    "measures",
    "access",
    "grading",
    "source_url",
)


def _system_facts(system: System) -> dict[str, object]:
    return {
        "name": system.name,
        "developer": system.developer.name,
        "generation": system.generation.name,
        "released_on": system.released_on,
    }


def _eval_facts(item: Eval) -> dict[str, object]:
    return {"domain": item.domain.slug, **{name: getattr(item, name) for name in EVAL_FACTS}}


def _conflict(
    record: SystemRecord | EvalRecord, facts: dict[str, object], names: tuple[str, ...]
) -> RejectedRow | None:
    for name in names:
        if getattr(record, name) != facts[name]:
            return _rejected(
                record,
                f"{record.slug} is already known with {name} {facts[name]!s}, "
                f"the file says {getattr(record, name)!s}; the known one was kept",
            )
    return None


def _add_alias(record: SystemRecord, system: System, name: str) -> RejectedRow | None:
    alias = Alias.objects.filter(name=name, system__isnull=False).first()
    if alias is not None:
        if alias.system_id != system.pk:
            return _rejected(record, f"the alias {name!r} already means another system")
        return None
    alias = Alias(name=name, system=system)
    try:
        alias.full_clean()
    except ValidationError as error:
        return _rejected(record, _reasons(error))
    alias.save()
    return None


def _reasons(error: ValidationError) -> str:
    """What is wrong, field by field."""
    return "; ".join(
        f"{field}: {' '.join(messages)}" for field, messages in error.message_dict.items()
    )


TABLES = {SystemRecord: "systems.csv", EvalRecord: "evals.csv", FlagRecord: "flags.csv"}


def _rejected(record: SystemRecord | EvalRecord | FlagRecord, reason: str) -> RejectedRow:
    raw = record.eval if isinstance(record, FlagRecord) else record.slug
    reason = f"{TABLES[type(record)]}, line {record.line}: {reason}"
    return RejectedRow(line=record.line, reason=reason, raw=raw)
