"""Releases that somebody changed past the rights of the application, and what is found of it."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from pytest_django import DjangoDbBlocker

from baskets.engine import canonical
from baskets.models import Release
from baskets.selectors import releases, seals
from baskets.services.verification import Outcome, releases_to_verify, verify_releases
from evals.models import Score
from indexsite import embedded
from tests import databases

DATABASE = "agi_altered"
# A subdomain's interval is in no summary, so that one changed end is changed everywhere.
MOVED = "/"


@pytest.fixture(scope="module")
def own_clone(catalog_template: str, urls: embedded.Urls) -> str:
    """A copy of the filled database whose rows these tests change and change back."""
    databases.clone(urls, DATABASE, catalog_template)
    return DATABASE


@pytest.fixture(autouse=True)
def on_own_clone(own_clone: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), databases.connected_to(own_clone):
        yield


@contextmanager
def altered(table: str, pk: int, **values: Any) -> Iterator[None]:
    """A row as its owner changed it, past the rights of the application's role."""
    before = _swap(table, pk, values)
    try:
        yield
    finally:
        _swap(table, pk, before)


def _swap(table: str, pk: int, values: dict[str, Any]) -> dict[str, Any]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(values)} FROM {table} WHERE id = %s", [pk])
        row = cursor.fetchone()
        assert row is not None
        sets = ", ".join(f"{name} = %s" for name in values)
        cursor.execute(f"UPDATE {table} SET {sets} WHERE id = %s", [*values.values(), pk])
        assert cursor.rowcount == 1
    return dict(zip(values, row, strict=True))


def one_byte_off(value: float) -> float:
    """The float whose lowest byte differs in one bit."""
    packed = bytearray(struct.pack(">d", value))
    packed[-1] ^= 1
    (other,) = struct.unpack(">d", bytes(packed))
    return float(other)


def checked(number: int, *, quick: bool = True) -> Outcome:
    """The outcome of one release, computed in this process."""
    (outcome,) = verify_releases(releases_to_verify("agi", [number]), quick=quick, processes=0)
    return outcome


def command(*arguments: str) -> str:
    """What the command prints; CommandError as it raises it."""
    out = io.StringIO()
    call_command("verify_releases", *arguments, stdout=out)
    return out.getvalue()


def scored(number: int) -> tuple[Score, str]:
    """A score that a release counts, and its cell as differences name it."""
    release = Release.objects.get(number=number)
    row = releases.bundle(release)["problem"]["scores"][3]
    score = Score.objects.filter(
        system__slug=row["system"], eval__slug=row["eval"], value=row["value"]
    )[0]
    return score, f"scores: {row['system']}, {row['eval']}: "


def resealed(release: Release, **made_with: str) -> dict[str, Any]:
    """The columns of the release as other versions of the libraries would have stored it."""
    bundle = json.loads(releases.bundle_text(release))
    answer = bundle["answer"]
    answer["made_with"] |= made_with
    answer["engine"] = answer["made_with"]["engine"]
    row = next(p for p in answer["points"] if p["low"] is not None and MOVED in p["series"])
    row["low"] = round(row["low"] + 1e-4, 6)
    text = canonical(bundle).encode()
    summary = release.summary | {"made_with": answer["made_with"]}
    return sealed_anew(release, text) | {"summary": json.dumps(summary)}


def sealed_anew(release: Release, text: bytes) -> dict[str, Any]:
    """The columns of a release that depend on its bundle, as a forger would write them."""
    answer = json.loads(text)["answer"]
    forged = Release.objects.select_related("basket").get(pk=release.pk)
    forged.sha256, forged.engine_version = hashlib.sha256(text).hexdigest(), answer["engine"]
    seal = seals.seal_of(forged, before=seals.seal_before(release))
    columns = {"sha256": forged.sha256, "engine_version": forged.engine_version, "seal": seal}
    return columns | {"bundle": zlib.compress(text), "left_out": ""}


def newest() -> Release:
    """The release that was published, not reconstructed."""
    return Release.objects.latest("number")
