"""Real servers for every test: PostgreSQL, Redis and, where asked, a worker and a web server.

Each process of tests starts its own servers and stops them when it ends. Tests connect as the
application's own role. Two template databases are made once: an empty one, and one that holds the
shipped catalog and its releases, made by the real import; a test database is a clone of one.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import django
import pytest
from django.core.cache import cache
from django.utils import translation
from playwright.sync_api import Browser, sync_playwright
from pytest_django import DjangoDbBlocker

from evals import rates
from indexsite import embedded, env
from tests import browsers, databases, sites

_STACK = ExitStack()
_DATA = Path(tempfile.mkdtemp(prefix="agi-index-tests-"))


def _begin() -> embedded.Urls:
    """Start the servers before Django reads its settings, and point the settings at them."""
    atexit.register(shutil.rmtree, _DATA, ignore_errors=True)
    atexit.register(_STACK.close)
    for name in env.VARIABLES:
        # Empty, not absent: a developer's .env must not reach the tests.
        os.environ[name] = ""
    (_DATA / "static").mkdir()
    urls = _STACK.enter_context(embedded.servers(_DATA, durable=False))
    os.environ.update(urls.environment(), DATA_DIR=str(_DATA), OPENBLAS_NUM_THREADS="1")
    # Set here and not in pytest's own settings, which Django would follow before this file is read.
    os.environ["DJANGO_SETTINGS_MODULE"] = "indexsite.settings"
    # Playwright keeps an event loop in the main thread; the tests' own queries are not in it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return urls


# At once, because pytest reads the files beside the tests that it is asked for before it calls
# any hook, and those import models.
URLS = _begin()
django.setup()


@pytest.fixture(scope="session")
def urls() -> embedded.Urls:
    """The addresses of this process's own servers."""
    return URLS


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Plain static addresses: the manifest is made by collectstatic, which few tests need.

    A process that only hands tests to others stops its servers, and those others start their own.
    """
    if not hasattr(config, "workerinput") and config.getoption("dist", "no") != "no":
        # They would follow it before they have servers.
        del os.environ["DJANGO_SETTINGS_MODULE"]
        _STACK.close()
    from django.conf import settings

    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first, so that no process is left alone with one at the end.

    First of all those with a site of their own: meanwhile another process makes the databases.
    """
    marks = ("own_site", "slow")
    items.sort(key=lambda item: [item.get_closest_marker(mark) is None for mark in marks])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test is a failure, except where only `../shared` is missing."""
    report = yield
    if report.skipped and os.environ.get("CI") and "shared" not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run of tests share."""
    return tmp_path_factory.getbasetemp().parent


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_blocker: DjangoDbBlocker, urls: embedded.Urls, run_folder: Path
) -> None:
    """The empty database that `django_db` tests use, each in a transaction that is rolled back."""
    with django_db_blocker.unblock():
        databases.made_once(run_folder, urls, databases.TEMPLATE, databases.migrate)
        databases.clone(urls, databases.EMPTY, databases.TEMPLATE)
        databases.stay_on(databases.EMPTY)


@pytest.fixture(scope="session")
def catalog_template(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    urls: embedded.Urls,
    run_folder: Path,
) -> str:
    """The name of a database with the shipped catalog and its releases, to clone."""
    name = databases.CATALOG_TEMPLATE
    databases.clone(urls, name, databases.TEMPLATE)

    def fill() -> None:
        with django_db_blocker.unblock(), databases.connected_to(name):
            databases.fill_with_catalog()

    databases.made_once(run_folder, urls, name, fill)
    return name


@pytest.fixture(scope="session")
def catalog_clone(catalog_template: str, urls: embedded.Urls) -> str:
    """The clone that tests read, each in a transaction that is rolled back."""
    databases.clone(urls, databases.CATALOG, catalog_template)
    return databases.CATALOG


@pytest.fixture
def catalog_db(catalog_clone: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Django's connection on the filled database; what the test writes is undone."""
    with (
        django_db_blocker.unblock(),
        databases.connected_to(catalog_clone),
        databases.rolled_back(),
    ):
        yield


@pytest.fixture(scope="session")
def static_files() -> Path:
    """The data folder, with the static files collected in it as for a real site."""
    line = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"]
    subprocess.run(line, cwd=env.ROOT, check=True, env=dict(os.environ))
    return _DATA


@pytest.fixture(scope="session")
def live_site(catalog_template: str, urls: embedded.Urls, static_files: Path) -> Iterator[str]:
    """The address of a served site on the catalog, for tests that only read."""
    live = databases.clone(urls, "agi_live", catalog_template)
    with sites.web(live, static_files) as address:
        yield address


@pytest.fixture(autouse=True)
def in_english() -> None:
    """A request speaks the language of its address, and leaves it to the thread."""
    translation.activate("en")


@pytest.fixture(autouse=True)
def fresh_memory() -> None:
    """Nothing that a process remembers of one database may reach a test on another."""
    from baskets.selectors import (
        analyses,
        decomposition,
        eval_list,
        expectations,
        releases,
        sheets,
        standing,
    )

    cache.clear()
    _forget_readers()
    remembered = (
        releases._bundle,
        releases._short_bundle,
        decomposition._sealed,
        decomposition._rebuilt,
        standing._sealed,
        expectations._expectations,
        analyses._about,
        analyses._watch,
        sheets._frame,
    )
    for kept in (*remembered, eval_list.taken):
        kept.cache_clear()


def _forget_readers() -> None:
    """Every test has the whole allowance of a minute, whatever the tests before it have asked."""
    client = rates._client()
    for key in client.scan_iter("agi-index:rate:*", count=1000):
        client.delete(key)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A running Chromium; the test is skipped, with the reason, where there is none."""
    with sync_playwright() as playwright:
        try:
            path = browsers.chromium(playwright)
        except browsers.NoBrowser as reason:
            pytest.skip(str(reason))
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()
