"""Which reader a file goes to."""

from __future__ import annotations

import inspect
import pkgutil
from pathlib import Path

import pytest

from evals import readers
from evals.records import UnreadableFile
from tests.evals.readers.files import LOGS, shared, write_json


def test_it_finds_every_module_that_is_a_reader_in_the_order_of_ranks() -> None:
    found = list(readers.REGISTRY.values())
    assert found == sorted(found, key=lambda reader: (reader.RANK, reader.NAME))
    modules = {module.name for module in pkgutil.iter_modules(readers.__path__)}
    assert len(found) == len([name for name in modules if not name.startswith("_")])
    assert found[-1].NAME == readers.MAPPED


@pytest.mark.parametrize("name", readers.REGISTRY)
def test_it_lets_every_reader_be_told_the_date_of_what_has_none(name: str) -> None:
    reader = readers.REGISTRY[name]
    assert "dated" in inspect.signature(reader.read).parameters
    assert reader.VERSION >= 1


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("inspect.eval", "inspect"),
        ("inspect.json", "inspect"),
        ("lm_eval.json", "lm_eval"),
    ],
)
def test_it_knows_a_log_by_its_content_alone(tmp_path: Path, path: str, expected: str) -> None:
    renamed = tmp_path / "results"
    renamed.write_bytes((LOGS / path).read_bytes())
    assert [name for name, reader in readers.REGISTRY.items() if reader.sniff(renamed)] == [
        expected
    ]


def test_it_gives_every_log_of_others_to_one_reader() -> None:
    found = {
        path.relative_to(shared("fixtures")).parts[0]: readers.choose(path)
        for path in sorted(shared("fixtures").glob("*/*"))
    }
    assert found == {
        "eee": "every_eval_ever",
        "helm": "helm",
        "inspect": "inspect",
        "lm_eval": "lm_eval",
    }


def test_it_chooses_a_table_only_where_its_columns_are_mapped(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("model,score\nm,1\n")
    assert readers.choose(path, mapped=True) == "table"
    with pytest.raises(UnreadableFile, match=r"t\.csv: no reader .* it is a table, and can be"):
        readers.choose(path)


@pytest.mark.parametrize("content", [b"", b"\0" * 1000, b"PK\5\6", b"[]", b"{}", b"hello\n"])
def test_it_says_that_no_reader_knows_a_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"x: no reader knows this format\."):
        readers.choose(path)


def test_it_says_that_no_reader_knows_a_folder_or_what_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(UnreadableFile, match="no reader knows"):
            readers.choose(path)


def test_it_finds_the_keys_that_tell_a_format_behind_a_long_member(tmp_path: Path) -> None:
    results = {f"task {i}": {"acc,none": 0.5, "note": "x" * 100} for i in range(5_000)}
    path = write_json(tmp_path / "r.json", {"results": results, "configs": {}})
    assert readers.choose(path) == "lm_eval"
