"""A release made now takes what it would take if every score were read again."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence

import pytest
from django.utils import timezone

from baskets.models import BasketVersion, Choice, Piece
from baskets.selectors import choices, choosing, releases
from baskets.selectors.choices import Now, taken_now
from baskets.selectors.choosing import Chosen, Rule
from baskets.selectors.counted import CountedScore
from baskets.selectors.problems import knowledge
from baskets.services import recomputes
from baskets.services.pieces import KEPT, store_choices, store_pieces
from baskets.services.releases import make_release
from evals.models import Decision, Eval, Flag, Score, System
from tests.baskets.services.conftest import LEVELS, add_eval, add_score, today


def remembered(version: BasketVersion) -> Now:
    """What a release takes, remembered for the next."""
    now = taken_now(version.basket, today())
    assert now.taken is not None
    store_pieces(now.taken.texts)
    store_choices(now.choices)
    return now


def assert_as_in_full(version: BasketVersion) -> Now:
    """Problem, parts and hashes are those of all scores, read one by one."""
    now = remembered(version)
    known = knowledge(version.basket)
    versions = list(known.versions)
    full = known.taken(vintage_on=today(), versions=versions, observed_only=False)
    assert now.taken is not None
    assert (now.taken.problem, now.taken.parts) == (full.problem, full.parts)
    assert now.taken.hashes == full.hashes
    assert Piece.objects.filter(sha256__in=full.parts).count() == len(set(full.parts))
    return now


def imports(draw: random.Random) -> None:
    """Some scores; every third value is one that is there already, for ties."""
    for _ in range(draw.randint(1, 4)):
        add_score(
            draw.choice([*LEVELS]),
            draw.choice([*Eval.objects.values_list("slug", flat=True)]),
            float(draw.choice([40, 50, 120, draw.randint(1, 99)])),
            observed_on=dt.date(2024, draw.randint(1, 9), draw.randint(1, 28)),
            elicitation=draw.choice(["pass@1", "pass@8", "agent"]),
            source_url=f"https://lab.example/{draw.random()}",
        )


def decides(draw: random.Random) -> None:
    """A withdrawal, or the end of one."""
    score = draw.choice(list(Score.objects.order_by("pk")))
    status = draw.choice(["withdrawn", "accepted", "superseded", "held"])
    Decision.objects.create(score=score, status=status, reason="a test")


def corrects(draw: random.Random) -> None:
    """Bounds and goalposts of an eval."""
    item = Eval.objects.order_by("slug")[draw.randrange(6)]
    item.upper, item.floor = draw.choice([100.0, 60.0, None]), draw.choice([0.0, 10.0])
    item.save()


def flags(draw: random.Random) -> None:
    """A flag, raised or lowered."""
    item = Eval.objects.order_by("slug")[draw.randrange(6)]
    since = today() - dt.timedelta(days=draw.randrange(900))
    Flag.objects.create(eval=item, kind="disputed", raised=draw.random() < 0.6, since=since)


def names(draw: random.Random) -> None:
    """An eval and a system that nobody knew, with a score."""
    known = System.objects.get(slug="base")
    name = f"s{draw.randrange(10**9)}"
    System.objects.create(
        slug=name,
        name=name,
        developer=known.developer,
        generation=known.generation,
        released_on=dt.date(2024, 3, 1),
    )
    add_eval(f"e{name}", "safety")
    add_score(name, f"e{name}", 30.0)


STEPS: tuple[Callable[[random.Random], None], ...] = (imports, imports, decides, corrects, flags)


@pytest.mark.parametrize("seed", range(2))
def test_it_is_what_all_scores_say_after_any_change(published: BasketVersion, seed: int) -> None:
    draw = random.Random(seed)
    assert_as_in_full(published)
    for step in [*draw.choices(STEPS, k=12), names, imports]:
        step(draw)
        assert_as_in_full(published)


def test_it_reads_only_the_scores_of_cells_that_changed(
    published: BasketVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in (44.0, 45.0):
        add_score("old", "safety-1", value, observed_on=dt.date(2024, 2, 1))
    first = remembered(published)
    read: list[float] = []

    def choose(scores: Sequence[CountedScore], rule: Rule) -> Chosen:
        read.extend(score.value for score in scores)
        return choosing.choose(scores, rule)

    monkeypatch.setattr(choices, "choose", choose)
    again = remembered(published).taken
    assert again is not None and first.taken is not None
    assert (read, again.parts, again.problem) == ([], first.taken.parts, first.taken.problem)
    add_score("new", "safety-1", 99.0)
    now = assert_as_in_full(published)
    assert (read, len(now.choices)) == ([61.0, 99.0], 1)


def test_a_release_of_it_is_sealed_over_the_same_text(published: BasketVersion) -> None:
    for value in (44.0, 45.0):
        add_score("old", "safety-1", value, observed_on=dt.date(2024, 2, 1))
        add_score("new", "alignment-1", value, observed_on=dt.date(2024, 2, 1))
    known = knowledge(published.basket)
    release = make_release(known, vintage_on=today(), versions=known.versions, cause="a test")
    rows = releases.bundle(release)["excluded"]
    _problem, excluded = known.problem(
        vintage_on=today(), versions=known.versions, observed_only=False
    )
    assert rows == excluded and len(rows) == 4
    assert releases.short_bundle(release)["excluded"] == []
    assert [row["eval"] for row in rows] == sorted(row["eval"] for row in rows)


def test_a_choice_without_its_part_is_made_again(published: BasketVersion) -> None:
    add_score("old", "safety-1", 44.0, observed_on=dt.date(2024, 2, 1))
    store_choices(taken_now(published.basket, today()).choices)
    assert Choice.objects.exclude(piece="").exists() and not Piece.objects.exists()
    now = taken_now(published.basket, today())
    assert now.taken is not None
    assert set(now.taken.parts) == now.taken.texts.keys() != set()
    assert [choice.family for choice in now.choices]


def test_a_refused_release_leaves_nothing_that_stops_the_next(published: BasketVersion) -> None:
    add_score("old", "safety-1", 44.0, observed_on=dt.date(2024, 2, 1))
    scores = Score.objects.filter(system__slug="base")
    for status in ("withdrawn", "accepted"):
        for score in scores:
            Decision.objects.create(score=score, status=status, reason="a test")
        recomputes.request_release(published.basket, cause=status, due_at=timezone.now())
        release = recomputes.run_due(published.basket_id)
        assert (release is None) is (status == "withdrawn")
    assert release is not None and release.left_out


def test_it_keeps_the_newest_choices_of_each_eval(published: BasketVersion) -> None:
    for n in range(KEPT + 2):
        add_score("old", "safety-1", 50.0 + n, observed_on=dt.date(2024, 2, 1 + n))
        newest = remembered(published).choices
    (family,) = {choice.family for choice in newest}
    assert Choice.objects.filter(family=family).count() == KEPT
    assert remembered(published).choices == ()
