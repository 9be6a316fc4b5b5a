"""Whether a release of an own basket is what was sealed, and follows from what it names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.db.models import QuerySet

from baskets.engine import canonical
from baskets.engine.compare import same_bytes, tree_difference
from baskets.engine.environment import ENGINE_VERSION, environment
from baskets.models import OwnRelease
from baskets.selectors.own_content import Json, Made, made_of, read, text_of

# Under other versions of the libraries fits and draws agree so closely, in index points.
ELSEWHERE = 1e-3


def every_own_release() -> QuerySet[OwnRelease]:
    """All of them, in the order in which they were made."""
    found = OwnRelease.objects.select_related("own", "version", "release__basket")
    return found.defer("release__bundle").order_by("pk")


def own_differences(stored: OwnRelease) -> Iterator[str]:
    """Where the row, its seal and its content say different things."""
    text = text_of(stored)
    content = read(stored)
    if hashlib.sha256(text).hexdigest() != stored.sha256:
        yield "sha256: not that of the content"
    if canonical(content).encode() != text:
        yield "content: not in canonical form"
    release = stored.release
    wanted = {
        "own": stored.own.public_id,
        "parent": release.basket.slug,
        "release": release.number,
        "parent_sha256": release.sha256,
        "parent_seal": release.seal,
        "vintage_on": release.vintage_on.isoformat(),
        "version": stored.version.number,
    }
    told: Json = {name: content.get(name) for name in wanted}
    of_row = {"engine": stored.engine_version, "refusal": stored.refusal, "summary": stored.summary}
    made = Made(stored.version, content)
    of_content = {
        "engine": content["made_with"]["engine"],
        "refusal": made.refusal,
        "summary": made.summary,
    }
    found = tree_difference(
        {**told, **of_row}, {**wanted, **of_content}, at="row", tolerance=lambda _at: 0.0
    )
    if found:
        yield found


def rebuilt_differences(stored: OwnRelease) -> str | None:
    """Where a release computed anew differs; empty where it does not, None where another version
    of the engine made it and it cannot be rebuilt."""
    content = read(stored)
    if content["made_with"]["engine"] != ENGINE_VERSION:
        return None
    versions = list(stored.own.versions.select_related("anchor__basket").defer("anchor__bundle"))
    again = {**made_of(stored.own, versions, stored.release).content}
    if "gaps" not in content:
        del again["gaps"]
    here = content["made_with"] == environment()
    if here and same_bytes(content, again):
        return ""
    again["made_with"] = content["made_with"]
    off = 0.0 if here else ELSEWHERE
    return tree_difference(content, again, at="content", tolerance=lambda _at: off)
