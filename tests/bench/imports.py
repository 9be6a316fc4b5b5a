"""`python -m tests.bench.imports [ROWS]`: how fast a file of scores comes in, and in what memory.

Everything is real: the file is stored, a Celery worker finds it, reads, checks, matches, stages and
merges it into a PostgreSQL that is safe against a power cut, and the scores are accepted. Beside it
stands the least that can be done with the same rows: COPY into a temporary table and one INSERT
that leaves out what is there, into a table with one unique index and nothing else.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from indexsite import env
from tests.bench import report
from tests.bench.importing import Servers, servers
from tests.bench.report import MeasurementFailed, Row

ROWS = 1_000_000
EVALS = (20, 300, 1_000)
LEAST_RATE = 25_000
MOST_TIMES_FLOOR = 2.0
MOST_MEMORY = 300.0
MOST_UNEVEN = 1.10
COLUMNS = (
    "id bigserial primary key, system text, eval text, value float8, uncertainty text, n_items int,"
    " elicitation text, reported_by text, observed_on date, source_url text, note text,"
    " content_hash text, unique (content_hash, observed_on)"
)
NAMES = (
    "system, eval, value, uncertainty, n_items, elicitation, reported_by, observed_on, source_url,"
    " note, content_hash"
)


def measured(rows: int = ROWS) -> list[Row]:
    """Seconds and memory of an import of `rows` scores, its floor, and its evenness over evals."""
    with (
        tempfile.TemporaryDirectory(prefix="agi-index-imports-") as folder,
        servers(Path(folder) / "var") as found,
    ):
        return _measured(found, Path(folder), rows)


def _measured(found: Servers, folder: Path, rows: int) -> list[Row]:
    from tests.importing import add_names, write_scores
    from tests.killing import workers

    add_names(max(EVALS))
    path = write_scores(folder / "scores.csv", rows, evals=300)
    with workers(found.urls, found.folder, 1) as crew:
        _import(write_scores(folder / "first.csv", 1_000, evals=20, seed=1), 1_000)
        floor = _floor(found.urls.database_owner, path)
        seconds = _import(path, rows)
        part = rows // 5
        even = _by_evals(folder, part)
        memory = crew.peak_memory()
    label = f"import of {rows:,} scores"
    return [
        Row(f"{label}, stored file to accepted scores", seconds, "s", rows / LEAST_RATE),
        Row(f"{label}, bare COPY and upsert", floor, "s"),
        Row(f"{label}, times the bare one", seconds / floor, "", MOST_TIMES_FLOOR),
        Row(f"{label}, peak memory of the worker", memory, "MB", MOST_MEMORY),
        *(Row(f"import of {part:,} scores of {n} evals", s, "s") for n, s in even.items()),
        Row(
            "slowest over fastest import by number of evals",
            max(even.values()) / min(even.values()),
            "",
            MOST_UNEVEN,
        ),
    ]


def _by_evals(folder: Path, rows: int) -> dict[int, float]:
    """Seconds of an import by its number of evals: the best of two rounds.

    The table grows with each, so the second round goes backwards.
    """
    from tests.importing import write_scores

    found = dict.fromkeys(EVALS, float("inf"))
    for seed, evals in enumerate((*EVALS, *reversed(EVALS)), start=100):
        path = write_scores(folder / f"{seed}.csv", rows, evals=evals, seed=seed)
        found[evals] = min(found[evals], _import(path, rows))
    return found


def _import(path: Path, rows: int) -> float:
    """Seconds from the file to the end of its import."""
    from evals.services import imports
    from tests.importing import SOURCE
    from tests.killing import finish

    began = time.monotonic()
    (run,) = finish([imports.create_run(path=path, source=SOURCE).pk])
    if (run.state, run.accepted) != ("done", rows):
        raise MeasurementFailed(f"The import ended {run.state}: {run.accepted} {run.error}")
    assert run.finished_at is not None
    return time.monotonic() - began


def _floor(url: str, path: Path) -> float:
    """Seconds of COPY and INSERT … ON CONFLICT DO NOTHING, with the rows ready in memory."""
    rows = list(_ready(path))
    with psycopg.connect(url) as connection:
        connection.execute(f"CREATE TABLE floor ({COLUMNS})")
        connection.commit()
        began = time.monotonic()
        connection.execute("CREATE TEMPORARY TABLE waiting (LIKE floor) ON COMMIT DROP")
        connection.execute("ALTER TABLE waiting DROP COLUMN id")
        with connection.cursor().copy(f"COPY waiting ({NAMES}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        connection.execute(
            f"INSERT INTO floor ({NAMES}) SELECT {NAMES} FROM waiting"
            " ON CONFLICT (content_hash, observed_on) DO NOTHING"
        )
        connection.commit()
        seconds = time.monotonic() - began
        connection.execute("DROP TABLE floor")
        connection.commit()
    return seconds


def _ready(path: Path) -> Iterator[tuple[object, ...]]:
    import hashlib

    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for row in rows:
            digest = hashlib.sha256("\x1f".join(row).encode()).hexdigest()
            yield (*row[:2], float(row[2]), row[3], int(row[4]), *row[5:], digest)


def in_own_process() -> list[Row]:
    """The same measured by another process: Django takes the addresses of its servers once."""
    line = [sys.executable, "-m", "tests.bench.imports", str(ROWS), "--json"]
    ended = subprocess.run(line, cwd=env.ROOT, capture_output=True, text=True)
    if ended.returncode:
        raise MeasurementFailed(f"The imports could not be measured:\n{ended.stderr}")
    return [Row(**row) for row in json.loads(ended.stdout.splitlines()[-1])]


if __name__ == "__main__":
    found = measured(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
    print(json.dumps([vars(row) for row in found]) if "--json" in sys.argv else report.table(found))
