"""Why a score that may be stored is not counted before a person has looked at it.

How far from its expectation a score is held was chosen by `python -m tests.bench.judgement`, in
which every score comes to models fitted without it. Of the 1,308 genuine scores of the shipped
catalog, 0.99, 0.46, 0.23 and 0.15% are held beyond 3, 4, 4.5 and 5 standard deviations, of the
1,324 of a public table 0.91, 0.15, 0 and 0%. At 4.5, which keeps both below 0.3%, and with readings
in other units looked for besides, 96% of the catalog's percentages above 20 are held when they come
as proportions, 23 of its 25 times when they come in seconds and 24 when in hours, 72% of the
shares that differ by more than 30 points from their complement when that comes in their place, and
36% of the scores that come with the value of another system: the nearest one that is more than 30
points away. What a model cannot tell from a genuine score, nobody is asked about.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from math import inf

from evals import expectations
from evals.expectations import Expectation
from evals.models import Eval, System
from evals.records import ScoreRecord
from evals.selectors.counting import dated_values
from evals.services.names import NameBook
from evals.services.peers import Peers, comparable
from evals.services.precision import doubtful_error, own_error
from evals.services.units import foreign_unit, other_readings

# Beyond this many standard deviations a broken pipeline is likelier than a breakthrough.
MOST_Z = 4.5
# A score that differs from the one that counts by this many of their own errors confirms it.
AGREES = 2.0
LEAST_ERROR = 1.0
# A value is odd beyond so many deviations of what is expected, or of what its peers score; it is
# held for that only where another unit would take it to less than half as many.
ODD, ODD_AMONG_PEERS = 3.0, 3.5
# A system may be measured before its release. In the shipped catalog 6 of 1,308 scores are, by 19
# to 84 days: previews and system cards. More than twice that is rather a wrong date or system.
LONGEST_PREVIEW = dt.timedelta(days=180)
MOST_REMEMBERED = 50_000

Range = tuple[float, float]
EVERYTHING: Range = (-inf, inf)


class Doubts:
    """The doubts of one import, which knows the systems and one release's expectations.

    limit: standard deviations from its expectation within which a score is not held.
    """

    def __init__(self, *, limit: float = MOST_Z) -> None:
        self._judge = expectations.judge()
        self._limit = limit
        self._earliest: dict[str, dt.date] | None = None
        self._released: dict[str, dt.date] = {}
        self._ranges: dict[tuple[str, str], Range] = {}
        self._unexpected: dict[str, Range] = {}
        self._counted: dict[str, Sequence[tuple[dt.date, float]]] = {}

    def learn(self, book: NameBook) -> None:
        """Know the systems of a book too, which the database may not have yet."""
        systems = [match.target for match in book.systems.written.values()]
        self._know({system.slug: system.released_on for system in systems})

    def about(self, record: ScoreRecord, system: str, item: Eval) -> str:
        """Why to hold a record that is in the eval's unit, with the numbers; empty for no doubt."""
        if record.unit and (why := foreign_unit(record, item)):
            return why
        if record.higher_is_better is not None and (why := _other_direction(record, item)):
            return why
        earliest = self._earliest if self._earliest is not None else self._know_systems()
        # A system that was declared a moment ago may have no day yet.
        if system in earliest and record.observed_on < earliest[system]:
            return self._too_early(record, system)
        if record.n_items is not None and (why := doubtful_error(record, item)):
            return why
        key = (system, item.slug)
        low, high = (
            self._unexpected.get(item.slug) or self._ranges.get(key) or self._range(key, item)
        )
        if low <= record.value <= high:
            return ""
        expected = self._judge.cell(*key)
        why = self._other_unit(record, system, item, expected)
        return why or _surprise(record, item, expected, self._limit)

    def _range(self, key: tuple[str, str], item: Eval) -> Range:
        """Between which values there is no need to look closer; asked once a cell.

        Or once an eval, where nothing is expected of any system on it.
        """
        if item.slug not in self._judge.evals():
            self._unexpected[item.slug] = between = _in_one_unit(EVERYTHING, item)
            return between
        expected = self._judge.cell(*key)
        if len(self._ranges) >= MOST_REMEMBERED:
            self._ranges.clear()
        within = EVERYTHING if expected is None else expected.within(self._limit)
        self._ranges[key] = between = _in_one_unit(within, item)
        return between

    def _other_unit(
        self, record: ScoreRecord, system: str, item: Eval, expected: Expectation | None
    ) -> str:
        """Whether a value without a unit reads much better in another one."""
        if record.unit:
            return ""
        error = own_error(record, item)
        peers = Peers.of(item, self._scores(item.slug), self._released.get(system))
        for unit, value in other_readings(record.value, item):
            among = None if peers is None else (abs(peers.z(record.value)), abs(peers.z(value)))
            if among is not None and among[1] > ODD_AMONG_PEERS:
                continue
            read = (
                f"unit: the value {record.value:g} has none; as {_an(unit)} it is {value:g}, and "
            )
            if expected is not None:
                own, other = (abs(expected.z(v, error)) for v in (record.value, value))
                if own > ODD and other < own / 2 and not _confirmed(expected, record.value, error):
                    ends = expected.within(self._limit)
                    return f"{read}{expected.said_by} expects {_interval(item, ends)}"
                if other > ODD:
                    continue
            if among is not None and peers is not None:
                own, other = among
                if own > ODD_AMONG_PEERS and other < own / 2:
                    return read + _lie(peers)
        return ""

    def _scores(self, item: str) -> Sequence[tuple[dt.date, float]]:
        """The dated scores that count on an eval: the release's, else the database's."""
        if item not in self._counted:
            known = self._judge.counted(item)
            self._counted[item] = dated_values(item) if known is None else known
        return self._counted[item]

    def _know_systems(self) -> dict[str, dt.date]:
        """The day of each system before which no score of it is expected."""
        return self._know(dict(System.objects.values_list("slug", "released_on")))

    def _know(self, released: dict[str, dt.date]) -> dict[str, dt.date]:
        earliest = self._earliest = self._earliest or {}
        self._released.update(released)
        for slug, day in released.items():
            earliest[slug] = max(day, dt.date.min + LONGEST_PREVIEW) - LONGEST_PREVIEW
        return earliest

    def _too_early(self, record: ScoreRecord, system: str) -> str:
        released = self._released[system]
        days = (released - record.observed_on).days
        return (
            f"date: observed on {record.observed_on}, {days} days before the release of {system} "
            f"on {released}; up to {LONGEST_PREVIEW.days} are taken for a preview"
        )


