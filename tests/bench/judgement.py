"""`python -m tests.bench.judgement [--json]`: what is held of genuine scores and of wrong ones.

The genuine scores are the shipped catalog's. They come in five parts, each to the models fitted
without it, so that nothing is judged by itself; the models' menu entries are those of the whole.
Then each is made wrong in the ways that imports are, and comes to the models of all other scores.
A published score table, where it is there, is judged by residuals alone, in the same five parts.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from baskets.engine import Problem, prepare
from baskets.engine.crossvalidate import choose, folds_of
from baskets.engine.expect import Recorded, expected_of
from baskets.engine.impute import DomainTable
from baskets.engine.response import Array, Cells
from evals.records import ScoreRecord
from indexsite import env
from tests.bench import public_table, report, vectors
from tests.bench.apart import measured_apart
from tests.bench.importing import servers
from tests.bench.report import Row

if TYPE_CHECKING:
    from evals.models import Eval
    from evals.services.doubts import Doubts

FOLDER = env.ROOT / "evals" / "catalog"
LIMITS = (3.0, 4.0, 4.5, 5.0)
FOLDS = 5
MOST_HELD = 0.3
# Percentage points by which another system's score must differ to be wrong in any way that matters.
APART = 30.0
# Of percentages above this, taken for proportions.
LARGE = 20.0

Wrong = Callable[["Genuine"], ScoreRecord | None]


@dataclass(frozen=True)
class Genuine:
    """A score of the catalog, its eval, and the other scores on it."""

    record: ScoreRecord
    item: Eval
    others: tuple[ScoreRecord, ...]

    @property
    def percent(self) -> bool:
        """Whether it is a percentage."""
        return self.item.lower == 0 and self.item.upper == 100


def measured() -> list[Row]:
    """Shares of genuine scores that are held, and of wrong ones that are not."""
    with (
        tempfile.TemporaryDirectory(prefix="agi-index-judgement-") as folder,
        servers(Path(folder) / "var"),
    ):
        rows = _of_the_catalog()
    if public_table.PATH.exists():
        rows += _of_the_public_table()
    return rows


def _of_the_catalog() -> list[Row]:
    from evals.services.doubts import MOST_Z

    problem, models = _problem()
    genuine = _genuine()
    rows = []
    for limit in LIMITS:
        held = sum(
            bool(doubts.about(one.record, one.record.system, one.item))
            for fold, doubts in enumerate(_parts(problem, models, limit))
            for one in genuine
            if _fold(one.record) == fold
        )
        target = MOST_HELD if limit == MOST_Z else None
        name = f"genuine scores of the catalog held beyond {limit:g} deviations"
        rows.append(Row(name, 100 * held / len(genuine), "%", target))
    for name, wrong in WRONG.items():
        found = list(_missed(genuine, wrong, problem, models))
        label = f"{name} that pass, of {len(found)}"
        rows.append(Row(label, 100 * float(np.mean(found)), "%"))
    rows += vectors.measured(problem, models, [(one.record, one.item) for one in genuine])
    return rows


def _problem() -> tuple[Problem, dict[str, Recorded]]:
    """The problem of a release of the shipped catalog, and the models that it would record."""
    from baskets.models import Basket
    from baskets.selectors.problems import knowledge
    from baskets.services import releases
    from baskets.services.shipped import load_shipped_baskets
    from evals.services import imports

    run = imports.run_import(imports.create_shipped_run().pk)
    assert run is not None and run.accepted == run.read
    load_shipped_baskets()
    known, day = knowledge(Basket.objects.get(slug="agi")), releases.today()
    versions = releases.in_force(known, day)
    obj, _excluded = known.problem(
        vintage_on=day, versions=versions, observed_only=False, replicates=0
    )
    problem = Problem.from_json(obj)
    reports = prepare(problem).fill.report()
    return problem, {name: Recorded.of(row) for name, row in reports.items()}  # type: ignore[arg-type]


def _genuine() -> list[Genuine]:
    from evals.models import Eval
    from evals.readers import catalog

    items = {item.slug: item for item in Eval.objects.all()}
    records = [one for one in catalog.read(FOLDER) if isinstance(one, ScoreRecord)]
    by_eval = defaultdict(list)
    for record in records:
        by_eval[record.eval].append(record)
    return [
        Genuine(
            record,
            items[record.eval],
            tuple(o for o in by_eval[record.eval] if o.system != record.system),
        )
        for record in records
    ]


def _fold(record: ScoreRecord) -> int:
    return int(folds_of([(record.system, record.eval)])[0])


def _parts(problem: Problem, models: Mapping[str, Recorded], limit: float) -> Iterator[Doubts]:
    """The doubts of whoever knows all cells but those of a fold, fold by fold."""
    folds = folds_of([(score.system, score.eval) for score in problem.scores])
    for fold in range(FOLDS):
        scores = (s for s, own in zip(problem.scores, folds, strict=True) if own != fold)
        yield _doubts(replace(problem, scores=tuple(scores)), models, limit)


def _doubts(problem: Problem, models: Mapping[str, Recorded], limit: float) -> Doubts:
    from baskets.selectors.expectations import Expectations
    from evals import expectations
    from evals.services.doubts import Doubts

    expected = Expectations.of("this release", problem, models)
    expectations.register(lambda: expected)
    return Doubts(limit=limit)


def _missed(
    genuine: list[Genuine], wrong: Wrong, problem: Problem, models: Mapping[str, Recorded]
) -> Iterator[bool]:
    """Whether each wrong score would be accepted: neither refused nor held."""
    from evals.services.doubts import MOST_Z
    from evals.services.judgement import refusal

    doubts = _doubts(problem, models, MOST_Z)
    for one in genuine:
        record = wrong(one)
        if record is not None:
            held = doubts.about(record, record.system, one.item)
            yield not (held or refusal(record, one.item, record.observed_on))


def _times(record: ScoreRecord, factor: float) -> ScoreRecord:
    return msgspec.structs.replace(
        record, value=record.value * factor, stderr=None, low=None, high=None
    )


def _proportion(one: Genuine) -> ScoreRecord | None:
    large = one.percent and one.record.value > LARGE
    return _times(one.record, 0.01) if large else None


def _seconds(one: Genuine) -> ScoreRecord | None:
    return _times(one.record, 60.0) if one.item.unit == "minutes" else None


def _hours(one: Genuine) -> ScoreRecord | None:
    return _times(one.record, 1 / 60) if one.item.unit == "minutes" else None


def _swapped(one: Genuine) -> ScoreRecord | None:
    """The nearest score of another system that is far enough away: the hardest such case."""
    gap = [(abs(other.value - one.record.value), other.value) for other in one.others]
    far = [found for found in gap if found[0] > APART]
    if not one.percent or not far:
        return None
    return msgspec.structs.replace(one.record, value=min(far)[1], stderr=None, low=None, high=None)


def _mirrored(one: Genuine) -> ScoreRecord | None:
    """The share of failures for that of successes, where they differ enough."""
    other = 100 - one.record.value
    if not one.percent or abs(other - one.record.value) <= APART:
        return None
    return msgspec.structs.replace(one.record, value=other, stderr=None, low=None, high=None)


WRONG: dict[str, Wrong] = {
    f"proportions for percentages above {LARGE:g}": _proportion,
    "seconds for minutes": _seconds,
    "hours for minutes": _hours,
    f"scores of another system more than {APART:g} points away": _swapped,
    f"failures for successes more than {APART:g} points away": _mirrored,
}


def _of_the_public_table() -> list[Row]:
    """Shares of its cells that lie beyond the limits from what the others let expect."""
    found = public_table.read()
    chosen = choose(found.cells, found.systems, found.evals, found.kin)
    recorded = Recorded(chosen.entry, chosen.penalties, chosen.shrink)
    cells = found.cells
    names = [(found.systems[s], found.evals[e]) for s, e in _pairs(cells)]
    folds = folds_of(names)
    z = np.concatenate([_arriving(found, recorded, folds == fold) for fold in range(FOLDS)])
    return [
        Row(f"cells of a public table beyond {limit:g} deviations", _beyond(z, limit), "%")
        for limit in LIMITS
    ]


def _pairs(cells: Cells) -> Iterator[tuple[int, int]]:
    return zip(cells.system.tolist(), cells.eval.tolist(), strict=True)


def _arriving(found: public_table.PublicTable, recorded: Recorded, out: Array) -> Array:
    """How many deviations the cells of a part lie from what is expected without them."""
    cells, kept = found.cells, out == 0
    seen = replace(cells, system=cells.system[kept], eval=cells.eval[kept], y=cells.y[kept])
    table = DomainTable(tuple(found.systems), tuple(found.evals), seen, found.kin)
    expected = expected_of(table, recorded)
    at = (cells.system[~kept], cells.eval[~kept])
    known = np.isin(at[0], seen.system)
    miss = 100 * cells.y[~kept] - expected.points[at]
    sd = np.where(miss < 0, expected.below[at], expected.above[at])
    return np.asarray((miss / np.maximum(sd, 1.0))[known])


def _beyond(z: Array, limit: float) -> float:
    return 100 * float(np.mean(np.abs(z) > limit))


def in_own_process() -> list[Row]:
    """The same measured by another process: Django takes the addresses of its servers once."""
    found = measured_apart("tests.bench.judgement", "--json")
    return [Row(**row) for row in found["rows"]]


if __name__ == "__main__":
    rows = measured()
    as_json = json.dumps({"rows": [vars(row) for row in rows]})
    print(as_json if "--json" in sys.argv else report.table(rows))
