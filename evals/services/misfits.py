"""Scores of one system that each may be, and together cannot: rather another system's.

A row under the wrong name is often no further from its expectation than a genuine one may be, and a
whole run of them is. So what a run says of a system on several evals is judged together, by the sum
of its squared standard deviations: a chi-square, where the deviations have nothing in common. What
is not known of a system itself they have in common, so only a system is judged so that is known.

`python -m tests.bench.judgement` measured it on the shipped catalog. No genuine score is held by
this, neither in five parts that come to models fitted without them nor where all but 2, 5 or 8
scores of each system come at once; without FEWEST_MEASURED, 13 percent would be where 2 are known.
Of 75 vectors under the name of another system, more than 20 percentage points away on average, it
holds 49; by themselves a quarter of such scores is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from math import isnan
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from scipy.special import chdtri

from evals.expectations import Expectation, Judge, judge
from evals.models import Eval
from evals.services.doubts import AGREES, LEAST_ERROR, MOST_Z
from evals.services.precision import Stated, own_error

FEWEST = 3
CHANCE = 1e-5
FEWEST_MEASURED = 5
ROWS_AT_ONCE = 2_000

# The first row of each cell. What may be in another unit, or is a copy, says nothing of the name.
_CELLS = """
SELECT DISTINCT ON (import_run_id, system, eval)
    import_run_id, system, eval, value, stderr, low, high, n_items
FROM evals_stagedscore
WHERE batch = ANY(%(batches)s) AND eval = ANY(%(evals)s)
AND (hold = '' OR hold LIKE 'expectation: %%')
ORDER BY import_run_id, system, eval, place, line
"""
_HOLD = """
UPDATE evals_stagedscore SET hold = misfit.why
FROM unnest(%(runs)s::bigint[], %(systems)s::text[], %(why)s::text[]) AS misfit (run, system, why)
WHERE batch = ANY(%(batches)s) AND import_run_id = misfit.run
AND evals_stagedscore.system = misfit.system AND hold = ''
"""


class _Stated(NamedTuple):
    """What a staged score says of itself: a model of each would take longer than its judgement."""

    value: float
    stderr: float | None
    low: float | None
    high: float | None
    n_items: int | None


@dataclass(frozen=True)
class Misfit:
    """What `cells` scores of a system come to: the sum of their squared deviations, and by whom."""

    cells: int
    total: float
    said_by: str

    @property
    def limit(self) -> float:
        """What scores under the right name exceed by chance once in 1 / CHANCE vectors."""
        return float(chdtri(self.cells, CHANCE))

    @property
    def held(self) -> bool:
        """Whether these are rather another system's."""
        return self.cells >= FEWEST and self.total > self.limit


def misfit(scores: Iterable[tuple[Expectation, Eval, Stated]]) -> Misfit:
    """How far scores of a system lie from what is expected of them, altogether.

    No score counts for more than one that is held by itself, so that a single wrong one does not
    condemn the others; one that confirms the score that counts speaks for the name.
    """
    cells, total, said_by = 0, 0.0, ""
    for expected, item, score in scores:
        if expected.measured < FEWEST_MEASURED:
            continue
        error = own_error(score, item)
        z = expected.z(score.value, error)
        if not isnan(z):
            cells, said_by = cells + 1, expected.said_by
            same = expected.confirmed(score.value, error, within=AGREES, least=LEAST_ERROR)
            total += 0.0 if same else min(abs(z), MOST_Z) ** 2
    return Misfit(cells, total, said_by)


def hold_misfits(batches: Sequence[UUID]) -> int:
    """Hold the staged scores of every system that rather are another's; how many.

    Each import is judged by itself. Needs a transaction.
    """
    judging = judge()
    evals = judging.evals()
    if not evals:
        return 0
    # All is read before the first is held, since it is read from what that changes.
    found = [one for one in _vectors(batches, judging, evals) if one[-1].held]
    return _hold(batches, found) if found else 0


def _vectors(
    batches: Sequence[UUID], judging: Judge, evals: Iterable[str]
) -> Iterator[tuple[int, str, Misfit]]:
    """(run, system, what its staged scores come to), of however many a few rows in memory."""
    items: Mapping[str, Eval] = {item.slug: item for item in Eval.objects.filter(slug__in=evals)}
    with connection.chunked_cursor() as cursor:
        cursor.execute(_CELLS, {"batches": list(batches), "evals": list(items)})
        rows = chain.from_iterable(iter(lambda: cursor.fetchmany(ROWS_AT_ONCE), []))
        for (run, system), cells in groupby(rows, itemgetter(0, 1)):
            yield run, system, misfit(_expected(cells, judging, items))


def _expected(
    cells: Iterable[tuple[Any, ...]], judging: Judge, items: Mapping[str, Eval]
) -> Iterator[tuple[Expectation, Eval, Stated]]:
    """The scores of which something is expected, with that."""
    for _run, system, item, *facts in cells:
        expected = judging.cell(system, item)
        if expected is not None:
            yield expected, items[item], _Stated(*facts)


def _hold(batches: Sequence[UUID], found: Sequence[tuple[int, str, Misfit]]) -> int:
    runs, systems, why = zip(*((r, s, _why(s, total)) for r, s, total in found), strict=True)
    given: dict[str, Any] = {
        "batches": list(batches),
        "runs": list(runs),
        "systems": list(systems),
        "why": list(why),
    }
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, given)
        return int(cursor.rowcount)


def _why(system: str, found: Misfit) -> str:
    return (
        f"vector: {found.cells} scores of {system} in this import lie too far together from what "
        f"{found.said_by} expects of them, {found.total:.1f} squared standard deviations where up "
        f"to {found.limit:.1f} are accepted; they may be another system's"
    )
