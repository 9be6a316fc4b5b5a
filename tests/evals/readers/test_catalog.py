"""The catalog reader on single files: headers, cells, lines, encodings."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evals import readers
from evals.readers import catalog
from evals.records import RejectedRow, ScoreRecord, UnreadableFile
from tests.evals.tables import (
    HEADER,
    lines_of,
    only_rejection,
    read_or_complaint,
    read_scores,
    score,
    write,
)


def test_it_reads_every_column_of_a_row(tmp_path: Path) -> None:
    line = score(51.5, uncertainty="±1.25", n_items="198 questions", note="two runs")
    (found,) = read_scores(write(tmp_path / "observations.csv", [line]))
    assert (found.line, found.system, found.eval, found.value) == (
        2,
        "gpt-4o",
        "gpqa-diamond",
        51.5,
    )
    assert (found.stderr, found.uncertainty, found.n_items) == (1.25, "±1.25", 198)
    assert (found.n_items_text, found.elicitation) == ("198 questions", "pass@1")
    assert (found.reported_by, found.observed_on.isoformat()) == ("third_party", "2026-03-01")
    assert (found.source_url, found.note) == ("https://example.org/report", "two runs")


def test_it_takes_columns_in_any_order_and_ignores_strange_ones(tmp_path: Path) -> None:
    header = "colour,observed_on,reported_by,value,eval,system"
    path = write(tmp_path / "o.csv", ["red,2026-03-01,third_party,7,mmlu,o3"], header=header)
    (found,) = read_scores(path)
    assert (found.system, found.eval, found.value, found.note) == ("o3", "mmlu", 7.0, "")


@pytest.mark.parametrize("column", catalog.OBSERVATIONS)
def test_it_names_a_column_that_is_missing(tmp_path: Path, column: str) -> None:
    header = ",".join(name for name in HEADER.split(",") if name != column)
    path = write(tmp_path / "o.csv", [], header=header)
    assert not catalog.sniff(path)
    with pytest.raises(UnreadableFile, match=rf"o\.csv, line 1: missing columns: {column}\."):
        list(catalog.read(path))


def test_it_refuses_a_column_that_stands_twice(tmp_path: Path) -> None:
    path = write(tmp_path / "o.csv", [], header=f"{HEADER},value")
    with pytest.raises(UnreadableFile, match="line 1: the column 'value' stands there twice"):
        list(catalog.read(path))


def test_it_refuses_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.touch()
    assert not catalog.sniff(path)
    with pytest.raises(UnreadableFile, match="line 1: there is no header"):
        list(catalog.read(path))


@pytest.mark.parametrize(("cells", "count"), [("a,b,c", 3), (score() + ",more", 11), (" ", 1)])
def test_it_rejects_a_row_of_another_width(tmp_path: Path, cells: str, count: int) -> None:
    path = write(tmp_path / "o.csv", [score(), cells, score()])
    good, bad, after = catalog.read(path)
    assert isinstance(bad, RejectedRow)
    assert bad.reason == f"o.csv, line 3: {count} cells where the header has 10"
    assert bad.raw == cells
    assert lines_of([good, bad, after]) == [2, 3, 4]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_it_reads_any_line_ending_with_or_without_a_mark(
    tmp_path: Path, ending: str, mark: str
) -> None:
    path = tmp_path / "o.csv"
    path.write_bytes((mark + ending.join([HEADER, score(1), score(2)])).encode())
    assert catalog.sniff(path)
    assert [found.value for found in read_scores(path)] == [1.0, 2.0]


def test_it_counts_lines_through_quoted_cells_and_blank_lines(tmp_path: Path) -> None:
    three_lines = score(note='"first\nsecond\r\nthird, with a comma"')
    path = tmp_path / "o.csv"
    text = "\n".join([HEADER, score(), "", three_lines, "bad", "", "", score()])
    path.write_bytes(text.encode())
    records = list(catalog.read(path))
    assert lines_of(records) == [2, 4, 7, 10]
    assert isinstance(records[1], ScoreRecord)
    assert records[1].note == "first\nsecond\r\nthird, with a comma"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_it_reads_any_encoding_that_its_mark_names(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "o.csv"
    path.write_bytes("\n".join([HEADER, score(note="déjà vu")]).encode(encoding))
    assert catalog.sniff(path)
    assert [found.note for found in read_scores(path)] == ["déjà vu"]


def test_it_says_after_which_line_a_file_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    lines = [HEADER, *[score()] * 1000, score(note="déjà vu")]
    path.write_bytes("\n".join(lines).encode("latin-1"))
    assert catalog.sniff(path)
    with pytest.raises(UnreadableFile, match=r"o\.csv, after line 9\d\d: not UTF-8 text \(.*byte"):
        list(catalog.read(path))


def test_it_refuses_a_quote_without_an_end(tmp_path: Path) -> None:
    path = write(tmp_path / "o.csv", [score(note='"never closed')])
    with pytest.raises(UnreadableFile, match=r"o\.csv, line 2: not a table"):
        list(catalog.read(path))


def test_it_rejects_a_row_with_a_nul_which_the_database_cannot_hold(tmp_path: Path) -> None:
    bad = only_rejection(write(tmp_path / "o.csv", [score(note="nul\0l")]))
    assert bad.reason == (
        "o.csv, line 2: a cell holds a NUL character, which the database cannot hold"
    )
    assert "\0" not in bad.raw
    assert "nul\N{REPLACEMENT CHARACTER}l" in bad.raw


def test_it_knows_its_formats_by_content_and_refuses_others_by_name(tmp_path: Path) -> None:
    assert readers.choose(write(tmp_path / "results.txt", [score()])) == "catalog"
    with pytest.raises(UnreadableFile, match=r"x\.csv: no reader knows this format"):
        readers.choose(write(tmp_path / "x.csv", ["1,2"], header="a,b"))
    with pytest.raises(
        UnreadableFile, match="no format 'strange'; the formats are: archive, catalog, epoch"
    ):
        readers.choose(tmp_path, "strange")


PIECES = st.sampled_from([*",\"\n\r\0'±-+/. 0e9", "nan", "1e999", "ß", score(), HEADER])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join), head=st.booleans())
def test_it_reads_any_text_or_says_that_it_cannot(tmp_path: Path, text: str, head: bool) -> None:
    path = tmp_path / "o.csv"
    path.write_bytes((HEADER + "\n" if head else "").encode() + text.encode(errors="surrogatepass"))
    catalog.sniff(path)
    records, complaint = read_or_complaint(path)
    assert complaint == "" or complaint.startswith("o.csv")
    assert lines_of(records) == sorted(set(lines_of(records)))
