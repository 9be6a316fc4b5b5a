"""What a measurement says of its target, and which scripts of a page are counted."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.bench import lighthouse
from tests.bench.report import Row, table, write
from tests.bench.scripts import Scripts

AT = datetime(2026, 3, 1, 9, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(("value", "met"), [(2.9, True), (3.0, True), (3.1, False)])
def test_a_target_is_the_largest_value_that_will_do(value: float, met: bool) -> None:
    assert Row("ratio", value, "x", 3.0).met is met


def test_a_row_without_a_target_is_neither_met_nor_missed() -> None:
    assert Row("start", 40.0, "s").met is None


def test_it_prints_a_missed_target_so_that_it_is_seen() -> None:
    line = table([Row("recompute", 1.25, "s", 1.0)]).splitlines()[1]
    assert line.split() == ["recompute", "1.25", "s", "<=", "1", "NO"]


def test_it_writes_the_same_report_under_its_time_and_as_the_latest(tmp_path: Path) -> None:
    path = write([Row("recompute", 0.5, "s", 1.0)], tmp_path / "bench", at=AT)
    assert path.name == "20260301T093005Z.json"
    assert path.read_bytes() == (tmp_path / "bench" / "latest.json").read_bytes()
    (row,) = json.loads(path.read_text())["rows"]
    assert row == {"name": "recompute", "value": 0.5, "unit": "s", "target": 1.0, "met": True}


def test_it_counts_every_script_that_a_page_loads_on_its_own() -> None:
    scripts = Scripts()
    scripts.feed('<link rel="modulepreload" href="/a.js"><link rel="stylesheet" href="/a.css">')
    scripts.feed('<script src="/b.js" defer></script><script>let a = "é";</script><p>let b</p>')
    scripts.close()
    assert scripts.sources == ["/a.js", "/b.js"]
    assert scripts.inline == len('let a = "é";'.encode())


def test_the_worst_of_several_looks_counts() -> None:
    def look(score: float, paint: float) -> dict[str, Any]:
        items = [{"resourceType": "Script", "transferSize": 9000}, {"transferSize": 70}]
        return {
            "categories": {name: {"score": score} for name in lighthouse.CATEGORIES},
            "audits": {
                "largest-contentful-paint": {"numericValue": paint},
                "cumulative-layout-shift": {"numericValue": 0.0},
                "network-requests": {"details": {"items": items}},
            },
        }

    rows = lighthouse.rows_of("/", [look(1.0, 1600.0), look(0.97, 900.0)])
    assert [round(row.value, 6) for row in rows] == [3.0, 3.0, 3.0, 3.0, 1.6, 0.0, 9.0]
    assert [row.met for row in rows] == [False, False, False, False, False, True, True]


def test_it_says_what_lighthouse_needs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIGHTHOUSE", str(tmp_path / "nowhere"))
    with pytest.raises(lighthouse.Missing, match=r"needs Node\.js and `lighthouse`"):
        lighthouse.command()
