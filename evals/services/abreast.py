"""The merge of a large run, abreast of its reading: what is staged is stored while more is read.

It is one transaction all the same, on a connection and a thread of its own, and commits with the
end of the merge or not at all. Storing and reading each take a core, so a large file takes hardly
longer than the slower of the two.

What it stores is dated when it begins, as that of any merge. Where the end finds a score in doubt
that was stored ahead without, the whole is undone, and the run is merged after its last row.

A transaction that lasts as long as a file must not hold others up. Where it would wait for another
that stores the same rows, or another waits for it, it gives up, and so it does after `LONGEST`; the
run is then merged after its last row as any other. So it is where anything is left to store.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from evals.models import ImportRun
from evals.services import leases, merging
from evals.services.merging import Ahead

logger = logging.getLogger(__name__)

# A run of fewer rows is merged in a moment.
LEAST_ROWS = 50_000
# What is stored is dated when storing begins, and must not be seen much later than that.
LONGEST = dt.timedelta(minutes=5)

_WAITED_FOR = (
    "SELECT EXISTS (SELECT FROM pg_locks l"
    " WHERE NOT l.granted AND pg_backend_pid() = ANY (pg_blocking_pids(l.pid)))"
)


class NotAbreast(Exception):
    """What was stored ahead is not what is to be stored, now that all is known."""


class Abreast:
    """The merge of one run. It begins with the first `follow`, and ends with the block."""

    def __init__(self, run: ImportRun) -> None:
        self._run = run
        self._ahead = Ahead(at=timezone.now())
        self._transaction = ExitStack()
        self._thread: ThreadPoolExecutor | None = None
        self._last: Future[None] | None = None
        self._upto = 0
        self._given_up = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._thread is not None:
            self._upto = 0
            self._thread.submit(self._leave)
            self._thread.shutdown()

    def follow(self, upto: int) -> None:
        """Store what is staged and committed, up to a place in the batch; it does not wait."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "merge")
        self._upto = upto
        self._last = self._thread.submit(self._catch_up)

    def drop(self, why: str) -> None:
        """Undo what is stored: the run is not to be merged like this after all."""
        if self._thread is not None:
            self._upto = 0
            self._thread.submit(self._give_up, NotAbreast(why))

    def finish(self, end: Callable[[Ahead], None], *, place: int) -> bool:
        """Have the merge ended by `end`, in its transaction, and committed; whether it could be.

        It cannot where scores up to `place`, that of the run's last one, are not all stored. The
        lease is kept until the merge has caught up; then `end` must hold the run. What `end`
        raises is raised here, but for NotAbreast and what the database did not let it do.
        """
        if self._thread is None or self._last is None:
            return False
        while wait([self._last], leases.RENEW.total_seconds()).not_done:
            leases.renew(self._run)
        return self._thread.submit(self._end, end, place).result()

    def _catch_up(self) -> None:
        if self._given_up or self._ahead.upto >= self._upto:
            return
        try:
            if self._ahead.upto == 0:
                self._begin()
            reason = f"import {self._run.pk}"
            merging.add_ahead(self._ahead, self._run.batch, upto=self._upto, reason=reason)
            self._check_others()
        except Exception as error:
            # Whatever it is: the run can be merged without what is stored here.
            self._give_up(error)

    def _begin(self) -> None:
        self._transaction.callback(connection.close)
        self._transaction.enter_context(transaction.atomic())
        merging.prepare(hasty=True)
        self._ahead.at = timezone.now()

    def _check_others(self) -> None:
        """NotAbreast where this holds somebody up, or lasts too long."""
        if timezone.now() - self._ahead.at > LONGEST:
            raise NotAbreast(f"it is read for longer than {LONGEST}")
        with connection.cursor() as cursor:
            cursor.execute(_WAITED_FOR)
            if cursor.fetchone() == (True,):
                raise NotAbreast("somebody waits for it")

    def _end(self, end: Callable[[Ahead], None], place: int) -> bool:
        if self._given_up:
            return False
        try:
            if self._ahead.upto != place:
                raise NotAbreast(f"stored up to {self._ahead.upto} of {place}")
            end(self._ahead)
            self._transaction.close()
        except (NotAbreast, DatabaseError) as error:
            self._give_up(error)
            return False
        return True

    def _give_up(self, error: Exception) -> None:
        if self._given_up:
            return
        logger.info("Import %s is merged when it is read: %s", self._run.pk, error)
        self._given_up = True
        self._leave()

    def _leave(self) -> None:
        """Roll back what is not committed; without harm where there is nothing."""
        if connection.in_atomic_block:
            transaction.set_rollback(True)
        self._transaction.close()
