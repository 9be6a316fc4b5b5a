"""Archives of logs of several formats: every file is read by its reader or listed with why not."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from evals import readers
from evals.readers import _source, catalog
from evals.records import Record, RejectedRow, ScoreRecord, SystemRecord, UnreadableFile
from tests.evals.readers.files import DATED, LOGS, records, scores, shared, zipped
from tests.evals.readers.test_helm import SPEC, stat
from tests.evals.readers.test_hub import CARD, FULL
from tests.evals.tables import HEADER, SYSTEMS, score

RUN = {"run_spec.json": json.dumps(SPEC), "stats.json": json.dumps([stat("exact_match")])}


def in_folder(name: str, files: dict[str, str]) -> dict[str, str | bytes]:
    """The files below a folder."""
    return {f"{name}/{file}": content for file, content in files.items()}


def of(found: list[Record], note: str) -> list[ScoreRecord]:
    """The scores that say that they stand in a place."""
    return [r for r in found if isinstance(r, ScoreRecord) and r.note.endswith(f"in {note}")]


def why(found: list[Record]) -> list[str]:
    """The reasons of what was rejected."""
    return [record.reason for record in found if isinstance(record, RejectedRow)]


def test_a_run_of_helm_hides_no_log_beside_or_inside_it(tmp_path: Path) -> None:
    files = {
        **in_folder("suite/r", RUN),
        "suite/r/scenario.json": "{}",
        "suite/r/inside.eval": (LOGS / "inspect.eval").read_bytes(),
        "suite/beside.json": (LOGS / "lm_eval.json").read_bytes(),
        "suite/r/notes.txt": "hello",
        "suite/runs.json": "[]",
    }
    path = zipped(tmp_path / "all.zip", files)
    assert readers.choose(path) == "archive"
    found = records(path, dated=DATED)
    assert len(of(found, "suite/r/inside.eval")) == 2
    assert len(of(found, "suite/beside.json")) > 0
    assert next(r.eval for r in found if isinstance(r, ScoreRecord)) == "boolq exact_match"
    assert why(found) == ["all.zip: suite/r/notes.txt is of no known format"]


def test_it_reads_the_shared_logs_as_their_readers_do(tmp_path: Path) -> None:
    folder = shared("fixtures")
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}
    found = records(zipped(tmp_path / "all.zip", files), dated=DATED)
    parts = [scores(folder / "helm", dated=DATED)]
    others = [*folder.glob("inspect/*"), *folder.glob("lm_eval/*"), *folder.glob("eee/*.json")]
    parts += [[r for r in records(p, dated=DATED) if isinstance(r, ScoreRecord)] for p in others]
    values = sorted((r.system, r.eval, r.value) for part in parts for r in part)
    got = [(r.system, r.eval, r.value) for r in found if isinstance(r, ScoreRecord)]
    assert sorted(got) == values and len(values) > 10


def test_it_finds_a_catalog_in_a_folder_before_the_scores_that_need_it(tmp_path: Path) -> None:
    files = {
        "a.csv": f"{HEADER}\n{score(system='x-1')}\n",
        "my catalog/systems.csv": f"{SYSTEMS}\nx-1,X 1,Lab,X,2026-01-01,\n",
    }
    first, second = records(zipped(tmp_path / "c.zip", files))
    assert isinstance(first, SystemRecord) and isinstance(second, ScoreRecord)
    assert second.note == "in a.csv"


def test_each_repository_in_it_has_its_own_name(tmp_path: Path) -> None:
    cached = "models--lab--model-b/snapshots/" + "0" * 40
    files = {
        "model-a/.eval_results/hle.yaml": FULL,
        f"{cached}/.eval_results/hle.yaml": FULL,
        "c/.eval_results/hle.yaml": FULL,
        "c/README.md": CARD,
    }
    path = zipped(tmp_path / "m.zip", files)
    found = [r for r in records(path, dated=DATED) if isinstance(r, ScoreRecord)]
    assert {r.system for r in found if "hle" in r.eval} == {
        "model-a",
        "lab/model-b",
        "lab/model-7b",
    }
    told = [r for r in records(path, dated=DATED, system="z") if isinstance(r, ScoreRecord)]
    assert {r.system for r in told if "hle" in r.eval} == {"z"}


def test_a_file_that_breaks_off_is_rejected_whole_and_the_others_go_in(tmp_path: Path) -> None:
    rows = "\n".join([HEADER, *[score()] * 9])
    files: dict[str, str | bytes] = {
        "good.csv": rows,
        "x/cut.csv.gz": gzip.compress(rows.encode())[:-9],
        "x/open.csv": rows + '\n"',
    }
    found = records(zipped(tmp_path / "a.zip", files))
    assert len(of(found, "good.csv")) == 9 and len(found) == 11
    opened, cut = why(found)
    assert cut.startswith("a.zip: x/cut.csv.gz: cannot be unpacked; it is damaged or cut short")
    assert opened.startswith("x/open.csv, line 11: not a table")


def test_it_names_a_row_by_the_file_that_it_stands_in(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"deep/in/o.csv": f"{HEADER}\n{score('x')}\n"})
    assert why(records(path)) == ["deep/in/o.csv, line 2: value 'x' is not a number"]


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    """An archive of one good file among much that is not opened."""
    rows = f"{HEADER}\n{score()}\n"
    inner = zipped(tmp_path / "inner.zip", {"o.csv": "x"}).read_bytes()
    files: dict[str, str | bytes] = {"o.csv": rows, "../../etc/o.csv": rows, "inner.zip": inner}
    files |= {"t.csv": "a,b\nm,1\n", "__MACOSX/._o.csv": "x", "._o.csv": "x"}
    path = zipped(tmp_path / "a.zip", files)
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as packed:
        packed.writestr(link, "/etc/passwd")
    return path


def test_it_lists_what_it_does_not_open(strange: Path) -> None:
    found = records(strange)
    assert len(of(found, "o.csv")) == 1
    assert why(found) == [
        "a.zip: inner.zip is an archive in an archive, which is not opened",
        "a.zip: t.csv is a table whose columns nobody explained; import it by itself",
        "a.zip: ../../etc/o.csv leads outside of the archive",
        "a.zip: link.csv is a link, and links are not followed",
    ]


def test_it_refuses_an_archive_of_nothing_that_is_known(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"notes.txt": "x", "../o.csv": "y"})
    with pytest.raises(UnreadableFile, match=r"a\.zip: \.\./o\.csv leads outside .* \(1 tried\)"):
        records(path)
    office = zipped(tmp_path / "b.xlsx", {"[Content_Types].xml": "<a/>", "xl/a.xml": "<b/>"})
    with pytest.raises(UnreadableFile, match="no reader knows this format"):
        readers.choose(office)


def test_it_ends_at_files_that_together_unpack_to_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_source, "FREE_UNPACKED", 2_000_000)
    files: dict[str, str | bytes] = {f"{n}.txt": "x" * 999_999 for n in range(3)}
    with pytest.raises(UnreadableFile, match=r"a\.zip: unpacks to more than logs do"):
        records(zipped(tmp_path / "a.zip", files))


def test_one_bad_run_of_helm_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    bad = {"run_spec.json": "{", "stats.json": "[]"}
    path = zipped(tmp_path / "h.zip", {**in_folder("a", bad), **in_folder("b", RUN)})
    assert readers.choose(path) == "helm"
    found = records(path, dated=DATED)
    assert len(found) == 2 and why(found)[0].startswith("a: a/run_spec.json: not JSON")


def test_a_reader_that_is_asked_for_lists_what_it_leaves(tmp_path: Path) -> None:
    path = zipped(tmp_path / "h.zip", {**in_folder("b", RUN), "o.csv": f"{HEADER}\n{score()}\n"})
    found = list(readers.REGISTRY["helm"].read(path, dated=DATED))
    assert why(found) == ["h.zip: o.csv is of no known format"]
    assert catalog.claims(frozenset({"systems.csv", "x/systems.csv"})) == {"systems.csv"}


def test_a_path_of_a_thousand_folders_is_refused_at_once(tmp_path: Path) -> None:
    deep = "a/" * 20_000
    files = {f"{deep}run_spec.json": RUN["run_spec.json"], **in_folder("r", RUN)}
    path = zipped(tmp_path / "deep.zip", files)
    found = records(path)
    assert [reason for reason in why(found) if "lies deeper than 20 folders" in reason]
    assert any("r/stats.json" in reason for reason in why(found))


def test_it_reads_a_file_whose_name_is_too_long_for_a_file_here(tmp_path: Path) -> None:
    name = f"logs/{'測' * 99}.csv"
    found = records(zipped(tmp_path / "all.zip", {name: f"{HEADER}\n{score(51)}\n", "b.txt": "x"}))
    assert [record.value for record in of(found, name)] == [51.0]
