"""Runs that come under the name of another system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from scipy.stats import chi2

from evals import expectations
from evals.expectations import Expectation, NoJudge
from evals.models import Alias, Decision, Eval, ImportRun, Score, System
from evals.services import misfits
from evals.services.held import resolve_held_rows
from evals.services.misfits import Misfit, misfit
from tests.evals.conftest import counts, imported
from tests.evals.tables import score, write
from tests.evals.test_doubts import Plain

# 50 ± 4 points, which are the values; the score that counts there is far from both.
KNOWN = Expectation(50.0, 4.0, 4.0, 0.0, 10.0, Plain(), "release 9", measured=5)


class Fifties(NoJudge):
    """Expects that of every cell."""

    expected = KNOWN

    def evals(self) -> Sequence[str]:
        """All but the one in minutes."""
        return list(Eval.objects.exclude(slug="horizon").values_list("slug", flat=True))

    def cell(self, system: str, item: str) -> Expectation | None:  # type: ignore[override]
        """As the class says."""
        return self.expected


@pytest.fixture
def judge(names: None) -> Iterator[Fifties]:
    """That judge, and six evals more."""
    item = Eval.objects.get(slug="gpqa-diamond")
    for number in range(6):
        item.pk, item.slug, item.name = None, f"e-{number}", f"E {number}"
        item.save(force_insert=True)
    before, found = list(expectations._makers), Fifties()
    expectations.register(lambda: found)
    yield found
    expectations._makers[:] = before


def run_of(folder: Path, *values: float, system: str = "gpt-4o") -> ImportRun:
    """The import of a system's scores on as many evals."""
    lines = [score(v, system=system, eval=f"e-{n}") for n, v in enumerate(values)]
    return imported(write(folder / "a.csv", lines))


@pytest.mark.usefixtures("judge")
def test_it_holds_scores_that_each_may_be_and_together_cannot(tmp_path: Path) -> None:
    assert counts(run_of(tmp_path, 62, 62, 62, 50)) == (4, 4, 0, 0, 0)
    run = run_of(tmp_path, 63, 63, 37, 63)
    assert counts(run) == (4, 0, 0, 4, 0)
    (why,) = set(Decision.objects.filter(score__import_run=run).values_list("reason", flat=True))
    assert why == (
        "vector: 4 scores of gpt-4o in this import lie too far together from what release 9 "
        "expects of them, 42.2 squared standard deviations where up to 28.5 are accepted; they may "
        "be another system's"
    )


@pytest.mark.usefixtures("judge")
def test_it_judges_a_system_whole_however_its_rows_are_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(misfits, "ROWS_AT_ONCE", 2)
    other = System.objects.get()
    other.pk, other.slug, other.name = None, "a-first", "A First"
    other.save(force_insert=True)
    lines = [
        score(value, system=system, eval=f"e-{n}")
        for system, value in (("a-first", 50), ("gpt-4o", 63))
        for n in range(5)
    ]
    assert counts(imported(write(tmp_path / "a.csv", lines))) == (10, 5, 0, 5, 0)


@pytest.mark.usefixtures("judge")
def test_it_judges_held_rows_together_once_their_name_is_decided(tmp_path: Path) -> None:
    run_of(tmp_path, 63, 63, 63, 63, system="Mystery")
    Alias.objects.create(name="Mystery", system=System.objects.get())
    resolve_held_rows()
    assert set(Score.objects.values_list("decisions__status", flat=True)) == {"held"}


def test_it_judges_no_system_of_which_little_is_known(tmp_path: Path, judge: Fifties) -> None:
    judge.expected = replace(KNOWN, measured=misfits.FEWEST_MEASURED - 1)
    assert counts(run_of(tmp_path, 63, 63, 63, 63)) == (4, 4, 0, 0, 0)


def test_a_score_counts_for_no_more_than_the_limit_and_one_that_confirms_for_nothing() -> None:
    item = Eval(slug="e", lower=0, upper=100)
    values = {63: 3.25**2, 99: 4.5**2, 10.5: 0.0}
    for value, squared in values.items():
        assert misfit([(KNOWN, item, Score(value=value))]) == Misfit(1, squared, "release 9")
    three = misfit([(KNOWN, item, Score(value=v)) for v in (63, 99, 10.5)])
    assert (three.cells, three.total) == (3, 3.25**2 + 4.5**2) and three.held
    assert three.limit == pytest.approx(chi2.isf(1e-5, 3)) and not Misfit(2, 999, "").held
