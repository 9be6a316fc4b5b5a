"""A reader does not notice that the database has cut the connection which the process kept."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import psycopg

from indexsite import embedded
from tests import databases, sites

CUT = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def status(address: str) -> int:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return int(answer.status)


def test_it_serves_a_kept_page_after_its_connection_was_cut(
    catalog_template: str, urls: embedded.Urls, static_files: Path
) -> None:
    clone = databases.clone(urls, "agi_cut", catalog_template)
    with sites.web(clone, static_files) as address:
        assert [status(f"{address}/") for _ in range(8)] == [200] * 8
        with psycopg.connect(clone.database_owner, autocommit=True) as owner:
            row = owner.execute(CUT).fetchone()
        assert row is not None
        assert row[0] > 0
        assert [status(f"{address}/") for _ in range(8)] == [200] * 8
