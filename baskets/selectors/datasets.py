"""The data sets that can be taken away whole: their columns, and their rows a part at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

from baskets.models import BasketVersion, IndexPoint, Link, Release, Weight
from baskets.selectors.baskets import versions_known
from baskets.selectors.known import Known
from baskets.selectors.releases import known_releases
from baskets.selectors.scores import newest_decision
from evals.models import Decision, Eval, ImportRun, Score, Source, System
from evals.spreadsheet import Cell

AT_A_TIME = 2000
Rows = Iterator[Sequence[Cell]]

SYSTEMS = ("slug", "name", "developer", "generation", "released_on")
EVALS = ("slug", "name", "domain", "subdomain", "unit", "scale", "direction", "lower", "upper",
         "floor", "ceiling", "human_baseline", "human_baseline_who", "n_items", "released_on",
         "measures", "access", "grading", "source_url")  # fmt: skip
STATED = ("value", "stderr", "low", "high", "uncertainty", "n_items", "n_items_text",
          "elicitation", "reported_by", "observed_on", "recorded_at", "source_url", "note",
          "external_id", "content_hash")  # fmt: skip
SCORES = ("id", "system", "eval", *STATED, "import_source", "import_run", "status",
          "status_reason")  # fmt: skip
RELEASES = ("number", "vintage_on", "created_at", "reconstructed", "cause", "engine_version",
            "problem_sha256", "sha256", "seal")  # fmt: skip
VALUES = ("value", "low", "high", "coverage", "imputed_share", "worst", "best", "official",
          "back_cast", "on_official_version")  # fmt: skip
POINTS = ("release", "series", "system", "basket_version", *VALUES)
WEIGHING = ("selection", "protocol", "floor", "ceiling", "reference", "owner", "rationale",
            "goalpost_reason")  # fmt: skip
WEIGHTS = ("basket", "version", "effective_on", "eval", "domain", "subdomain", "weight", "share",
           *WEIGHING)  # fmt: skip
LINKS = ("release", "series", "from_version", "to_version", "overlap", "additive", "ratio", "odds")


@dataclass(frozen=True)
class Dataset:
    """A set: its columns, its rows, and how many there are, in what was known then."""

    name: str
    columns: tuple[str, ...]
    rows: Callable[[Release | None, Known], Rows]
    count: Callable[[Release | None, Known], int]


@dataclass(frozen=True)
class Origin:
    """Where results were imported from, and under which licence; empty where none is stated."""

    slug: str
    name: str
    licence: str


def origins(known: Known) -> list[Origin]:
    """The sources that known results came from."""
    done = ImportRun.objects.filter(state=ImportRun.State.DONE).values("source")
    rows = Source.objects.filter(pk__in=done).order_by("slug")
    if known.on is not None:
        told = Score.objects.filter(known.scores(), import_run__source=OuterRef("pk"))
        rows = rows.filter(Exists(told))
    return [Origin(*row) for row in rows.values_list("slug", "name", "licence")]


def _systems(known: Known) -> QuerySet[System]:
    return System.objects.filter(known.named("system")).order_by("slug")


def _system_rows(release: Release | None, known: Known) -> Rows:
    yield from _systems(known).values_list(
        "slug", "name", "developer__name", "generation__name", "released_on"
    )


def _evals(known: Known) -> QuerySet[Eval]:
    return Eval.objects.filter(known.named("eval")).order_by("slug")


def _eval_rows(release: Release | None, known: Known) -> Rows:
    names = ["domain__slug" if name == "domain" else name for name in EVALS]
    yield from _evals(known).values_list(*names)


def _score_rows(release: Release | None, known: Known) -> Rows:
    """Every known score with its status, read by parts of the key.

    Rows are only ever added, so what was there at the start can be told from what came meanwhile:
    the whole file is of one moment, without a transaction that is open as long as a slow reader.
    """
    last_score = Score.objects.aggregate(last=Max("pk"))["last"] or 0
    last_decision = Decision.objects.aggregate(last=Max("pk"))["last"] or 0
    scores = Score.objects.filter(known.scores(), pk__lte=last_score).order_by("pk")
    told = scores.annotate(
        status=newest_decision("status", known, until=last_decision),
        status_reason=newest_decision("reason", known, until=last_decision),
    ).values_list(
        "pk", "system__slug", "eval__slug", *STATED, "import_run__source__slug", "import_run_id",
        "status", "status_reason",
    )  # fmt: skip
    after = 0
    while part := list(told.filter(pk__gt=after)[:AT_A_TIME]):
        yield from part
        after = part[-1][0]


def _score_count(release: Release | None, known: Known) -> int:
    return Score.objects.filter(known.scores()).count()


def _releases(release: Release | None, known: Known) -> QuerySet[Release]:
    until = None if known.on is None else known.newest
    return known_releases(until=until).order_by("number")


def _release_rows(release: Release | None, known: Known) -> Rows:
    yield from _releases(release, known).values_list(*RELEASES)


def _points(release: Release | None) -> QuerySet[IndexPoint]:
    return IndexPoint.objects.filter(release=release) if release else IndexPoint.objects.none()


def _point_rows(release: Release | None, known: Known) -> Rows:
    points = _points(release).order_by("pk")
    told = points.values_list(
        "release__number", "series", "system__slug", "version__number", *VALUES, "pk"
    )
    after = 0
    while part := list(told.filter(pk__gt=after)[:AT_A_TIME]):
        yield from (row[:-1] for row in part)
        after = part[-1][-1]


def _weights(known: Known) -> QuerySet[Weight]:
    versions = BasketVersion.objects.filter(published_at__isnull=False)
    if known.on is not None:
        then = versions_known(known).items()
        each = (Q(basket__slug=slug, number__in=numbers) for slug, numbers in then)
        versions = versions.filter(reduce(or_, each, Q(pk__in=())))
    weights = Weight.objects.filter(version__in=versions)
    return weights.order_by("version__basket__slug", "version__number", "eval__slug")


def _weight_rows(release: Release | None, known: Known) -> Rows:
    rows = list(
        _weights(known).values_list(
            "version__basket__slug", "version__number", "version__effective_on", "eval__slug",
            "eval__domain__slug", "eval__subdomain", "weight", *WEIGHING,
        )
    )  # fmt: skip
    totals: dict[tuple[Any, Any], float] = {}
    for row in rows:
        totals[row[0], row[1]] = totals.get((row[0], row[1]), 0.0) + row[6]
    for row in rows:
        yield (*row[:7], row[6] / totals[row[0], row[1]], *row[7:])


def _links(release: Release | None) -> QuerySet[Link]:
    return Link.objects.filter(release=release) if release else Link.objects.none()


def _link_rows(release: Release | None, known: Known) -> Rows:
    links = _links(release).order_by("to_version__number", "series")
    for number, *row in links.annotate(n=F("release__number")).values_list(
        "n", "series", "from_version__number", "to_version__number", "overlap", "additive",
        "ratio", "odds",
    ):  # fmt: skip
        yield (number, *row[:3], " ".join(row[3]), *row[4:])


DATASETS = {
    found.name: found
    for found in (
        Dataset("systems", SYSTEMS, _system_rows, lambda _, known: _systems(known).count()),
        Dataset("evals", EVALS, _eval_rows, lambda _, known: _evals(known).count()),
        Dataset("scores", SCORES, _score_rows, _score_count),
        Dataset("releases", RELEASES, _release_rows, lambda r, known: _releases(r, known).count()),
        Dataset("points", POINTS, _point_rows, lambda release, _: _points(release).count()),
        Dataset("weights", WEIGHTS, _weight_rows, lambda _, known: _weights(known).count()),
        Dataset("links", LINKS, _link_rows, lambda release, _: _links(release).count()),
    )
}


def vintage(release: Release | None, as_of: dt.date | None) -> dt.date | None:
    """The date of which a set tells: the one that was asked for, else that of the release."""
    return as_of or (release.vintage_on if release else None)
