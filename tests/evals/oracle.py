"""What counts, worked out from the rule's words alone: slowly, by looking at everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

HIGHEST = 100.0


class Row(NamedTuple):
    """One result as a source writes it; `unknown` is a system that no alias knows at first."""

    value: float
    day: int = 1
    identity: str = ""
    doubtful: bool = False
    unknown: bool = False

    @property
    def content(self) -> Content:
        """What makes it this score once its name is known."""
        return Content(self.value, self.day, self.identity)


class Content(NamedTuple):
    """A score; all are of one system on one eval."""

    value: float
    day: int
    identity: str


def about_the_same(a: Content, b: Content) -> bool:
    """Whether two scores are about the same result."""
    if a.identity and b.identity:
        return a.identity == b.identity
    return a.day == b.day


@dataclass
class HeldEntry:
    """A row that waits, or waited, and the runs that state it."""

    row: Row
    runs: set[int]
    ended: str = ""


@dataclass
class Oracle:
    """All that was ever stated, and the rule asked of it.

    `source` and `withdrawn` are by run. `verdict` is empty, "held" or "rejected".
    """

    source: dict[int, str] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)
    stated: dict[Content, set[int]] = field(default_factory=dict)
    verdict: dict[Content, str] = field(default_factory=dict)
    held: list[HeldEntry] = field(default_factory=list)
    name_known: bool = False

    def runs(self, content: Content, source: str = "") -> set[int]:
        """The imports that state a score and are not withdrawn."""
        live = self.stated[content] - self.withdrawn
        return {run for run in live if source in ("", self.source[run])}

    def takes_the_place(self, new: Content, old: Content, source: str) -> bool:
        """Whether a source says `new` now where it said `old`."""
        before, after = self.runs(old, source), self.runs(new, source)
        return (
            new != old
            and about_the_same(new, old)
            and not self.verdict[new]
            and not before & after
            and any(run > max(before) for run in after if before)
        )

    def status(self, content: Content) -> str:
        """What the newest decision about a score must say."""
        if self.verdict[content]:
            return self.verdict[content]
        sources = {self.source[run] for run in self.runs(content)}
        if not sources:
            return "withdrawn"
        said_otherwise = (
            any(self.takes_the_place(new, content, source) for new in self.stated)
            for source in sources
        )
        return "superseded" if all(said_otherwise) else "accepted"

    def waiting(self) -> list[HeldEntry]:
        """The rows of unknown names that wait."""
        return [entry for entry in self.held if not entry.ended and entry.runs - self.withdrawn]

    def merge(self, run: int, source: str, rows: Iterable[Row]) -> None:
        """An import states its rows."""
        self.merge_together({run: (source, list(rows))})

    def merge_together(self, runs: Mapping[int, tuple[str, list[Row]]]) -> None:
        """Several imports state their rows at the same time."""
        self.source |= {run: source for run, (source, _rows) in runs.items()}
        known = {
            run: [row for row in rows if self.name_known or not row.unknown]
            for run, (_source, rows) in runs.items()
        }
        self._state(
            {run: [row for row in rows if row.value <= HIGHEST] for run, rows in known.items()}
        )
        for run, (_source, rows) in runs.items():
            for row in set(rows) - set(known[run]):
                self._hold(run, row)

    def _hold(self, run: int, row: Row) -> None:
        twins = [entry for entry in self.waiting() if entry.row == row]
        for entry in twins:
            entry.runs.add(run)
        if not twins:
            self.held.append(HeldEntry(row, {run}))

    def resolve(self) -> None:
        """The unknown name is known now."""
        self.name_known = True
        ending = self.waiting()
        for entry in ending:
            entry.ended = "rejected" if entry.row.value > HIGHEST else "scored"
        rows: dict[int, list[Row]] = {}
        for entry in ending:
            for run in entry.runs if entry.ended == "scored" else ():
                rows.setdefault(run, []).append(entry.row)
        self._state(rows)

    def _state(self, rows: dict[int, list[Row]]) -> None:
        """Runs state rows at the same time: what one of them does not doubt is not in doubt."""
        together = [row for run in rows.values() for row in run]
        before = {content: self.status(content) for content in self.stated}
        for content in {row.content for row in together}:
            doubtful = all(row.doubtful for row in together if row.content == content)
            if content not in before:
                self.verdict[content] = "held" if doubtful else ""
            elif doubtful and before[content] in ("withdrawn", "superseded"):
                self.verdict[content] = "held"
        for run, said in rows.items():
            for row in said:
                self.stated.setdefault(row.content, set()).add(run)
