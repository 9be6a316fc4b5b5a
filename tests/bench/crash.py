"""`python -m tests.bench.crash [ROWS [KILLS]]`: an import among kills ends as if nothing had been.

Two Celery workers import a file. Each time that it has made progress, the process at work is killed
(-9), every tenth time with its whole worker, and at last once more in the middle of the merge.
After a third of the kills Redis is restarted empty, after two thirds PostgreSQL is restarted. Then
what the database holds, without ids and clocks, must be what an undisturbed import leaves; and the
same file, offered twice to two workers at once, must change nothing. Exit status 1 where it does.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from indexsite import env
from tests.bench.importing import Servers, servers

if TYPE_CHECKING:
    from tests.killing import Killer

ROWS, KILLS, EVALS, EVERY = 1_000_000, 100, 300, 1_000
ALONE = "--alone"
# Seconds: after each kill the file is read again up to where the import stood.
PATIENCE = 2 * 3600.0


@dataclass
class Outcome:
    """What an import left: its counts and the hash of all that it stored."""

    counts: list[int]
    digest: str
    seconds: float
    kills: int = 0
    killed_in_merge: bool = False


def main() -> int:
    """Import twice, with and without kills, and compare; the exit status."""
    given = [int(word) for word in sys.argv[1:3]]
    rows, kills = (*given, *(ROWS, KILLS)[len(given) :])
    quiet, killed = _in_own_process(rows, 0), _in_own_process(rows, kills)
    same = (quiet.counts, quiet.digest) == (killed.counts, killed.digest)
    print("the same" if same else "NOT THE SAME", f"after {killed.kills} kills of {kills}")
    return 0 if same and killed.kills == kills else 1


def _in_own_process(rows: int, kills: int) -> Outcome:
    """An import on servers of its own: Django takes their addresses once a process."""
    line = [sys.executable, "-m", "tests.bench.crash", str(rows), str(kills), ALONE]
    ended = subprocess.run(line, cwd=env.ROOT, stdout=subprocess.PIPE, text=True, check=True)
    print(ended.stdout, end="", flush=True)
    return Outcome(**json.loads(ended.stdout.splitlines()[-1]))


def alone() -> int:
    """One import, whose outcome is the last line of what is printed."""
    rows, kills = (int(word) for word in sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="agi-index-crash-") as folder:
        print(json.dumps(asdict(_outcome(Path(folder) / "var", rows, kills=kills))))
    return 0


def _outcome(folder: Path, rows: int, *, kills: int) -> Outcome:
    with servers(folder) as found:
        from tests.importing import SOURCE, add_names, business_hash, write_scores
        from tests.killing import Killer, finish, workers

        add_names(EVALS)
        path = write_scores(folder / "scores.csv", rows, evals=EVALS, every=EVERY)
        from evals.services import imports

        with workers(found.urls, folder, 2) as crew:
            began = time.monotonic()
            run = imports.create_run(path=path, source=SOURCE).pk
            killer = Killer(run, crew, kills)
            breaker = Breaker(found, kills)
            disturb = partial(_disturb, killer, breaker) if kills else lambda: None
            finish([run], disturb, patience=PATIENCE)
            outcome = _told(run, business_hash(), time.monotonic() - began)
            outcome.kills, outcome.killed_in_merge = killer.kills, killer.killed_in_merge
            _offer_again(path)
    return outcome


def _disturb(killer: Killer, breaker: Breaker) -> None:
    breaker.look(killer.kills)
    killer.look()


class Breaker:
    """Restarts Redis without its data and PostgreSQL, each once."""

    def __init__(self, found: Servers, kills: int) -> None:
        self._found = found
        self._due = [(2 * kills // 3, self._postgres), (kills // 3, self._redis)] if kills else []

    def look(self, kills: int) -> None:
        """Restart what is due after so many kills."""
        if self._due and kills >= self._due[-1][0]:
            self._due.pop()[1]()

    def _redis(self) -> None:
        from tests.killing import emptied

        emptied(self._found.redis)
        print("Redis restarted empty", flush=True)

    def _postgres(self) -> None:
        self._found.postgres.stop()
        self._found.postgres.start()
        print("PostgreSQL restarted", flush=True)


def _told(run: int, digest: str, seconds: float) -> Outcome:
    from evals.models import ImportRun

    found = ImportRun.objects.get(pk=run)
    counts = [found.read, found.accepted, found.duplicate, found.held, found.rejected]
    return Outcome(counts=counts, digest=digest, seconds=seconds)


def _offer_again(path: Path) -> None:
    """The same file twice, to two workers at once: no score and no held row is new."""
    from evals.models import HeldRow, Score
    from evals.services import imports
    from tests.importing import SOURCE
    from tests.killing import finish

    before = (Score.objects.count(), HeldRow.objects.count())
    runs = [imports.create_run(path=path, source=SOURCE).pk for _ in range(2)]
    again = finish(runs, patience=PATIENCE)
    assert [run.accepted + run.held for run in again] == [0, 0]
    assert (Score.objects.count(), HeldRow.objects.count()) == before
    print("offered again, twice at once: duplicates", [run.duplicate for run in again], flush=True)


if __name__ == "__main__":
    sys.exit(alone() if ALONE in sys.argv else main())
