"""The reader of results by the record's own names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.readers import results
from evals.records import RejectedRow, UnreadableFile
from tests.evals.web.conftest import line

TWICE = line()[:-1] + ', "value": 90}'


@pytest.mark.parametrize("text", [f"{line()}\n{TWICE}\n", f"[{line()},{TWICE}]"])
def test_it_rejects_a_row_in_which_a_member_stands_twice(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(text)
    good, bad = results.read(path)
    assert isinstance(bad, RejectedRow) and not isinstance(good, RejectedRow)
    assert bad.reason == "r.jsonl, line 2: the member 'value' stands there twice"


def test_it_names_the_result_at_which_an_array_breaks_off(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(f"[{line()}, {line(value='NaN')}]")
    with pytest.raises(UnreadableFile, match=r"r\.json, result 2: not JSON \(JSON is malformed"):
        list(results.read(path))


VALUES = st.text(max_size=5) | st.integers(0, 9) | st.none()


@given(
    pairs=st.lists(st.tuples(st.sampled_from(['a"', "b", "c"]), VALUES), max_size=4),
    ascii_only=st.booleans(),
)
def test_it_finds_a_name_that_stands_twice_whatever_the_values(
    pairs: list[tuple[str, object]], ascii_only: bool
) -> None:
    members = (f"{json.dumps(k)}:{json.dumps(v, ensure_ascii=ascii_only)}" for k, v in pairs)
    found = results.value_of("{" + ",".join(members) + "}")
    assert isinstance(found, results.Doubled) == (len(dict(pairs)) < len(pairs))
    assert found == dict(pairs)


def test_it_takes_a_whole_number_of_items_however_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    rows = [line()[:-1] + f', "n_items": {n}}}' for n in ("400", "400.0", "4e2", "400.5")]
    path.write_text("\n".join(rows))
    *good, bad = results.read(path)
    assert [getattr(found, "n_items", None) for found in good] == [400, 400, 400]
    assert isinstance(bad, RejectedRow) and "n_items" in bad.reason
