"""Test databases: clones of a template, and the connection moved from one to another."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.core.management import call_command
from django.db import connections, transaction
from django.utils import timezone
from psycopg import sql

from indexsite import embedded
from indexsite.run import backup, restore

if TYPE_CHECKING:
    from baskets.models import Basket, Release

TEMPLATE = "agi"
EMPTY = "agi_empty"
CATALOG_TEMPLATE = "agi_catalog_template"
CATALOG = "agi_catalog"
# The public id of the one own basket of a reader there.
OWN = "abcdefgh23456789"


def url_of(url: str, database: str) -> str:
    """The address of another database on the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def clone(urls: embedded.Urls, database: str, template: str) -> embedded.Urls:
    """Make `database` afresh from `template`, to which nobody may be connected."""
    with psycopg.connect(url_of(urls.database_owner, "postgres"), autocommit=True) as connection:
        name, source = sql.Identifier(database), sql.Identifier(template)
        _drop(connection, name)
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(name, source)
        )
    return embedded.Urls(
        url_of(urls.database, database), url_of(urls.database_owner, database), urls.redis
    )


def made_once(folder: Path, urls: embedded.Urls, database: str, make: Callable[[], None]) -> None:
    """Let `make` fill a database, or take it from the process of this run that did so before.

    `folder` is shared by the processes of a run, each of which has a server of its own.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        make()
        return
    url, saved = url_of(urls.database_owner, database), folder / f"{database}.dump"
    with (folder / f"{database}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if saved.exists():
            restore.replace(saved, url=url)
        else:
            make()
            backup.run_program("pg_dump", "--format=custom", f"--file={saved}", url=url)


def _drop(connection: psycopg.Connection, name: sql.Identifier) -> None:
    """Drop a database; a vacuum worker in it, which its owner may not end, leaves by itself."""
    for left in reversed(range(50)):
        try:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        except psycopg.errors.InsufficientPrivilege:
            if not left:
                raise
            time.sleep(0.2)
        else:
            return


@contextmanager
def connected_to(database: str) -> Iterator[None]:
    """Django's connections, as the application's role and as the owner, on another database."""
    before = str(connections["default"].settings_dict["NAME"])
    stay_on(database)
    try:
        yield
    finally:
        stay_on(before)


def stay_on(database: str) -> None:
    """Move Django's connections to another database."""
    for alias in connections:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = database


@contextmanager
def rolled_back() -> Iterator[None]:
    """Whatever is written inside is undone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def migrate() -> None:
    """The tables, made by the owner, with the application's rights."""
    call_command("migrate", verbosity=0)
    for connection in connections.all():
        connection.close()


def fill_with_catalog() -> None:
    """The shipped catalog, basket and releases, by the services that a worker calls."""
    from baskets.services import recomputes
    from baskets.services.shipped import load_shipped_baskets
    from evals.services import imports

    run = imports.run_import(imports.create_shipped_run().pk)
    assert run is not None
    assert (run.read, run.accepted) == (1308, 1308)
    (basket,) = load_shipped_baskets()
    recomputes.request_release(basket, cause="First release", due_at=timezone.now())
    release = recomputes.run_due(basket.pk)
    assert release is not None
    _examine_newest(basket)
    _add_own_basket(release)


def _examine_newest(basket: Basket) -> None:
    """The events of the newest releases; those of all would take some seconds."""
    from alerts.services import examine_release

    for release in basket.releases.defer("bundle").order_by("-number")[:3]:
        examine_release(release)


def _add_own_basket(release: Release) -> None:
    """A reader's basket with its newest release only: the past would take some seconds."""
    from accounts.models import User
    from baskets.models import OwnBasket, OwnWork
    from baskets.services import own, own_releases

    reader = User.objects.create(username="a-reader")
    more = {"d.safety": "50"}
    made = own.save_own(owner=reader, name="More safety", release=release, adjustments=more)
    OwnBasket.objects.filter(pk=made.pk).update(public_id=OWN)
    assert own_releases.run_due(budget=0) == 1
    OwnWork.objects.all().delete()
