"""The shipped catalog as it stands in the database after its import."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import Count

from baskets.models import Recompute
from evals.models import Alias, Decision, Domain, Eval, ImportRun, Score, System
from evals.services import imports
from tests.evals.conftest import counts

pytestmark = pytest.mark.usefixtures("catalog_db")

# Read by eye from observations.csv: line, then what stands there.
LINES = {
    66: ("claude-3.5-sonnet", "mle-bench", 7.56, "third_party", "2024-10-08"),
    333: ("gpt-oss-20b", "openai-strongreject-illicit", 96.0, "first_party", "2025-08-05"),
    700: ("gpt-5-mini", "arc-agi-1", 54.3, "third_party", "2025-12-20"),
    903: ("muse-spark", "mask-honesty-meta-harness", 89.1, "first_party", "2026-04-08"),
    1000: ("gpt-5.5", "terminal-bench-2.0", 82.7, "first_party", "2026-04-23"),
    1031: ("claude-3-opus", "metr-time-horizon-50", 3.952, "third_party", "2026-05-08"),
    1309: ("gemini-4-argon", "terminal-bench-4.0", 57.4, "first_party", "2026-10-08"),
}


def test_it_accepts_every_row() -> None:
    run = ImportRun.objects.get(shipped=True)
    assert counts(run) == (1308, 1308, 0, 0, 0)
    assert (run.state, run.attempts, run.lease_until, run.error) == ("done", 1, None, "")
    decided = Decision.objects.values_list("status").annotate(n=Count("score", distinct=True))
    assert list(decided) == [("accepted", 1308)]


def test_it_holds_what_the_three_tables_hold() -> None:
    assert (System.objects.count(), Eval.objects.count(), Score.objects.count()) == (124, 121, 1308)
    assert System.objects.values("developer").distinct().count() == 11
    assert Alias.objects.filter(system__isnull=False).count() == 38
    cells = Score.objects.order_by().values("system", "eval").distinct()
    assert cells.count() == 1307


def test_it_counts_by_domain_and_by_reporter() -> None:
    evals = dict(Domain.objects.annotate(n=Count("evals")).values_list("slug", "n"))
    assert evals == {"capability": 61, "safety": 28, "alignment": 32}
    scores = dict(Domain.objects.annotate(n=Count("evals__scores")).values_list("slug", "n"))
    assert scores == {"capability": 858, "safety": 251, "alignment": 199}
    reporters = Score.objects.order_by().values_list("reported_by").annotate(Count("id"))
    assert dict(reporters) == {"first_party": 779, "third_party": 529}


def test_it_counts_uncertainties_by_their_form() -> None:
    assert Score.objects.filter(stderr__isnull=False).count() == 45
    intervals = Score.objects.filter(low__isnull=False, high__isnull=False, stderr__isnull=True)
    assert intervals.count() == 26 + 9
    assert Score.objects.filter(uncertainty="").count() == 1228


@pytest.mark.parametrize("line", LINES)
def test_it_keeps_a_row_as_its_line_says(line: int) -> None:
    score = Score.objects.select_related("system", "eval").get(line=line)
    found = (score.system.slug, score.eval.slug, score.value, score.reported_by)
    assert (*found, score.observed_on.isoformat()) == LINES[line]


def test_it_keeps_elicitation_source_and_note_word_for_word() -> None:
    score = Score.objects.get(line=700)
    assert score.elicitation == "ARC Prize leaderboard, high"
    assert score.source_url == "https://arcprize.org/leaderboard"
    assert score.note == (
        "ARC Prize leaderboard, semi-private set, pass@2; "
        "read in a stored copy (snapshot Dec 2025/Jan 2026)"
    )
    assert Score.objects.exclude(elicitation="").exclude(source_url="").count() == 1308
    assert Score.objects.exclude(note="").count() == 1219


def test_it_keeps_an_uncertainty_beside_what_was_read_from_it() -> None:
    medals, horizon, offsets = (Score.objects.get(line=line) for line in (66, 1031, 903))
    assert (medals.uncertainty, medals.stderr, medals.low) == ("±1.60 SEM", 1.6, None)
    assert (horizon.uncertainty, horizon.low, horizon.high) == ("1.706-8.765", 1.706, 8.765)
    assert offsets.uncertainty == "+1.6/-1.7"
    assert [offsets.low, offsets.high] == pytest.approx([87.4, 90.7])
    assert (medals.n_items, medals.n_items_text) == (75, "75")


def test_it_keeps_the_facts_of_systems_and_evals() -> None:
    base = System.objects.select_related("developer", "generation").get(slug="gpt-4o")
    assert (base.developer.name, base.released_on) == ("OpenAI", dt.date(2024, 5, 13))
    petri = Eval.objects.get(slug="petri-2-misaligned")
    assert (petri.floor, petri.ceiling, petri.direction) == (10.0, 1.0, "lower")
    assert petri.subdomain == "auditing games"


def test_it_changes_nothing_when_the_catalog_comes_again() -> None:
    tables = (Score, Decision, System, Eval, Alias, Recompute)
    before = [table.objects.count() for table in tables]
    again = imports.run_import(imports.create_shipped_run().pk)
    assert again is not None
    assert counts(again) == (1308, 0, 1308, 0, 0)
    assert [table.objects.count() for table in tables] == before
