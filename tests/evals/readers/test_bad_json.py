"""JSON that is damaged, hostile or of another kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals import readers
from evals.readers import table
from evals.readers.table import Mapping
from evals.records import UnreadableFile
from tests.evals.readers.files import DATED, LOGS, records, refusal, write_json

PLAIN = Mapping(system="system", eval="eval", value="value", observed_on="observed_on")


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("inspect", '{"status": "success", "eval": ', "}"),
        ("inspect", '{"status": "success", "samples": ', "}"),
        ("lm_eval", '{"results": ', "}"),
        ("every_eval_ever", '{"schema_version": ', "}"),
    ],
)
def test_it_refuses_json_of_ten_thousand_levels(
    tmp_path: Path, opening: str, name: str, start: str, end: str
) -> None:
    path = tmp_path / "deep.json"
    closing = "]" if opening == "[" else "}"
    path.write_text(start + opening * 10_000 + "1" + closing * 10_000 + end)
    assert "nested" in refusal(path, name)


def test_it_rejects_a_line_of_json_that_is_too_deep(tmp_path: Path) -> None:
    path = tmp_path / "deep.jsonl"
    path.write_text('{"system": "a"}\n{"system": ' + "[" * 10_000 + "]" * 10_000 + "}\n")
    found = [getattr(record, "reason", "") for record in table.read(path, PLAIN)]
    assert found == [
        "deep.jsonl, line 1: value is empty",
        "deep.jsonl, line 2: nested too deeply",
    ]


@pytest.mark.parametrize("name", ["inspect", "lm_eval", "every_eval_ever"])
def test_it_refuses_a_key_that_stands_twice(tmp_path: Path, name: str) -> None:
    path = tmp_path / "twice.json"
    path.write_text('{"status": {}, "eval": 1, "results": 1, "results": 2}')
    assert "'results' stands twice" in refusal(path, name)


def test_it_refuses_a_key_that_stands_twice_deep_inside_what_it_reads(tmp_path: Path) -> None:
    path = tmp_path / "twice.json"
    path.write_text('{"status": "success", "eval": {"task": "a", "task": "b"}}')
    assert "'task' stands twice" in refusal(path, "inspect")


@pytest.mark.parametrize("name", ["inspect", "lm_eval", "every_eval_ever"])
@pytest.mark.parametrize("text", ["", "{", '{"a": ', "[1]", "nul", '{"a" 1}', '{"a": 1} x', "\0"])
def test_it_refuses_what_is_not_json(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    try:
        told = [getattr(record, "reason", "") for record in readers.REGISTRY[name].read(path)]
    except UnreadableFile as error:
        told = [str(error)]
    assert told
    assert all("x.json" in reason for reason in told)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_it_reads_json_in_any_encoding_that_its_mark_names(tmp_path: Path, encoding: str) -> None:
    for name in ("inspect.json", "lm_eval.json"):
        path = tmp_path / name
        path.write_bytes((LOGS / name).read_text().encode(encoding))
        assert records(path) == records(LOGS / name)


def test_it_rejects_text_that_the_database_cannot_hold(tmp_path: Path) -> None:
    log = json.loads((LOGS / "inspect.json").read_text())
    for text, kind in (("m\0", "a NUL character"), ("m\ud800", "half of a character pair")):
        log["eval"]["model"] = text
        found = records(write_json(tmp_path / "log.json", log), dated=DATED)
        assert kind in getattr(found[0], "reason", "")
        assert "\0" not in getattr(found[0], "reason", "")


def test_it_rejects_a_key_that_the_database_cannot_hold(tmp_path: Path) -> None:
    results = {"results": {"task\0": {"acc,none": 0.5}}, "config": {"model": "m"}, "versions": {}}
    (found,) = records(write_json(tmp_path / "r.json", results), dated=DATED)
    assert getattr(found, "reason", "") == (
        "r.json, record 1: eval holds a NUL character, which the database cannot hold"
    )
