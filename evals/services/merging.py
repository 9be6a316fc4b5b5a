"""From staging into the record: each step one statement over a whole batch, nothing twice.

Every function needs a transaction. Rows are merged in the order of their hashes, so that two
workers with the same rows wait for each other instead of locking each other out; what is stored
already, by whomever, stays as it is.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction

from evals.models import Decision
from evals.selectors.queues import OPEN_ROW
from evals.services.restating import restate_held_rows
from evals.services.staging import HELD, REJECTED, SCORE_COLUMNS

_LEFT_BEHIND = ("batch", "system", "eval", "hold", "place")
_TAKEN = [name for name, _type in SCORE_COLUMNS if name not in _LEFT_BEHIND]
_INTO = f"INSERT INTO evals_score (system_id, eval_id, recorded_at, {', '.join(_TAKEN)})"
_WAITING = (
    f" s.id, e.id, %(at)s, {', '.join('t.' + name for name in _TAKEN)} FROM evals_stagedscore t"
    # A name that is gone leaves a NULL, and the whole merge fails, rather than a row.
    " LEFT JOIN evals_system s ON s.slug = t.system LEFT JOIN evals_eval e ON e.slug = t.eval"
    " WHERE t.batch = ANY(%(batches)s) AND {which}"
)
# Of rows with the same content the first one of the first import is stored.
_FIRST = "t.import_run_id, t.place, t.line"
_INSERT = (
    f"{_INTO} SELECT {_WAITING} ORDER BY t.content_hash, {_FIRST}"
    " ON CONFLICT (content_hash, observed_on) DO NOTHING RETURNING {told}"
)
# A quarter faster where nothing is stored yet; else it fails.
_INSERT_NEW = (
    f"{_INTO} SELECT DISTINCT ON (t.content_hash, t.observed_on) {_WAITING}"
    f" ORDER BY t.content_hash, t.observed_on, {_FIRST} RETURNING {{told}}"
)
_BETWEEN = "t.hold = '' AND t.place > %(above)s AND t.place <= %(upto)s"
_PART = _INSERT.format(which=_BETWEEN, told="id")
_PART_NEW = _INSERT_NEW.format(which=_BETWEEN, told="id")
Batches = uuid.UUID | Sequence[uuid.UUID]
_DECIDE = "INSERT INTO evals_decision (score_id, at, status, reason)"
_ACCEPT = f"WITH new AS ({{new}}) {_DECIDE} SELECT id, %(at)s, %(status)s, {{why}} FROM new"  # noqa: S608


def prepare(*, hasty: bool = False) -> None:
    """Settings of this transaction: room for sorting, and an end where the worker is dead.

    hasty: fail instead of waiting for others, until `wait_for_others`. Sooner than the server looks
    for a deadlock, so that it is never the other one that fails.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("SET LOCAL client_connection_check_interval = '2s'")
        if hasty:
            cursor.execute("SET LOCAL lock_timeout = '500ms'")


def wait_for_others() -> None:
    """End the haste: what is waited for from here on waits for nothing of ours."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


def add_scores(batch: Batches, *, at: dt.datetime, reason: str = "") -> int:
    """Store the scores of batches about which there is no doubt, accepted; how many were new.

    Without a reason the import is each score's own.
    """
    told = "id" if reason else "id, import_run_id"
    new = _INSERT.format(which="t.hold = ''", told=told)
    why = "%(reason)s" if reason else "'import ' || import_run_id"
    return _add(
        _ACCEPT.format(new=new, why=why),
        batches=_listed(batch),
        at=at,
        status=Decision.Status.ACCEPTED,
        reason=reason,
    )


def add_doubtful_scores(batch: Batches, *, at: dt.datetime) -> int:
    """Store the other scores of batches, held with their reasons; how many were new."""
    new = _INSERT.format(which="t.hold <> ''", told="id, content_hash")
    return _add(
        f"WITH new AS ({new}), why AS (SELECT DISTINCT ON (content_hash) content_hash, hold"  # noqa: S608
        " FROM evals_stagedscore WHERE batch = ANY(%(batches)s) AND hold <> ''"
        " ORDER BY content_hash, place, line)"
        f" {_DECIDE} SELECT new.id, %(at)s, %(status)s, why.hold"
        " FROM new JOIN why USING (content_hash) ORDER BY new.id",
        batches=_listed(batch),
        at=at,
        status=Decision.Status.HELD,
    )


def add_held_rows(batch: uuid.UUID, *, run: int, at: dt.datetime) -> int:
    """Store the batch's rows of unknown names; how many do not wait already.

    Needs the lock of `superseding`: what another merge stores at this moment counts as there.
    """
    restate_held_rows(batch, run=run)
    return _run(
        "INSERT INTO evals_heldrow (import_run_id, line,"  # noqa: S608
        " system_name, eval_name, record, reason,"
        " content_hash, recorded_at) SELECT DISTINCT ON (t.content_hash) %(run)s, t.line,"
        " t.system_name, t.eval_name, t.raw::jsonb, t.reason, t.content_hash, %(at)s"
        " FROM evals_stagedrow t WHERE t.batch = %(batch)s AND t.kind = %(kind)s AND NOT EXISTS"
        f" (SELECT FROM evals_heldrow h WHERE h.content_hash = t.content_hash AND {OPEN_ROW})"
        " ORDER BY t.content_hash, t.line",
        batch=batch,
        run=run,
        at=at,
        kind=HELD,
    )


def add_rejections(batch: uuid.UUID, *, run: int) -> int:
    """Store the batch's rows that could not be used; how many they are."""
    return _run(
        "INSERT INTO evals_rejection (import_run_id, line, reason, raw)"
        " SELECT %(run)s, line, reason, raw FROM evals_stagedrow"
        " WHERE batch = %(batch)s AND kind = %(kind)s ORDER BY line",
        batch=batch,
        run=run,
        kind=REJECTED,
    )


@dataclass
class Ahead:
    """Scores of a batch that are stored already, accepted: those without doubt, up to a place.

    new: how many were not stored before. fresh: whether that holds of all of them.
    """

    at: dt.datetime
    upto: int = 0
    new: int = 0
    fresh: bool = True


def add_ahead(ahead: Ahead, batch: uuid.UUID, *, upto: int, reason: str) -> None:
    """Store the next scores of a batch, up to a place, about which there is no doubt."""
    given: dict[str, Any] = {
        "batches": [batch],
        "above": ahead.upto,
        "upto": upto,
        "at": ahead.at,
        "status": Decision.Status.ACCEPTED,
        "reason": reason,
    }
    new = None
    if ahead.fresh:
        try:
            with transaction.atomic():
                new = _add(_ACCEPT.format(new=_PART_NEW, why="%(reason)s"), **given)
        except IntegrityError:
            # One was stored before, or another import stores it: then more will be so.
            ahead.fresh = False
    if new is None:
        new = _add(_ACCEPT.format(new=_PART, why="%(reason)s"), **given)
    ahead.upto, ahead.new = upto, ahead.new + new


def _listed(batch: Batches) -> list[uuid.UUID]:
    return [batch] if isinstance(batch, uuid.UUID) else list(batch)


def _add(statement: str, **values: Any) -> int:
    """Add scores; how many decisions came with them.

    The statistics know nothing of rows that were staged a moment ago: the planner takes a million
    for a few, and would compare each with every system and every eval in turn.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(statement, values)
        new = int(cursor.rowcount)
        cursor.execute("SET LOCAL enable_nestloop = on")
    return new


def _run(statement: str, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
