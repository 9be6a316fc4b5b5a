"""The shipped simulation is read whole, and known for another engine's where it is one."""

from __future__ import annotations

import json
from pathlib import Path

from baskets.engine import ENGINE_VERSION
from baskets.selectors.evidence import simulation


def written(folder: Path, engine: str) -> Path:
    """A result as the bench writes it."""
    result = {
        "coverage": {"headline": 0.951, "safety": 0.947},
        "pooled": 0.949,
        "points": 4000,
        "bins": [{"pairs": 900, "stated": 0.75, "ahead": 0.76, "well_filled": True}],
        "largest_deviation": 0.01,
    }
    found = {
        "engine": engine,
        "seeds": [0, 499],
        "sizes": {"sets": 500},
        "series": ["headline", "safety"],
        "results": {"none": result, "random": result},
    }
    path = folder / f"simulation-{engine}.json"
    path.write_text(json.dumps(found), encoding="utf-8")
    return path


def test_it_reads_coverage_and_calibration(tmp_path: Path) -> None:
    found = simulation(written(tmp_path, ENGINE_VERSION))
    assert found is not None
    assert found.of_this_engine
    assert found.series == ("headline", "safety")
    assert [outcome.way for outcome in found.outcomes] == ["none", "random"]
    assert found.outcomes[0].coverage == (("headline", 0.951), ("safety", 0.947))
    assert found.outcomes[0].bins[0].stated == 0.75
    assert found.outcomes[0].widest == 1.0


def test_it_knows_the_result_of_another_engine(tmp_path: Path) -> None:
    found = simulation(written(tmp_path, "0.0.1"))
    assert found is not None
    assert not found.of_this_engine


def test_it_has_nothing_where_there_is_no_file(tmp_path: Path) -> None:
    assert simulation(tmp_path / "absent.json") is None
