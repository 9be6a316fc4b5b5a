"""Folders and archives of a catalog."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evals.readers import catalog
from evals.records import EvalRecord, FlagRecord, ScoreRecord, SystemRecord, UnreadableFile
from tests.evals.tables import EVALS, HEADER, SYSTEMS, read_or_complaint, score, write

SYSTEM = "x-1,X 1,Lab,X,2026-01-01,x one|x-1-preview"
FLAG = "e,disputed,2026-02-03,Wrong keys."
EVAL = "e,E,safety,misuse,percent,linear,higher,0,100,0,100,"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A catalog of one system, one eval and one score."""
    target = tmp_path / "catalog"
    target.mkdir()
    write(target / "observations.csv", [score(system="x-1", eval="e")])
    write(target / "evals.csv", [EVAL], header=EVALS)
    write(target / "flags.csv", [FLAG], header="eval,kind,since,reason")
    write(target / "systems.csv", [SYSTEM], header=SYSTEMS)
    return target


def archive_of(folder: Path) -> Path:
    """The same files in one archive."""
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in sorted(folder.iterdir()):
            archive.write(member, member.name)
    return path


def test_it_reads_names_before_the_scores_that_use_them(folder: Path) -> None:
    system, item, flag, found = catalog.read(folder)
    assert isinstance(system, SystemRecord)
    assert system.aliases == ("x one", "x-1-preview")
    assert isinstance(item, EvalRecord)
    assert (item.floor, item.ceiling, item.released_on) == (0.0, 100.0, None)
    assert isinstance(flag, FlagRecord)
    assert isinstance(found, ScoreRecord)


def test_it_reads_an_archive_as_it_reads_the_folder(folder: Path) -> None:
    archive = archive_of(folder)
    assert catalog.sniff(folder)
    assert catalog.sniff(archive)
    assert list(catalog.read(archive)) == list(catalog.read(folder))


@pytest.mark.parametrize("name", catalog.NAMES)
def test_it_reads_each_table_alone(folder: Path, name: str) -> None:
    for other in set(catalog.NAMES) - {name}:
        (folder / other).unlink()
    assert catalog.sniff(folder)
    assert len(list(catalog.read(folder))) == 1
    assert len(list(catalog.read(archive_of(folder)))) == 1


def test_it_refuses_a_folder_without_any_of_its_tables(tmp_path: Path) -> None:
    assert not catalog.sniff(tmp_path)
    with pytest.raises(UnreadableFile, match=r"holds none of systems\.csv, evals\.csv, flags\.csv"):
        list(catalog.read(tmp_path))


def test_it_refuses_an_encrypted_archive(folder: Path) -> None:
    data = bytearray(archive_of(folder).read_bytes())
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = data.find(mark)
        while start >= 0:
            data[start + offset] |= 1
            start = data.find(mark, start + 1)
    locked = folder.with_name("locked.zip")
    locked.write_bytes(data)
    with pytest.raises(UnreadableFile, match=r"locked\.zip: .*systems\.csv is encrypted"):
        list(catalog.read(locked))


def _packed(compression: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        archive.writestr("observations.csv", "\n".join([HEADER, *[score()] * 40]))
    return target.getvalue()


PACKED = [_packed(way) for way in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(PACKED), st.dictionaries(st.floats(0, 1), st.integers(0, 255), max_size=4))
def test_it_reads_any_damaged_archive_or_says_that_it_cannot(
    tmp_path: Path, packed: bytes, damage: dict[float, int]
) -> None:
    data = bytearray(packed)
    for place, byte in damage.items():
        data[int(place * (len(data) - 1))] = byte
    path = tmp_path / "o.zip"
    path.write_bytes(data)
    catalog.sniff(path)
    records, complaint = read_or_complaint(path)
    assert bool(records) != bool(complaint)
    assert not complaint or "o.zip" in complaint or "observations.csv" in complaint
