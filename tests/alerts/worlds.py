"""A small world with a real engine: three domains of two evals each, and releases of it."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from baskets.engine import (
    ENGINE_VERSION,
    Answer,
    Problem,
    answer_of,
    canonical,
    prepare,
    replicates_of,
    sha256,
)
from baskets.explained import analysed
from baskets.models import Analysis, Basket, BasketVersion, IndexPoint, Release
from baskets.services.explanations import store_revisions, store_sheets
from baskets.summary import summarise
from evals.models import Developer, Domain, Eval, Generation, System

DOMAINS = ("capability", "safety", "alignment")
SYSTEMS = {"base": "Base 1", "old": "Old 2", "sol": "GPT-6.1 Sol"}

Scores = Mapping[str, float]
MakeRelease = Callable[..., Release]


def problem(scores: Scores) -> dict[str, Any]:
    """Every system at one level on all evals but the first, where it has 5 more."""
    evals = [(f"{domain}-{n}", domain) for domain in DOMAINS for n in (1, 2)]
    weights = {name: 1.0 for name, _domain in evals}
    return {
        "method": {"base": "base", "imputation": "strict", "coverage_floor": 0.3},
        "evals": [
            {"id": name, "domain": domain, "scale": "linear", "floor": 0, "ceiling": 100}
            for name, domain in evals
        ],
        "systems": [
            {"id": name, "released_on": f"2026-0{n}-01"} for n, name in enumerate(SYSTEMS, 1)
        ],
        "scores": [
            {"system": system, "eval": name, "value": level + 5 * (name == "capability-1")}
            for system, level in scores.items()
            for name, _domain in evals
        ],
        "baskets": [{"id": "1", "effective_on": "2026-01-01", "weights": weights}],
    }


def weigh_safety_double(asked: dict[str, Any]) -> None:
    """Change the weights of a problem in place."""
    asked["baskets"][0]["weights"]["safety-1"] = 2.0


def add_version(asked: dict[str, Any]) -> None:
    """Put `sol`, but neither `base` nor `old`, on a second version that weighs one eval triple."""
    weights = {**asked["baskets"][0]["weights"], "capability-1": 3.0}
    later = {"id": "2", "effective_on": "2026-02-15", "overlap": ["base", "old"]}
    asked["baskets"].append({**later, "weights": weights})


def unchanged(asked: dict[str, Any]) -> None:
    """Leave a problem as it is."""


def store_points(release: Release, answer: Answer, numbers: Mapping[str, int]) -> None:
    """The points of an answer as rows."""
    systems = dict(System.objects.values_list("slug", "pk"))
    versions = {}
    for name, number in numbers.items():
        known = {"basket": release.basket, "number": number}
        defaults = {"effective_on": dt.date(2026, number, 1)}
        versions[name] = BasketVersion.objects.get_or_create(**known, defaults=defaults)[0]
    IndexPoint.objects.bulk_create(
        IndexPoint(
            release=release,
            version=versions[p.basket],
            system_id=systems[p.system],
            series=p.series,
            value=p.value,
            low=p.low,
            high=p.high,
            coverage=p.coverage,
            imputed_share=p.imputed_share or 0.0,
            official=p.official,
            back_cast=p.back_cast,
            on_official_version=p.in_force,
        )
        for p in answer.points
        if p.value is not None
    )


def build_world() -> Basket:
    """The basket, with the names of all that a release speaks of."""
    developer = Developer.objects.create(slug="maker", name="Maker")
    family = Generation.objects.create(developer=developer, name="One")
    for n, (slug, name) in enumerate(SYSTEMS.items(), 1):
        released_on = dt.date(2026, n, 1)
        System.objects.create(
            slug=slug, name=name, developer=developer, generation=family, released_on=released_on
        )
    for slug in DOMAINS:
        domain, _made = Domain.objects.get_or_create(slug=slug, defaults={"name": slug.title()})
        for n in (1, 2):
            unit = {"unit": "%", "scale": "linear", "direction": "higher"}
            name = f"{slug.title()} Bench {n}"
            Eval.objects.create(slug=f"{slug}-{n}", name=name, domain=domain, **unit)
    base = {"name": "AGI", "base": System.objects.get(slug="base")}
    basket, _made = Basket.objects.get_or_create(slug="agi", defaults=base)
    return basket


def add_release(
    basket: Basket,
    scores: Scores,
    *,
    reconstructed: bool = False,
    change: Callable[[dict[str, Any]], None] = unchanged,
) -> Release:
    """The next release of the basket from scores, on the real engine."""
    raw = problem(scores)
    change(raw)
    asked = Problem.from_json(raw)
    state = prepare(asked)
    replicates = replicates_of(state) if asked.method.replicates else None
    answer = answer_of(state, replicates)
    plain = answer.to_json()
    bundle = {"problem": asked.to_json(), "filled": plain["imputed"], "answer": plain}
    numbers = {one.id: int(one.id) for one in asked.baskets}
    release = Release.objects.create(
        basket=basket,
        number=Release.objects.filter(basket=basket).count() + 1,
        vintage_on=dt.date(2026, 11, 21),
        cause="import",
        reconstructed=reconstructed,
        engine_version=ENGINE_VERSION,
        problem_sha256=sha256(asked.to_json()),
        sha256=sha256(bundle),
        bundle=zlib.compress(canonical(bundle).encode()),
        summary=summarise(asked, answer, numbers, replicates),
    )
    store_points(release, answer, numbers)
    store_revisions(release, asked, answer)
    for kind, content in analysed(asked, answer, today=release.vintage_on).items():
        Analysis.objects.create(release=release, kind=kind, content=content)
    store_sheets(release, asked, answer, replicates)
    return release


@pytest.fixture
def world(db: None) -> Basket:
    """The basket of the small world."""
    return build_world()


@pytest.fixture
def make_release(world: Basket) -> MakeRelease:
    """Makes the next release of the world, or of another basket."""

    def make(scores: Scores, *, basket: Basket = world, **how: Any) -> Release:
        return add_release(basket, scores, **how)

    return make


@pytest.fixture
def news(make_release: MakeRelease) -> Release:
    """A release in which Sol, at 90 and 95, passes Old, at 60 and 65; the one before has no Sol."""
    make_release({"base": 40, "old": 60})
    return make_release({"base": 40, "old": 60, "sol": 90})
