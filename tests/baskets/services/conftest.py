"""A small basket of three domains with two evals each, measured on four systems."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

import msgspec
import pytest
from django.utils import timezone

from baskets.models import Basket, BasketVersion, Recompute, Weight
from evals.models import Developer, Domain, Eval, Generation, ImportRun, Score, Source, System
from evals.records import ScoreRecord
from evals.services.merging import add_scores as add_scores_of
from evals.services.staging import Sorted, StagedScore, discard, stage
from tests.baskets.services.steps import person, publish

DOMAINS = ("capability", "safety", "alignment")
LEVELS = {"base": 40.0, "old": 50.0, "new": 60.0, "latest": 70.0}


def today() -> dt.date:
    return timezone.now().date()


RECORD = ScoreRecord(
    line=1,
    system="",
    eval="",
    value=0.0,
    observed_on=dt.date(2024, 1, 1),
    reported_by="third_party",
    elicitation="pass@1",
)


def add_score(system: str, item: str, value: float, **facts: object) -> Score:
    """An accepted score, as an import makes it."""
    record = msgspec.structs.replace(RECORD, system=system, eval=item, value=value, **facts)
    return Score.objects.get(import_run=add_scores([record]))


def add_scores(records: Iterable[ScoreRecord]) -> ImportRun:
    """Accepted scores, and the import that brought them."""
    source, _created = Source.objects.get_or_create(slug="lab")
    run = ImportRun.objects.create(source=source, name="lab", state="done")
    systems, evals = (
        System.objects.in_bulk(field_name="slug"),
        Eval.objects.in_bulk(field_name="slug"),
    )
    staged = [StagedScore(r, systems[r.system], evals[r.eval], run.pk) for r in records]
    batch = uuid.uuid4()
    stage(Sorted(scores=[score.row(batch) for score in staged]))
    add_scores_of(batch, at=timezone.now(), reason="a test")
    discard(batch)
    return run


def add_eval(slug: str, domain: str, **facts: object) -> Eval:
    """An eval of 0 to 100 percent."""
    kept, _created = Domain.objects.get_or_create(slug=domain)
    given = {"lower": 0, "upper": 100, "floor": 0, "ceiling": 100, "scale": "linear"}
    return Eval.objects.create(
        slug=slug, name=slug, domain=kept, subdomain="one", direction="higher", **{**given, **facts}
    )


def add_systems() -> None:
    """One system a month, all of one generation."""
    developer = Developer.objects.create(slug="lab", name="Lab")
    generation = Generation.objects.create(developer=developer, name="One")
    for month, slug in enumerate(LEVELS, 1):
        System.objects.create(
            slug=slug,
            name=slug.capitalize(),
            developer=developer,
            generation=generation,
            released_on=dt.date(2024, month, 1),
        )


@pytest.fixture
def basket(db: None) -> Basket:
    """The basket without a version."""
    add_systems()
    for domain in DOMAINS:
        for number in (1, 2):
            add_eval(f"{domain}-{number}", domain)
    add_scores(
        msgspec.structs.replace(
            RECORD, system=system, eval=item.slug, value=level + int(item.slug[-1])
        )
        for system, level in LEVELS.items()
        for item in Eval.objects.all()
    )
    return Basket.objects.create(slug="small", name="Small", base=System.objects.get(slug="base"))


def add_draft(
    basket: Basket, number: int = 1, effective_on: dt.date | None = None
) -> BasketVersion:
    """A version of all six evals, by default effective since the month began."""
    version = BasketVersion.objects.create(
        basket=basket, number=number, effective_on=effective_on or today().replace(day=1)
    )
    Weight.objects.bulk_create(
        Weight(version=version, eval=item, weight=1.0, selection="best", owner="A", rationale="B")
        for item in Eval.objects.filter(slug__regex="-[12]$")
    )
    version.overlap.set(System.objects.all())
    return version


@pytest.fixture
def published(basket: Basket) -> BasketVersion:
    """Its first version, published; the request that follows is answered later by the test."""
    version = publish(add_draft(basket))
    Recompute.objects.all().delete()
    return version


@pytest.fixture
def draft(published: BasketVersion) -> BasketVersion:
    """A second version by the steward Ada, effective today."""
    version = add_draft(published.basket, 2, today())
    BasketVersion.objects.filter(pk=version.pk).update(
        drafted_by=person("ada", "steward"), edited_by=person("ada"), author="ada"
    )
    # On the first of a month the published one has the same date.
    day = dt.timedelta(days=1) if published.effective_on == today() else dt.timedelta()
    BasketVersion.objects.filter(pk=version.pk).update(effective_on=today() + day)
    version.refresh_from_db()
    return version
