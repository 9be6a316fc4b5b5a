"""Files that are damaged, hostile or of another kind: a reason for each, and small memory."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import subprocess
import sys
import tracemalloc
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard

from evals import readers
from evals.readers import _source, _tree, table
from evals.readers.table import Mapping
from evals.records import Record, ScoreRecord, UnreadableFile
from tests.evals.readers.files import DATED, LOGS, records, refusal, zipped

HEADER = "system,eval,value,reported_by,observed_on"
ROW = "gpt-4o,gpqa,50,third_party,2026-03-01"
CSV = "\n".join([HEADER, *[ROW] * 2_000]).encode()
PLAIN = Mapping(system="system", eval="eval", value="value", observed_on="observed_on")
PACKERS: list[Callable[[bytes], bytes]] = [gzip.compress, zstandard.compress]


@pytest.mark.parametrize("pack", PACKERS)
def test_it_reads_packed_text_as_it_reads_the_text(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    plain, packed = tmp_path / "o.csv", tmp_path / "packed"
    plain.write_bytes(CSV)
    packed.write_bytes(pack(CSV[:30_000]) + pack(CSV[30_000:]))
    assert records(packed) == records(plain)
    log = tmp_path / "log"
    log.write_bytes(pack((LOGS / "inspect.json").read_bytes()))
    assert records(log) == records(LOGS / "inspect.json")


@pytest.mark.parametrize("pack", PACKERS)
@pytest.mark.parametrize("name", ["catalog", "epoch", "inspect", "every_eval_ever", "lm_eval"])
def test_it_refuses_packed_text_that_is_cut_short(
    tmp_path: Path, pack: Callable[[bytes], bytes], name: str
) -> None:
    path = tmp_path / "cut"
    noise = "\n".join([HEADER, *(f"m{i * 7919},e,{i},third_party,2026-01-02" for i in range(900))])
    path.write_bytes(pack(noise.encode())[:-20])
    assert "damaged or cut short" in refusal(path, name)


@pytest.mark.parametrize("pack", PACKERS)
def test_it_refuses_a_bomb_before_it_goes_off(
    tmp_path: Path, pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_source, "FREE_UNPACKED", 1 << 20)
    path = tmp_path / "bomb.csv"
    path.write_bytes(pack(CSV + b"\n" + f"{ROW}\n".encode() * 1_000_000))
    count = itertools.count()
    with pytest.raises(UnreadableFile, match=r"bomb\.csv: unpacks to more than 200 times its size"):
        deque(zip(count, readers.REGISTRY["catalog"].read(path), strict=False), maxlen=0)
    assert next(count) < 500_000


def test_it_refuses_an_archive_with_a_bomb_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_source, "FREE_UNPACKED", 1 << 20)
    text = json.dumps({"status": "success", "eval": {}})[:-1] + ', "x": "' + "x" * (4 << 20) + '"}'
    path = zipped(tmp_path / "bomb.eval", {"header.json": text})
    assert "bomb.eval: header.json: unpacks to more than 200 times" in refusal(path)


def test_it_refuses_an_archive_whose_list_of_files_is_a_bomb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_tree, "LARGEST_DIRECTORY", 1_000)
    path = zipped(tmp_path / "many.zip", {f"{n}.json": "{}" for n in range(100)})
    with (
        pytest.raises(UnreadableFile, match=r"many\.zip: the archive's list of files is too long"),
        _tree.opened(path),
    ):
        pytest.fail("it was opened")


def test_it_never_unpacks_more_than_its_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_source, "MOST_UNPACKED", 10_000)
    path = tmp_path / "o.csv.gz"
    path.write_bytes(gzip.compress(CSV))
    assert "unpacks to more than 10000 bytes" in refusal(path, "catalog")


LIMITED = """
import resource, sys
from pathlib import Path
from evals import readers
from evals.readers.table import Mapping
from evals.records import Record, ScoreRecord, UnreadableFile
resource.setrlimit(resource.RLIMIT_AS, (600 << 20, 600 << 20))
path, told = Path(sys.argv[1]), {}
for name, reader in readers.REGISTRY.items():
    reader.sniff(path)
    if name == "table":
        told = {"mapping": Mapping(system="a", eval="b", value="c", observed_on="d")}
    try:
        list(reader.read(path, **told))
    except UnreadableFile as error:
        print(name, error)
