"""Scores that may be stored and yet are looked at before they count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from accounts.models import User
from evals import expectations
from evals.expectations import Expectation, NoJudge
from evals.models import Decision, Eval, Score
from evals.records import ScoreRecord
from evals.services import verdicts
from evals.services.doubts import Doubts
from evals.services.units import in_unit_of
from evals.services.withdrawal import NotPossible
from tests.evals.conftest import counts, imported
from tests.evals.tables import SYSTEMS, score, write

pytestmark = pytest.mark.usefixtures("names")
RECORD = ScoreRecord(
    line=2,
    system="gpt-4o",
    eval="gpqa-diamond",
    value=0.29,
    observed_on=dt.date(2026, 3, 1),
    reported_by="third_party",
    unit="proportion",
    stderr=0.007,
    note="n",
)


def eval_of(**facts: object) -> Eval:
    """The percentage eval, with other facts."""
    item = Eval.objects.get(slug="gpqa-diamond")
    for name, fact in facts.items():
        setattr(item, name, fact)
    return item


def held_score(tmp_path: Path) -> Score:
    """A proportion where percentages stood before, held."""
    imported(write(tmp_path / "a.csv", [score(n) for n in (40, 50, 60)]))
    assert counts(imported(write(tmp_path / "b.csv", [score(0.87)]))) == (1, 0, 0, 1, 0)
    return Score.objects.get(value=0.87)


def status_of(score: Score) -> str:
    """What became of a score."""
    return str(Decision.objects.filter(score=score).latest("id").status)


def test_it_turns_a_stated_proportion_into_percent_exactly_and_says_so() -> None:
    found = in_unit_of(RECORD, eval_of())
    assert (found.value, found.stderr, found.unit) == (29.0, 0.7, "percent")
    assert found.note == "n; 0.29 proportion = 29.0 percent"


@pytest.mark.parametrize(
    ("said", "unit", "value", "found"),
    [
        ("seconds", "minutes", 90.0, 1.5),
        ("hours", "minutes", 1.5, 90.0),
        ("percent", "proportion", 87.0, 0.87),
        ("Percent", "percent", 87.0, 87.0),
        ("elo", "percent", 87.0, 87.0),
    ],
)
def test_it_turns_units_of_one_family(said: str, unit: str, value: float, found: float) -> None:
    record = msgspec.structs.replace(RECORD, value=value, unit=said, stderr=None)
    assert in_unit_of(record, eval_of(unit=unit)).value == found


@pytest.mark.parametrize(
    ("facts", "part"),
    [
        ({"unit": "elo"}, "unit: the source says 'elo', and gpqa-diamond is measured in 'percent'"),
        ({"unit": "", "higher_is_better": False}, "direction: the source says that lower is"),
        ({"unit": "percent", "higher_is_better": True, "value": 29.0}, ""),
        ({"unit": ""}, ""),
    ],
)
def test_it_doubts_foreign_units_and_other_directions(facts: dict[str, object], part: str) -> None:
    found = Doubts().about(msgspec.structs.replace(RECORD, **facts), "gpt-4o", eval_of())
    assert found.startswith(part) and bool(found) == bool(part)


def test_it_holds_a_share_where_only_percentages_stood(tmp_path: Path) -> None:
    found = held_score(tmp_path)
    assert Decision.objects.get(score=found).reason == (
        "unit: the value 0.87 has none; as a proportion it is 87, and the 3 scores of gpqa-diamond "
        "that count for systems of its time lie from 40 to 60"
    )


def test_one_small_score_does_not_make_the_next_share_plausible(tmp_path: Path) -> None:
    imported(write(tmp_path / "a.csv", [score(n) for n in (0.4, 50, 60, 70)]))
    assert counts(imported(write(tmp_path / "b.csv", [score(0.87)]))) == (1, 0, 0, 1, 0)


@pytest.mark.parametrize("stood", [(0.4, 0.6, 50), (0.2, 1.4, 3, 8, 12), (1, 2)])
def test_it_holds_no_share_where_small_scores_stood(
    tmp_path: Path, stood: tuple[float, ...]
) -> None:
    imported(write(tmp_path / "a.csv", [score(n) for n in stood]))
    run = imported(write(tmp_path / "b.csv", [score(0.87), score(1), score(1.2)]))
    assert run.held == 0


@pytest.mark.parametrize(("value", "held"), [(5400, True), (1.5, True), (95, False), (20, False)])
def test_it_holds_seconds_and_hours_among_minutes(tmp_path: Path, value: float, held: bool) -> None:
    Eval.objects.filter(slug="horizon").update(unit="minutes", upper=None)
    stood = [score(n, eval="horizon") for n in (80, 90, 100, 110)]
    imported(write(tmp_path / "a.csv", stood))
    run = imported(write(tmp_path / "b.csv", [score(value, eval="horizon")]))
    assert (run.held, run.accepted) == (int(held), int(not held))
    said = "seconds" if value > 90 else "hours"
    assert all(f"; as {said} it is 90" in d.reason for d in Decision.objects.filter(status="held"))


def test_it_holds_what_was_observed_long_before_the_release(tmp_path: Path) -> None:
    # GPT-4o came out on 2024-05-13; 180 days earlier is 2023-11-15.
    lines = [score(n, observed_on=day) for n, day in ((40, "2023-11-15"), (41, "2023-11-14"))]
    assert counts(imported(write(tmp_path / "a.csv", lines))) == (2, 1, 0, 1, 0)
    assert Decision.objects.get(score__value=41).reason == (
        "date: observed on 2023-11-14, 181 days before the release of gpt-4o on 2024-05-13; up to "
        "180 are taken for a preview"
    )


def test_it_knows_the_release_of_a_system_that_its_own_file_declares(tmp_path: Path) -> None:
    write(tmp_path / "systems.csv", ["new-1,New,Lab,N,2026-01-01,"], header=SYSTEMS)
    lines = [score(system="New", observed_on="1970-01-01")]
    write(tmp_path / "observations.csv", lines)
    assert counts(imported(tmp_path)) == (1, 0, 0, 1, 0)


def test_a_person_accepts_or_rejects_a_held_score(tmp_path: Path) -> None:
    person, found = User.objects.create_user("ada"), held_score(tmp_path)
    decision = verdicts.accept_score(found, reason="it is that low", by=person)
    assert (status_of(found), decision.by, decision.reason) == (
        "accepted",
        person,
        "it is that low",
    )
    with pytest.raises(NotPossible, match="not held"):
        verdicts.reject_score(found, reason="no", by=person)


def test_a_rejected_score_stays_on_record(tmp_path: Path) -> None:
    found = held_score(tmp_path)
    verdicts.reject_score(found, reason="a proportion", by=None)
    assert status_of(found) == "rejected"
    assert Score.objects.filter(pk=found.pk).exists()
    assert counts(imported(write(tmp_path / "c.csv", [score(0.87)]))) == (1, 0, 1, 0, 0)


class Halves(NoJudge):
    """Expects 50 ± 4 points, points being the values themselves; on the eval in minutes nothing."""

    counted_there: float | None = None

    def evals(self) -> set[str]:
        """As the class says."""
        return set(Eval.objects.exclude(slug="horizon").values_list("slug", flat=True))

    def cell(self, system: str, item: str) -> Expectation | None:  # type: ignore[override]
        """As the class says."""
        if item == "horizon":
            return None
        return Expectation(50.0, 4.0, 4.0, 0.0, self.counted_there, Plain(), "release 9")


class Plain:
    """A percentage as points."""

    def of(self, value: float) -> float:
        """Itself."""
        return value

    def value(self, points: float) -> float:
        """Itself."""
        return points

    def error(self, value: float, stderr: float) -> float:
        """Itself."""
        return stderr


@pytest.fixture
def judge() -> Iterator[Halves]:
    """That judge, for as long as a test takes."""
    before, found = list(expectations._makers), Halves()
    expectations.register(lambda: found)
    yield found
    expectations._makers[:] = before


@pytest.mark.usefixtures("judge")
def test_it_holds_what_lies_too_far_from_what_is_expected(tmp_path: Path) -> None:
    run = imported(write(tmp_path / "a.csv", [score(32.1), score(68.1), score(31.9)]))
    assert counts(run) == (3, 1, 0, 2, 0)
    assert Decision.objects.get(score__value=68.1).reason == (
        "expectation: 68.1 is 68.1 points where release 9 expects 50.0 ± 4.0, a residual of +18.1 "
        "points or +4.5 standard deviations; up to 4.5, 32 to 68, is accepted"
    )


@pytest.mark.usefixtures("judge")
def test_a_score_with_a_large_error_of_its_own_may_lie_further_away(tmp_path: Path) -> None:
    run = imported(write(tmp_path / "a.csv", [score(71, uncertainty="±3"), score(71)]))
    assert counts(run) == (2, 1, 0, 1, 0)


def test_it_holds_no_surprise_that_the_counted_score_confirms(
    tmp_path: Path, judge: Halves
) -> None:
    judge.counted_there = 90.0
    run = imported(write(tmp_path / "a.csv", [score(91), score(87)]))
    assert counts(run) == (2, 1, 0, 1, 0)


def test_it_says_what_a_value_beyond_a_proportion_may_be(tmp_path: Path) -> None:
    Eval.objects.filter(slug="gpqa-diamond").update(upper=1.0, unit="proportion")
    run = imported(write(tmp_path / "a.csv", [score(87)]))
    assert run.rejections.get().reason.endswith(
        "the value 87 is above 1, the most gpqa-diamond can be (is it a percentage?)"
    )


def test_a_declared_system_is_known_to_the_scores_of_its_file(tmp_path: Path) -> None:
    write(tmp_path / "systems.csv", ["new-1,New,Lab,N,2026-01-01,"], header=SYSTEMS)
    write(tmp_path / "observations.csv", [score(system="New")])
    assert counts(imported(tmp_path)) == (1, 1, 0, 0, 0)
