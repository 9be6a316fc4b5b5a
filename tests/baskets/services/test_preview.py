"""Previews of a draft beside what publishing it then makes, on the shipped basket."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from django.utils import timezone

from baskets.engine import Problem, compute
from baskets.engine.errors import EmptyBasket, UnknownId
from baskets.engine.impute import Imputed
from baskets.models import BasketVersion, IndexPoint, Release, Weight
from baskets.selectors import releases as selected
from baskets.selectors.whatif import draft_preview, exact_preview
from baskets.selectors.whatif_parts import Preview
from baskets.services import recomputes
from baskets.services.publishing import draft_from
from tests.baskets.services.steps import publish

pytestmark = pytest.mark.usefixtures("catalog_db")

TIMES = 20
SERIES = ("headline", "balanced", "capability", "safety", "alignment")
Weights = dict[str, float]
Values = dict[str, tuple[float, float]]


@pytest.fixture
def draft(catalog_db: None) -> BasketVersion:
    """A draft after the newest version of the shipped basket, in force since the day after it."""
    newest = BasketVersion.objects.filter(published_at__isnull=False).latest("number")
    version = draft_from(newest, author="A steward")
    version.effective_on = newest.effective_on + dt.timedelta(days=1)
    version.save()
    return version


def reweighted(version: BasketVersion, rng: np.random.Generator, *, whole: bool) -> Weights:
    """Random weights for a draft, one of its evals left out unless it stays whole."""
    weights = {row.eval.slug: row.weight * float(rng.uniform(0.3, 3)) for row in rows_of(version)}
    if not whole:
        weights[sorted(weights)[int(rng.integers(len(weights)))]] = 0.0
    return weights


def rows_of(version: BasketVersion) -> list[Weight]:
    return list(version.weights.select_related("eval"))


def shown(preview: Preview) -> Values:
    """Values and coverage of the systems of a preview, rounded as a release stores them."""
    found = {row.system: row.after for row in preview.systems}
    return {s: (round(v.value, 6), round(v.coverage, 6)) for s, v in found.items() if v}


def released(version: BasketVersion, weights: Weights) -> Release:
    """The release that publishing a draft with these weights makes."""
    for row in rows_of(version):
        row.weight = weights[row.eval.slug]
        row.save()
    publish(version)
    recomputes.request_release(version.basket, cause="A trial", due_at=timezone.now())
    release = recomputes.run_due(version.basket_id)
    assert release is not None
    return release


def rebuilt(release: Release, weights: Weights, series: str, systems: set[str]) -> Values:
    """What a release would hold under other weights, rebuilt from its sealed fills."""
    bundle = selected.bundle(release)
    last = bundle["problem"]["baskets"][-1]
    given = {name: weight for name, weight in weights.items() if weight}
    baskets = [*bundle["problem"]["baskets"][:-1], last | {"weights": given}]
    method = bundle["problem"]["method"] | {"replicates": 0}
    problem = Problem.from_json(bundle["problem"] | {"baskets": baskets, "method": method})
    answer = compute(problem, filled=[Imputed(**row) for row in bundle["filled"]])
    points = [answer.point_at[system, series, last["id"]] for system in systems]
    return {p.system: (round(p.value or 0.0, 6), round(p.coverage, 6)) for p in points}


def test_it_says_what_publishing_then_makes(draft: BasketVersion) -> None:
    rng = np.random.default_rng(4)
    trials = [
        (reweighted(draft, rng, whole=n == TIMES - 1), SERIES[n % len(SERIES)])
        for n in range(TIMES)
    ]
    told = [
        shown(draft_preview(draft, weights, shown=series, intervals=False, band=False))
        for weights, series in trials
    ]
    # The last one is published for all to see; the others are rebuilt from what that sealed.
    release = released(draft, trials[-1][0])
    points = IndexPoint.objects.filter(release=release, version=draft, series=trials[-1][1])
    stored = {p.system.slug: (p.value, p.coverage) for p in points.select_related("system")}
    assert told[-1] == {system: stored[system] for system in told[-1]}
    for (weights, series), mine in zip(trials, told, strict=True):
        assert len(mine) >= 5
        assert mine == rebuilt(release, weights, series, set(mine))


def test_its_intervals_are_exact_before_a_proposal(draft: BasketVersion) -> None:
    weights = {row.eval.slug: row.weight for row in rows_of(draft)}
    sliding, exact = draft_preview(draft, weights), exact_preview(draft)
    release = released(draft, weights)
    points = IndexPoint.objects.filter(release=release, version=draft, series="headline")
    stored = {p.system.slug: p for p in points.select_related("system")}
    for mine, quick in zip(exact.systems, sliding.systems, strict=True):
        point = stored[mine.system]
        assert mine.after and quick.after and mine.after.low and mine.after.high and point.low
        assert (round(mine.after.low, 6), round(mine.after.high, 6)) == (point.low, point.high)
        # The 2.5 percentile of 200 draws is within a fifth of a standard deviation, mostly.
        assert quick.after.low == pytest.approx(point.low, abs=(point.value - point.low) / 2)
    links = {row.series: row for row in release.links.filter(to_version=draft)}
    assert {link.series for link in exact.links} == links.keys()
    for link in exact.links:
        assert round(link.additive or 0, 6) == links[link.series].additive


def test_weights_that_stay_change_nothing_but_the_version(draft: BasketVersion) -> None:
    preview = draft_preview(draft)
    assert preview.replicates == 200
    for row in preview.series:
        assert (row.lost, row.gained) == ((), ())
        assert abs(row.change or 0) < 1e-6
    assert all(s.move.before == s.move.after and s.band for s in preview.systems)
    assert sum(preview.weights.values()) == pytest.approx(1)
    assert {row.eval for row in preview.effective} == preview.weights.keys()


def test_it_refuses_what_publishing_refuses(draft: BasketVersion) -> None:
    with pytest.raises(UnknownId):
        draft_preview(draft, {"nobody": 1.0})
    with pytest.raises(EmptyBasket):
        draft_preview(draft, {})
