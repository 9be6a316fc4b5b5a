"""What the methodology page works out is what the release states."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from baskets.engine.points import Goalposts
from baskets.models import Analysis, Release
from baskets.selectors import decomposition, releases
from baskets.selectors.analyses import Analyses
from baskets.selectors.catalog import eval_names, system_names
from baskets.selectors.worked import Methods, Worked, cells, values, worked_examples
from baskets.selectors.worked.case import Case, in_points

pytestmark = pytest.mark.usefixtures("catalog_db")

EXPECTED = [
    "points-linear", "points-lower", "points-log", "selection", "fill-mean", "coverage",
    "official", "bound-0", "bound-100", "official-headline", "index-first", "index", "balanced",
    "link-additive", "link-ratio", "link-odds", "published", "jeffreys", "comparison",
    "contributions", "contributions-balanced", "revision", "median", "trimmed", "core",
    "effective", "seal", "generation", "rung", "rung-interval", "gap", "saturation",
]  # fmt: skip


@pytest.fixture
def release() -> Release:
    found = releases.current()
    assert found is not None
    return found


@pytest.fixture
def methods(release: Release) -> Methods:
    return worked_examples(release, system_names(), eval_names())


def case_of(release: Release) -> Case:
    return Case(release, *decomposition.sealed(release), system_names(), eval_names())


def named(rows: tuple[Worked, ...], ident: str) -> Worked:
    return next(row for row in rows if row.ident == ident)


def test_it_works_out_every_formula_of_the_methodology(methods: Methods) -> None:
    assert [row.ident for row in methods.every] == EXPECTED


@pytest.mark.parametrize("ident", EXPECTED)
def test_it_works_out_what_the_release_states(methods: Methods, ident: str) -> None:
    row = named(methods.every, ident)
    assert row.stated is not None
    if isinstance(row.result, float):
        assert row.stated == pytest.approx(row.result, abs=row.tolerance)
    assert row.agrees
    assert row.result_text in row.lines[-1] or row.ident.startswith("official")


def test_it_works_every_release_out(release: Release) -> None:
    systems, evals = system_names(), eval_names()
    for one in Release.objects.defer("bundle").filter(basket=release.basket):
        found = worked_examples(one, systems, evals).every
        assert found
        assert [row.ident for row in found if not row.agrees] == []


def test_it_notices_a_score_that_is_not_the_one_the_release_counted(release: Release) -> None:
    case = case_of(release)
    slug = case.steps("capability")[-1].system.slug
    scores = tuple(
        replace(score, value=score.value * 0.9) if score.system == slug else score
        for score in case.problem.scores
    )
    wrong = replace(case, problem=replace(case.problem, scores=scores))
    assert not named(tuple(values.of_index(wrong)), "index").agrees
    assert named(tuple(values.of_index(case)), "index").agrees


def test_it_leaves_out_what_a_release_was_made_without(release: Release) -> None:
    first = Release.objects.defer("bundle").earliest("number")
    found = {row.ident for row in worked_examples(first, system_names(), eval_names()).every}
    assert {"link-additive", "revision", "effective"}.isdisjoint(found)
    assert "index-first" in found


def test_it_has_nothing_to_compare_with_where_the_release_recorded_nothing(
    release: Release,
) -> None:
    case = case_of(release)
    vars(case)["analyses"] = Analyses()
    row = next(cells.of_points(case))
    assert row.stated is None
    assert not row.agrees


def test_it_puts_a_rating_on_the_points_scale() -> None:
    ends = Goalposts(reference=1200.0)
    assert in_points(1200, "elo", ends) == 50
    assert in_points(1600, "elo", ends) == pytest.approx(100 / 1.1)


def test_it_shows_that_every_example_agrees(client: Client) -> None:
    html = client.get("/methodology/?examples=open").content.decode()
    assert html.count(": the same.</p>") == len(EXPECTED)
    assert "which is not what was worked out" not in html
    for ident in EXPECTED:
        assert f'<details class="worked" id="worked-{ident}" open>' in html
    closed = client.get("/methodology/").content.decode()
    assert '<details class="worked" id="worked-index">' in closed


def test_it_works_the_examples_of_a_past_date_out_from_its_release(client: Client) -> None:
    first = Release.objects.defer("bundle").earliest("number")
    html = client.get(f"/methodology/?as_of={first.vintage_on}").content.decode()
    assert f"numbers of release {first.number}," in html


def test_it_shows_the_cross_validation_that_the_release_records(
    client: Client, release: Release
) -> None:
    html = client.get("/methodology/").content.decode()
    report = release.summary["imputation"]
    for row in report.values():
        assert f">{row['cv_rmse']['eval-mean']:.2f}<" in html
        assert f">{100 * row['interval_coverage']:.1f}%<" in html


def test_it_states_the_sensitivity_band_that_the_release_stored(
    methods: Methods, release: Release
) -> None:
    leader = release.summary["series"]["capability"]["frontier"][-1]["system"]
    content = Analysis.objects.get(release=release, kind="sensitivity").content
    (row,) = [
        one for one in content["bands"]
        if (one["system"], one["series"]) == (leader, "capability")
    ]  # fmt: skip
    ends = f"{row['low_on_scale']:.1f} to {row['high_on_scale']:.1f}"
    assert ends in methods.band
