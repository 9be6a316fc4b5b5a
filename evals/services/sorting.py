"""Each record of a file gets its fate: a score, a doubtful score, a held or a rejected row."""

from __future__ import annotations

import datetime as dt
import re

import msgspec

from evals.fingerprint import fingerprint
from evals.models import Eval, ImportRun, Score
from evals.records import RejectedRow, ScoreRecord
from evals.services.doubts import Doubts
from evals.services.judgement import held_hash, refusal, unfit
from evals.services.names import NameBook
from evals.services.staging import HELD, REJECTED, Sorted, packed
from evals.services.units import in_unit_of

LONGEST_RAW = 2000
MOST_REMEMBERED = 100_000


class Sorter:
    """Sorts the records of one run; `sorted` is what has come since it was last taken.

    `place` is that of the last score: places grow as scores are read, also from try to try.

    `doubts` is None where the source is beyond doubt: the shipped catalog's decisions ship with it.
    """

    def __init__(
        self, run: ImportRun, book: NameBook, *, today: dt.date, doubts: Doubts | None
    ) -> None:
        self.turn_to(run)
        self._book = book
        self._today = today
        self._doubts = doubts
        self._systems: dict[str, tuple[str, str] | None] = {}
        self._evals: dict[str, Eval | None] = {}
        self.sorted = Sorted()

    def turn_to(self, run: ImportRun) -> None:
        """Go on with another run, knowing the names that were looked up so far."""
        self._run = run
        # Asked for every row, and a model's `pk` takes its time.
        self._batch, self._run_id = run.batch, run.pk
        self._packed = run.batch.bytes
        # As many were staged before at most.
        self.place = run.rows_staged

    def learn(self, book: NameBook) -> None:
        """Go on with other names."""
        self._book = book
        if self._doubts is not None:
            self._doubts.learn(book)
        self._systems.clear()
        self._evals.clear()

    def take(self, record: ScoreRecord) -> None:
        """Sort a record."""
        if why := unfit(record):
            self._reject(record, why)
            return
        try:
            system, item = self._systems[record.system], self._evals[record.eval]
        except KeyError:
            system, item = self._looked_up(record)
        if system is None or item is None:
            self._set_aside(record)
            return
        slug, extra = system
        if extra or record.harness or not record.reported_by:
            record = completed(record, extra)
        if record.unit:
            record = in_unit_of(record, item)
        if why := refusal(record, item, self._today):
            self._reject(record, why)
            return
        hold = self._doubts.about(record, slug, item) if self._doubts is not None else ""
        self._stage(record, slug, item.slug, hold)

    def take_sorted(self) -> Sorted:
        """What was sorted since this was last asked."""
        taken, self.sorted = self.sorted, Sorted()
        return taken

    def reject(self, row: RejectedRow) -> None:
        """Keep a row that the reader or somebody else refused."""
        raw = row.raw[:LONGEST_RAW].replace("\0", "\N{REPLACEMENT CHARACTER}")
        self.sorted.rows.append(
            (self._batch, REJECTED, row.line, "", "", raw, row.reason[:LONGEST_RAW], "")
        )

    def _looked_up(self, record: ScoreRecord) -> tuple[tuple[str, str] | None, Eval | None]:
        """(slug and elicitation of the system, eval) of a record's names, kept for the next."""
        for remembered in (self._systems, self._evals):
            if len(remembered) >= MOST_REMEMBERED:
                remembered.clear()
        if record.system not in self._systems:
            found = self._book.system(record.system)
            known = (found.target.slug, found.elicitation) if found else None
            self._systems[record.system] = known
        if record.eval not in self._evals:
            item = self._book.eval(record.eval)
            self._evals[record.eval] = item.target if item else None
        return self._systems[record.system], self._evals[record.eval]

    def _set_aside(self, record: ScoreRecord) -> None:
        """Hold a record of unknown names, or reject it where they are to be ignored."""
        if why := self._book.ignoring(record):
            self._reject(record, why)
            return
        reason = f"line {record.line}: no alias knows {self._book.unknown(record)}"
        self.sorted.rows.append(
            (
                self._batch,
                HELD,
                record.line,
                record.system,
                record.eval,
                msgspec.json.encode(record).decode(),
                reason,
                held_hash(record),
            )
        )

    def _reject(self, record: ScoreRecord, why: str) -> None:
        reason = f"{self._run.name}, line {record.line}: {why}"
        raw = msgspec.json.encode(record).decode(errors="replace")
        self.reject(RejectedRow(line=record.line, reason=reason, raw=raw))

    def _stage(self, r: ScoreRecord, system: str, item: str, hold: str) -> None:
        self.place += 1
        self.sorted.scores.append(
            (
                self._packed,
                self._run_id,
                r.line,
                None,
                system,
                item,
                r.value,
                r.stderr,
                r.low,
                r.high,
                r.uncertainty,
                r.n_items,
                r.n_items_text,
                r.elicitation,
                r.reported_by,
                packed(r.observed_on),
                r.source_url,
                r.note,
                r.external_id,
                fingerprint(r, system=system, item=item),
                hold,
                self.place,
            )
        )


def completed(record: ScoreRecord, extra: str) -> ScoreRecord:
    """The record with what its name and its harness say put into its elicitation."""
    parts = [record.elicitation]
    for part in (extra, record.harness):
        if part and not _says(record.elicitation, part):
            parts.append(part)
    return msgspec.structs.replace(
        record,
        elicitation="; ".join(part for part in parts if part),
        reported_by=record.reported_by or Score.ReportedBy.UNSTATED.value,
    )


def _says(elicitation: str, part: str) -> bool:
    """Whether an elicitation holds a part as whole words: "tools allowed" does not say "low"."""
    whole = rf"(?<!\w){re.escape(part.casefold())}(?!\w)"
    return re.search(whole, elicitation.casefold()) is not None
