"""Every reader on damaged files; `python -m tests.bench.fuzz` does the same for much longer."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evals import readers
from tests.evals.readers.fuzzing import Seed, check, damaged, seeds

FAST = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30
)


@pytest.mark.parametrize("seed", seeds(), ids=lambda seed: seed.name)
def test_it_starts_from_files_that_are_read_as_what_they_are(tmp_path: Path, seed: Seed) -> None:
    path = tmp_path / seed.name
    path.write_bytes(seed.content)
    assert readers.choose(path, mapped=seed.reader == readers.MAPPED) == seed.reader


@pytest.mark.parametrize("seed", seeds(), ids=lambda seed: seed.name)
@FAST
@given(number=st.integers(0, 2**32))
def test_it_reads_any_damaged_file_or_says_why_not(tmp_path: Path, seed: Seed, number: int) -> None:
    chance = random.Random(number)
    path = tmp_path / seed.name
    path.write_bytes(damaged(seed.content, chance))
    for name, reader in readers.REGISTRY.items():
        reader.sniff(path)
        if name == seed.reader or chance.random() < 0.1:
            check(path, name, chance)