# Of this program alone: what getrusage tells begins with what the parent had.
status = dict(line.split(":") for line in open("/proc/self/status"))
print("peak", int(status["VmHWM"].split()[0]) >> 10)
"""


@pytest.mark.parametrize(
    "start", [HEADER, '{"status": 1, "eval": "', '{"results": "', "- dataset:\n  id: "]
)
def test_it_refuses_a_line_of_a_gigabyte_in_small_memory(tmp_path: Path, start: str) -> None:
    path = tmp_path / "long.csv"
    path.write_text(start)
    os.truncate(path, 1 << 30)
    program = [sys.executable, "-c", LIMITED, str(path)]
    done = subprocess.run(program, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert set(told) == {*readers.REGISTRY, "peak"}
    assert all("long.csv" in told[name] for name in readers.REGISTRY)
    assert "\n" in start or "line 1: longer than 1000000 characters" in told["catalog"]
    assert int(told["peak"]) < 300


def test_it_reads_a_long_table_in_constant_memory(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.write_text("\n".join([HEADER, *[ROW] * 10_000]))
    for reader in (readers.REGISTRY["catalog"].read(path), _mapped(path)):
        next(reader)
        tracemalloc.start()
        assert sum(1 for _ in reader) == 9_999
        # Bytes; its records, if they were kept, would have ten times as many.
        assert tracemalloc.get_traced_memory()[1] < 500_000
        tracemalloc.stop()


def _mapped(path: Path) -> Iterator[Record]:
    return table.read(path, PLAIN)


@pytest.mark.parametrize("name", ["inspect", "lm_eval", "every_eval_ever", "epoch", "hub", "table"])
def test_it_refuses_text_in_no_encoding(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x"
    text = '{"status": "é", "eval": 1}\n' if name != "table" else "système,b\n"
    path.write_bytes(text.encode("latin-1"))
    told: dict[str, Any] = {"mapping": PLAIN} if name == "table" else {}
    with pytest.raises(UnreadableFile, match=r"x.*: not UTF-8 text"):
        list(readers.REGISTRY[name].read(path, **told))


@pytest.mark.parametrize("name", ["../header.json", "/header.json", "a/../../header.json"])
def test_it_refuses_a_path_that_leads_outside_and_reads_the_rest(tmp_path: Path, name: str) -> None:
    header = (LOGS / "inspect.json").read_bytes()
    path = zipped(tmp_path / "log.eval", {"header.json": header, name: "{}"})
    *good, bad = records(path)
    assert [type(record) for record in good] == [ScoreRecord, ScoreRecord]
    assert getattr(bad, "reason", "") == f"log.eval: {name} leads outside of the archive"


@pytest.mark.parametrize("name", readers.REGISTRY)
def test_it_waits_for_no_pipe_and_reads_no_absent_file(tmp_path: Path, name: str) -> None:
    pipe, absent = tmp_path / "pipe", tmp_path / "absent"
    os.mkfifo(pipe)
    told: dict[str, Any] = {"mapping": PLAIN} if name == "table" else {}
    for path in (pipe, absent):
        assert not readers.REGISTRY[name].sniff(path)
        with pytest.raises(UnreadableFile, match=path.name):
            list(readers.REGISTRY[name].read(path, **told, dated=DATED))


def test_it_reads_past_a_file_without_a_name_in_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "log.eval"
    data = zipped(path, {"x": "", "header.json": (LOGS / "inspect.json").read_bytes()}).read_bytes()
    at = data.rindex(b"PK\1\2", 0, data.rindex(b"PK\1\2"))
    nameless = data[at : at + 28] + b"\0\0" + data[at + 30 : at + 46]
    path.write_bytes(data[:at] + nameless + data[at + 47 : -10] + _less_by_one(data[-10:]))
    assert len(records(path)) == 2


def _less_by_one(end: bytes) -> bytes:
    """The end of an archive whose list of files has become a byte shorter."""
    size = int.from_bytes(end[:4], "little") - 1
    return size.to_bytes(4, "little") + end[4:]


def test_it_refuses_a_link_in_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "log.eval"
    info = zipfile.ZipInfo("header.json")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert "log.eval: header.json is a link" in refusal(path, "inspect")


def test_it_refuses_two_files_of_one_name_in_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "log.eval"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.json", "{}")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("header.json", "{}")
    assert "log.eval: header.json stands in it twice" in refusal(path, "inspect")


@pytest.mark.parametrize("member", ["systems.csv", ".eval_results/a.yaml"])
def test_it_does_not_follow_links_in_a_folder(tmp_path: Path, member: str) -> None:
    outside = tmp_path / "secret"
    outside.write_text("slug,name,developer,generation,released_on\n")
    folder = tmp_path / "folder"
    (folder / member).parent.mkdir(parents=True)
    (folder / member).symlink_to(outside)
    name = readers.choose(folder)
    with pytest.raises(UnreadableFile, match="is a link, and links in a folder are not followed"):
        list(readers.REGISTRY[name].read(folder))


def test_it_does_not_go_into_a_folder_behind_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / ".eval_results").mkdir(parents=True)
    (outside / ".eval_results" / "a.yaml").write_text("- dataset: {id: x}\n  value: 1\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "inner").symlink_to(outside)
    (outside / "loop").symlink_to(outside)
    assert readers.REGISTRY["hub"].sniff(outside)
    assert not readers.REGISTRY["hub"].sniff(folder)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_it_reads_a_mapped_table_with_any_mark_and_line_ending(
    tmp_path: Path, encoding: str, ending: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(ending.join([HEADER, ROW, ROW]).encode(encoding))
    assert [record.line for record in _mapped(path)] == [2, 3]


@pytest.mark.parametrize("name", ["catalog", "epoch", "table"])
def test_it_refuses_a_header_with_a_column_twice(tmp_path: Path, name: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{HEADER},value\n{ROW},1\n")
    told: dict[str, Any] = {"mapping": PLAIN} if name == "table" else {}
    with pytest.raises(UnreadableFile, match=r"t\.csv, line 1: the column 'value' stands there t"):
        list(readers.REGISTRY[name].read(path, **told))