def _in_one_unit(between: Range, item: Eval) -> Range:
    """A range without the values that may be meant in another unit than the eval's."""
    low, high = between
    if not comparable(item):
        return between
    if item.scale != Eval.Scale.LOG:
        # Up to 1 a percentage may be a proportion.
        return max(low, 1.0 + 1e-9), high
    # Any time may be one in another unit: each is looked at.
    return (inf, -inf) if next(other_readings(1.0, item), None) else between


def _other_direction(record: ScoreRecord, item: Eval) -> str:
    higher = item.direction == Eval.Direction.HIGHER
    if record.higher_is_better == higher:
        return ""
    said = "higher" if record.higher_is_better else "lower"
    return f"direction: the source says that {said} is better, {item.slug} is the other way round"


def _surprise(record: ScoreRecord, item: Eval, expected: Expectation | None, limit: float) -> str:
    """Why a value lies too far from its expectation; empty where it does not, or confirms one."""
    if expected is None:
        return ""
    value, error = record.value, own_error(record, item)
    z = expected.z(value, error)
    # Written so that a value without points, whose z is no number, is none of these.
    if not abs(z) > limit or _confirmed(expected, value, error):
        return ""
    points, sd = expected.points.of(value), expected.deviation(value, error)
    return (
        f"expectation: {value:g} is {points:.1f} points where {expected.said_by} expects "
        f"{expected.expected:.1f} ± {sd:.1f}, a residual of {points - expected.expected:+.1f} "
        f"points or {z:+.1f} standard deviations; up to {limit:g}, "
        f"{_interval(item, expected.within(limit, expected.error(value, error)))}, is accepted"
    )


def _confirmed(expected: Expectation, value: float, error: float | None) -> bool:
    """Whether the score that counts for the cell says the same, within the errors of both."""
    return expected.confirmed(value, error, within=AGREES, least=LEAST_ERROR)


def _interval(item: Eval, ends: Range) -> str:
    """Values from one end to another, in the eval's unit and within its bounds."""
    low = max(ends[0], -inf if item.lower is None else item.lower)
    high = min(ends[1], inf if item.upper is None else item.upper)
    if low == -inf:
        return f"{high:.4g} at most"
    return f"{low:.4g} at least" if high == inf else f"{low:.4g} to {high:.4g}"


def _lie(peers: Peers) -> str:
    return (
        f"the {len(peers.values)} scores of {peers.item.slug} that count for systems of its time "
        f"lie from {peers.values[0]:g} to {peers.values[-1]:g}"
    )


def _an(unit: str) -> str:
    return f"a {unit}" if unit == "proportion" else unit
