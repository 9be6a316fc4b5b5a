"""The chain of seals: each release's digest covers the release before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from baskets.engine import sha256
from baskets.models import Release
from baskets.selectors.releases import previous


def counted_sha256(hashes: Iterable[str]) -> str:
    """SHA-256 of the canonical JSON list of the counted scores' content hashes, sorted."""
    return sha256(sorted(hashes))


def seal_of(release: Release, *, before: str) -> str:
    """SHA-256 of the canonical JSON of what identifies a release and of the seal before it.

    `created_at` is in UTC with microseconds, as the database keeps it.
    """
    return sha256(
        {
            "basket": release.basket.slug,
            "number": release.number,
            "vintage_on": release.vintage_on.isoformat(),
            "created_at": release.created_at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
            "cause": release.cause,
            "reconstructed": release.reconstructed,
            "engine_version": release.engine_version,
            "sha256": release.sha256,
            "counted_sha256": release.counted_sha256,
            "previous": before,
        }
    )


def seal_before(release: Release) -> str:
    """The seal of the release before; blank without one."""
    before = previous(release)
    return before.seal if before else ""


def seal_differences(release: Release) -> Iterator[str]:
    """Whether a release's seal is that of its columns and of the seal before it."""
    before = seal_before(release)
    if not release.seal:
        if before or release.counted_sha256:
            yield _("seal: none, though releases were sealed before it")
        return
    found = seal_of(release, before=before)
    if found != release.seal:
        yield _(
            "seal: %(stored)s in the table, %(found)s from number, dates, cause, kind, hashes and "
            "the seal before"
        ) % {"stored": release.seal[:16] + "…", "found": found[:16] + "…"}
