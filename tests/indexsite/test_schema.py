"""The API does what its own description says, for good requests and bad ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from indexsite import embedded
from tests.schema import api_of, tried

EXAMPLES = 10


@pytest.fixture(scope="module")
def api(
    catalog_template: str,
    urls: embedded.Urls,
    static_files: Path,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[tuple[str, str]]:
    with django_db_blocker.unblock(), api_of(urls, catalog_template, static_files) as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("phase", ["examples", "coverage", "fuzzing"])
def test_it_keeps_to_its_description(api: tuple[str, str], phase: str) -> None:
    found = tried(*api, examples=EXAMPLES, phases=phase, seed=1)
    assert found.clean, found.report
