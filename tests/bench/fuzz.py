"""`python -m tests.bench.fuzz`: every reader on damaged files, 100,000 times and more.

Each case is one reader on one file: a sound file of some format after random changes, given to the
reader it is for or to another. A case passes where the reader yields sound records or raises
UnreadableFile, within TIME. The first failure is kept, with the number that makes it again:
`python -m tests.bench.fuzz --only NUMBER`.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from types import FrameType

from evals import readers
from tests.evals.readers.fuzzing import Seed, check, damaged, seeds

CASES = 100_000
# Seconds of processor time for one case; most take a thousandth of one.
TIME = 10.0


class TookTooLong(Exception):
    """A case that did not end in its time."""


def main() -> int:
    """Exit status 1 where a case failed."""
    parser = argparse.ArgumentParser(description="Read damaged files with every reader.")
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--start", type=int, default=0, help="number of the first file")
    parser.add_argument("--only", type=int, help="number of the one file to make again")
    told = parser.parse_args()
    signal.signal(signal.SIGVTALRM, _stop)
    files = seeds()
    numbers = range(told.start, sys.maxsize) if told.only is None else [told.only]
    done: Counter[str] = Counter()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="agi-index-fuzz-") as folder:
        for number in numbers:
            if done.total() >= told.cases:
                break
            if not _file(Path(folder), files, number, done):
                return 1
    print(f"{done.total()} cases in {time.monotonic() - began:.0f} s, none failed")
    print(", ".join(f"{name} {count}" for name, count in sorted(done.items())))
    return 0


def _file(folder: Path, files: list[Seed], number: int, done: Counter[str]) -> bool:
    """One damaged file and the readers that are tried on it; False where one of them fails."""
    chance = random.Random(number)
    seed = files[number % len(files)]
    path = folder / seed.name
    path.write_bytes(damaged(seed.content, chance))
    other = chance.choice(list(readers.REGISTRY))
    for name in dict.fromkeys((seed.reader, other)):
        signal.setitimer(signal.ITIMER_VIRTUAL, TIME)
        try:
            readers.REGISTRY[name].sniff(path)
            check(path, name, chance)
        except Exception:
            traceback.print_exc()
            print(f"file {number} ({seed.name}) failed in the reader {name}", file=sys.stderr)
            return False
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        done[name] += 1
    path.unlink()
    return True


def _stop(number: int, frame: FrameType | None) -> None:
    raise TookTooLong(f"not done after {TIME:g} s")


if __name__ == "__main__":
    sys.exit(main())
