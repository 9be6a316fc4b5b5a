"""Releases of own baskets that somebody changed past the rights of the application."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from baskets.engine import canonical, sha256
from baskets.models import OwnRelease
from baskets.selectors.own_content import Json, read
from tests.baskets.services.altering import altered
from tests.baskets.services.altering import on_own_clone as on_own_clone
from tests.baskets.services.altering import own_clone as own_clone
from tests.databases import OWN


def verified(*options: str) -> str:
    told = io.StringIO()
    call_command("verify_own", *options, stdout=told)
    return told.getvalue()


@pytest.fixture
def stored() -> OwnRelease:
    return OwnRelease.objects.get(own__public_id=OWN)


def forged(content: Json) -> dict[str, object]:
    """The columns of a content that is sealed anew."""
    return {"content": zlib.compress(canonical(content).encode()), "sha256": sha256(content)}


def changes(stored: OwnRelease) -> Iterator[tuple[dict[str, object], str]]:
    content = read(stored)
    yield {"summary": "{}"}, "summary"
    yield {"sha256": "0" * 64}, "sha256"
    yield {"engine_version": "0"}, "engine"
    yield forged({**content, "parent_sha256": "0" * 64}), "parent_sha256"
    first = {**content["systems"][0], "value": content["systems"][0]["value"] + 1e-6}
    yield forged({**content, "systems": [first, *content["systems"][1:]]}), "systems[0].value"


def test_it_rebuilds_them_byte_for_byte_and_names_what_was_changed(stored: OwnRelease) -> None:
    assert verified() == "Releases of own baskets as they were: 1.\n"
    for values, place in changes(stored):
        told = io.StringIO()
        with (
            altered("baskets_ownrelease", stored.pk, **values),
            pytest.raises(CommandError, match="1 release is not as it was") as refused,
        ):
            call_command("verify_own", stdout=told)
        assert refused.value.returncode == 1
        said = told.getvalue()
        assert said.startswith(f"{OWN} {stored.release.number}: ") and place in said
    assert verified("--quick").startswith("Releases")
