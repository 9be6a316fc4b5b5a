"""The site of the end-to-end test, its postbox and a browser's page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from playwright.sync_api import Browser, Page

from indexsite import embedded
from tests import databases
from tests.e2e.postbox import Postbox, postbox
from tests.e2e.site import Site, running

# Other tests' workers listen on the server's first one.
REDIS_DATABASE = "/9"


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as found:
        yield found


@pytest.fixture
def site(
    catalog_template: str, urls: embedded.Urls, static_files: Path, box: Postbox
) -> Iterator[Site]:
    clone = databases.clone(urls, "agi_whole_path", catalog_template)
    with psycopg.connect(clone.database_owner) as connection:
        # Its past would keep the only worker busy while the test waits for other things.
        connection.execute("DELETE FROM baskets_ownbasket")
    redis = urlunsplit(urlsplit(urls.redis)._replace(path=REDIS_DATABASE))
    with running(replace(clone, redis=redis), static_files, box.url) as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()
