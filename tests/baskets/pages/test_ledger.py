"""Where sources disagree: candidates, spread, which one counts, and the way to each score."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pytest
from django.db.models import Count
from django.test import Client
from django.utils import timezone

from baskets.models import Basket
from baskets.selectors import standing
from baskets.selectors.ahead import read_ahead
from baskets.selectors.catalog import system_name
from baskets.selectors.known import EVERYTHING
from baskets.selectors.releases import OFFICIAL_BASKET, bundle, current, previous
from baskets.selectors.scores import Conflict, ScoreRow, _rows, conflicts, scores_of_system
from baskets.selectors.standing import sealed_of
from baskets.services import recomputes
from baskets.views import ledger as ledgers
from evals.models import Decision, Score, System

pytestmark = pytest.mark.usefixtures("catalog_db")


def disputed() -> System:
    """The system with the most scores beside others on the same eval."""
    more = Count("pk") - Count("eval", distinct=True)
    cells = Score.objects.order_by().values("system").annotate(n=more)
    return System.objects.get(pk=max(cells, key=lambda cell: cell["n"])["system"])


def test_the_ledger_of_a_system_names_every_candidate_with_its_reason() -> None:
    found = conflicts(scores_of_system(disputed(), current(OFFICIAL_BASKET)))
    assert found
    for conflict in found:
        values = [row.value for row in conflict.rows]
        assert conflict.spread == max(values) - min(values) and len(values) > 1
        assert all(row.why for row in conflict.rows if not row.stands)
        assert sum(row.stands for row in conflict.rows) == (conflict.chosen is not None)


def test_each_candidate_opens_to_where_it_comes_from(client: Client) -> None:
    system = disputed()
    page = client.get(f"/systems/{system.slug}/").content.decode()
    ledger = page.partition('id="conflicts"')[2].partition('id="scores"')[0]
    (first, *_others) = conflicts(scores_of_system(system, current(OFFICIAL_BASKET)))
    assert all(f'href="/scores/{row.id}/"' in ledger for row in first.rows)
    other = client.get(f"/evals/{first.eval.slug}/").content.decode()
    assert f'href="/scores/{first.rows[0].id}/"' in other
    assert client.get(f"/scores/{first.rows[0].id}/").status_code == 200


def test_it_marks_a_value_with_which_another_system_counts() -> None:
    release = current(OFFICIAL_BASKET)
    assert release is not None
    counted: dict[tuple[str, float], set[str]] = defaultdict(set)
    for row in bundle(release)["problem"]["scores"]:
        counted[row["eval"], row["value"]].add(row["system"])
    (name, value), several = next(item for item in sorted(counted.items()) if len(item[1]) > 1)
    system = System.objects.get(slug=min(several))
    rows = scores_of_system(system, release)
    assert any(row.shared for row in rows if (row.eval.slug, row.value) == (name, value))
    for row in rows:
        others = counted[row.eval.slug, row.value] - {system.slug}
        assert row.shared == bool(others)


def rival(score: Score, value: float, status: str, reason: str) -> Score:
    """Another score of the same cell that came a moment ago, and what became of it."""
    score.pk, score.value, score.content_hash = None, value, f"{value}{status}"
    score.recorded_at, score.held_row = timezone.now(), None
    score.save(force_insert=True)
    decide(score, status, reason)
    return score


def decide(score: Score, status: str, reason: str) -> None:
    """Add a decision."""
    Decision.objects.create(score=score, status=status, reason=reason)


def counted() -> ScoreRow:
    """A score that counts, and that has its cell to itself."""
    rows = scores_of_system(System.objects.get(slug="gpt-5"), current(OFFICIAL_BASKET))
    cells = Counter(row.eval.slug for row in rows)
    return next(row for row in rows if row.counts and cells[row.eval.slug] == 1)


def ledger(of: ScoreRow) -> Conflict:
    """The conflict about a score's cell."""
    found = scores_of_system(System.objects.get(slug=of.system.slug), current(OFFICIAL_BASKET))
    return next(c for c in conflicts(found) if c.eval.slug == of.eval.slug)


def test_a_score_counts_until_the_next_release_though_it_was_corrected() -> None:
    row = counted()
    rival(Score.objects.get(pk=row.id), row.value + 7, "accepted", "import 9")
    decide(Score.objects.get(pk=row.id), "superseded", "the source says otherwise now")
    found = ledger(row)
    assert found.chosen is not None and found.chosen.id == row.id
    assert found.chosen.why == "since this release superseded: the source says otherwise now"
    assert found.chosen.counts and found.rows[1].why == "imported after this release"
    assert found.spread == pytest.approx(7)


