"""What a release stores of each system, packed, reads back as it was."""

from __future__ import annotations

import numpy as np
import pytest

from baskets.engine import Problem, compute_with_replicates
from baskets.models import Analysis, Release, Sheet
from baskets.sheets import packed_sheets, unpacked_cells, unpacked_replicates
from tests.engine.problems import changed, dense


@pytest.fixture
def drawn() -> dict[str, dict[str, np.ndarray]]:
    """The replicates of two systems, packed and unpacked again."""
    problem = Problem.from_json(changed(dense(), replicates=200))
    answer, replicates = compute_with_replicates(problem)
    found = {}
    for system, packed in packed_sheets(problem, answer, replicates).items():
        found[system] = unpacked_replicates(unpacked_cells(packed.cells), packed.replicates)
    return found


def test_it_reads_replicates_back_within_half_a_step(
    drawn: dict[str, dict[str, np.ndarray]],
) -> None:
    problem = Problem.from_json(changed(dense(), replicates=200))
    _answer, replicates = compute_with_replicates(problem)
    assert replicates is not None
    for row, system in enumerate(problem.systems):
        for series, values in drawn[system.id].items():
            wanted = replicates.index[series, 0][row]
            assert np.abs(values - wanted).max() <= np.ptp(wanted) / 65535 / 2 + 1e-9


def test_it_keeps_the_headlines_and_domains_only(drawn: dict[str, dict[str, np.ndarray]]) -> None:
    assert set(drawn["new"]) == {"headline", "balanced", "capability", "safety"}


def test_it_refuses_replicates_that_were_cut() -> None:
    problem = Problem.from_json(changed(dense(), replicates=200))
    packed = packed_sheets(problem, *compute_with_replicates(problem))["new"]
    with pytest.raises(ValueError, match="as many"):
        unpacked_replicates(unpacked_cells(packed.cells), packed.replicates[:-2])


def test_it_keeps_no_replicates_where_none_were_drawn() -> None:
    problem = Problem.from_json(dense())
    packed = packed_sheets(problem, *compute_with_replicates(problem))["new"]
    assert unpacked_replicates(unpacked_cells(packed.cells), packed.replicates) == {}


@pytest.mark.usefixtures("catalog_db")
def test_it_stores_a_sheet_for_every_system_of_every_release() -> None:
    for release in Release.objects.defer("bundle"):
        sheets = Sheet.objects.filter(release=release)
        assert sheets.count() >= release.summary["systems"]
        assert Analysis.objects.filter(release=release, kind="frame").exists()


@pytest.mark.usefixtures("catalog_db")
def test_it_stores_the_replicates_behind_the_intervals() -> None:
    release = Release.objects.defer("bundle").latest("number")
    sheets = {sheet.system_id: sheet for sheet in Sheet.objects.filter(release=release)}
    points = release.points.filter(on_official_version=True, series="capability", low__isnull=False)
    assert points.count() > 50
    for point in points:
        sheet = sheets[point.system_id]
        cells = unpacked_cells(bytes(sheet.cells))
        drawn = unpacked_replicates(cells, bytes(sheet.replicates))
        low, high = np.percentile(drawn["capability"], (2.5, 97.5))
        assert (low, high) == pytest.approx((point.low, point.high), abs=0.01)
