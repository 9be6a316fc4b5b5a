"""The audit read back: what changed from what to what, by whom, where and why."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import ForeignKey, Model, QuerySet
from pghistory.core import event_models

from accounts.models import User

OWN = ("id", "pgh_id", "pgh_created_at", "pgh_label", "pgh_obj", "pgh_context", "pgh_context_id")
# What says which row it is, in the order of preference.
NAMING = ("slug", "name", "number", "user", "group", "permission", "eval", "system", "score")
DELETED = "–"


@dataclass(frozen=True)
class Change:
    """One event. `fields` holds (field, before, after); a value is None where there is none.

    event: insert, update, delete, or baseline for a row that was there before the audit.
    where: the page, the task or the command in which it was done.
    """

    at: dt.datetime
    table: str
    row: str
    event: str
    who: str
    where: str
    reason: str
    fields: tuple[tuple[str, str | None, str | None], ...]


def changes_of(*parts: QuerySet[Any, Any], most: int | None = None) -> list[Change]:
    """The changes that these events tell of, newest first, at most so many.

    Each event is compared with the one before it of the same row.
    """
    found = list(every_change(parts))[::-1]
    return found if most is None else found[:most]


def newest_changes(most: int) -> list[Change]:
    """The newest changes of all that is audited, newest first."""
    parts = []
    for model in event_models():
        newest = model._base_manager.order_by("-pgh_id").values("pgh_id")[:most]
        parts.append(model._base_manager.filter(pgh_id__in=newest))
    return changes_of(*parts, most=most)


def every_change(parts: Iterable[QuerySet[Any, Any]] | None = None) -> Iterator[Change]:
    """Every change of these parts, by default of all that is audited, oldest first."""
    if parts is None:
        parts = [model._base_manager.all() for model in event_models()]
    names = _Names()
    streams = [_of_part(part, names) for part in parts]
    return heapq.merge(*streams, key=lambda change: change.at)


def _of_part(part: QuerySet[Any, Any], names: _Names) -> Iterator[Change]:
    before: dict[object, Any] = {}
    for event in part.order_by("pgh_created_at", "pgh_id").iterator(chunk_size=1000):
        key = _key(event)
        if key not in before and event.pgh_label == "update":
            before[key] = _predecessor(event)
        yield _change(event, before.get(key), names)
        before[key] = event


def _key(event: Any) -> tuple[str, object]:
    """What tells the events of one row from those of others."""
    name = "pgh_obj_id" if hasattr(event, "pgh_obj_id") else "id"
    return name, getattr(event, name)


def _predecessor(event: Any) -> Any:
    """The event of the same row before one that a part begins with."""
    name, value = _key(event)
    earlier = type(event)._base_manager.filter(**{name: value}, pgh_id__lt=event.pgh_id)
    return earlier.order_by("-pgh_id").first()


def _change(event: Any, before: Any, names: _Names) -> Change:
    said: Mapping[str, Any] = event.pgh_context or {}
    tracked = event.pgh_tracked_model._meta
    return Change(
        at=event.pgh_created_at,
        table=str(tracked.verbose_name),
        row=_row(event, names),
        event=event.pgh_label,
        who=names.person(said.get("user")) or str(said.get("operator", "")),
        where=str(said.get("page") or said.get("task") or said.get("command") or ""),
        reason=str(said.get("reason", "")),
        fields=tuple(_fields(event, before, names)),
    )


def _fields(event: Any, before: Any, names: _Names) -> Iterator[tuple[str, str | None, str | None]]:
    """A new row's values, an ended row's, or those that an update has changed."""
    for column in event._meta.concrete_fields:
        if column.name in OWN:
            continue
        now = names.value(column, getattr(event, column.attname))
        if event.pgh_label == "delete":
            yield column.name, now, None
        elif event.pgh_label == "update" and before is not None:
            then = names.value(column, getattr(before, column.attname))
            if then != now:
                yield column.name, then, now
        else:
            yield column.name, None, now


def _row(event: Any, names: _Names) -> str:
    columns = {column.name: column for column in event._meta.concrete_fields}
    found = [
        names.value(columns[name], getattr(event, columns[name].attname))
        for name in NAMING
        if name in columns
    ]
    told = [text for text in found if text]
    return ", ".join(told[:2]) or str(getattr(event, "pgh_obj_id", ""))


@dataclass
class _Names:
    """What rows are called that others point at; each is looked up once."""

    known: dict[tuple[type[Model], object], str] = field(default_factory=dict)

    def value(self, column: Any, value: object) -> str | None:
        """A column's value as a text, None for none."""
        if value is None:
            return None
        if isinstance(column, ForeignKey):
            return self.named(column.related_model, value)
        return str(value)

    def named(self, model: Any, key: object) -> str:
        """A row by its name, or by its key where it is gone."""
        if (model, key) not in self.known:
            row = model._base_manager.filter(pk=key).first()
            self.known[model, key] = str(key) if row is None else _called(row)
        return self.known[model, key]

    def person(self, key: int | None) -> str:
        """A person's name; a dash for one whose account is gone."""
        if key is None:
            return ""
        row = User.objects.filter(pk=key).first() if (User, key) not in self.known else None
        self.known.setdefault((User, key), row.get_username() if row else DELETED)
        return self.known[User, key]


def _called(row: Any) -> str:
    for name in ("slug", "username"):
        if hasattr(row, name):
            return str(getattr(row, name))
    return str(row)


HEAD: Sequence[str] = (
    "at", "table", "row", "event", "field", "before", "after", "who", "where", "reason"
)  # fmt: skip


def csv_rows(changes: Iterable[Change]) -> Iterator[list[str | None]]:
    """A line for every field of every change; one without fields has a line of its own."""
    for change in changes:
        for name, before, after in change.fields or (("", None, None),):
            yield [change.at.isoformat(), change.table, change.row, change.event, name, before,
                   after, change.who, change.where, change.reason]  # fmt: skip