@pytest.mark.parametrize("status", ["held", "rejected", "withdrawn", "superseded"])
def test_what_is_no_candidate_widens_no_spread_and_says_why(status: str) -> None:
    row = counted()
    rival(Score.objects.get(pk=row.id), row.value / 100, status, "it is a proportion")
    found = ledger(row)
    assert found.rows[0].id == row.id and found.spread == 0
    assert found.rows[1].why == f"{status}: it is a proportion" and not found.rows[1].stands


def official() -> Basket:
    """The official basket."""
    return Basket.objects.get(slug=OFFICIAL_BASKET)


def release_now() -> None:
    """Let the next release take what counts now."""
    recomputes.request_release(official(), cause="A test", due_at=timezone.now())
    assert recomputes.run_due(official().pk) is not None


def test_the_next_release_takes_what_corrects_and_leaves_what_is_held() -> None:
    row = counted()
    new = rival(Score.objects.get(pk=row.id), row.value + 2, "accepted", "import 9")
    held = rival(Score.objects.get(pk=row.id), row.value + 3, "held", "doubtful")
    decide(Score.objects.get(pk=row.id), "superseded", "the source says otherwise now")
    release_now()
    found = ledger(row)
    assert found.chosen is not None and found.chosen.id == new.pk and found.spread == 0
    whys = {one.id: one.why for one in found.rows}
    assert whys[held.pk] == "held: doubtful"
    assert whys[row.id] == "superseded: the source says otherwise now"


def test_it_counts_the_candidates_that_the_release_had() -> None:
    row = counted()
    low = rival(Score.objects.get(pk=row.id), row.value - 2, "accepted", "import 9")
    release_now()
    rival(Score.objects.get(pk=row.id), row.value + 3, "held", "doubtful")
    found = ledger(row)
    assert found.chosen is not None and found.chosen.id == row.id and found.spread == 2
    assert found.chosen.why == "chosen among 2 candidates"
    decide(low, "withdrawn", "a mistake")
    (why,) = [one.why for one in ledger(row).rows if one.id == low.pk]
    assert why == "another score stands: best of 2; since then withdrawn: a mistake"


def test_it_holds_once_what_two_releases_left_out_alike() -> None:
    newest = current(OFFICIAL_BASKET)
    before = previous(newest) if newest else None
    assert newest and before
    one, other = sealed_of(newest).excluded, sealed_of(before).excluded
    assert [name for name, reasons in one.items() if other.get(name) is reasons]
    for release, found in ((newest, one), (before, other)):
        said = {(row["eval"], row["content_hash"]): row["reason"]
                for row in bundle(release)["excluded"]}  # fmt: skip
        assert said == {(e, h): why for e, reasons in found.items() for h, why in reasons.items()}


def test_it_reads_a_new_release_before_the_first_reader(client: Client) -> None:
    newest = current(OFFICIAL_BASKET)
    assert newest and read_ahead(None) == newest.pk
    read = standing._sealed.cache_info().misses
    assert read == 1 and read_ahead(newest.pk) == newest.pk
    assert client.get(f"/systems/{disputed().slug}/").status_code == 200
    assert standing._sealed.cache_info().misses == read


def test_it_knows_a_score_of_a_system_that_came_after_the_names_were_read() -> None:
    system, release = disputed(), current(OFFICIAL_BASKET)
    rows = _rows(Score.objects.filter(system=system), release, EVERYTHING, {}, {})
    assert {row.id for row in rows} == {row.id for row in scores_of_system(system, release)}
    assert {row.system for row in rows} == {system_name(system)}


def test_it_gives_a_list_whole_and_a_long_one_in_parts(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = disputed()
    rows = scores_of_system(system, current(OFFICIAL_BASKET))
    assert 20 < len(rows) <= ledgers.WHOLE
    whole = shown_scores(client, f"/systems/{system.slug}/")
    assert whole == {row.id for row in rows}
    monkeypatch.setattr(ledgers, "WHOLE", 10)
    monkeypatch.setattr(ledgers, "PER_PAGE", 15)
    parts = [shown_scores(client, f"/systems/{system.slug}/?page={n}") for n in (1, 2)]
    assert [len(part) for part in parts] == [15, min(15, len(rows) - 15)]
    assert not parts[0] & parts[1]


def shown_scores(client: Client, address: str) -> set[int]:
    """The scores in the list at the end of a page."""
    html = client.get(address).content.decode().split('id="scores"')[1]
    return {int(found) for found in re.findall(r'href="/scores/(\d+)/"', html)}
