"""Which release stands, and what is in it."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from functools import lru_cache
from threading import Lock
from typing import Any

from django.db.models import QuerySet

from baskets.models import IndexPoint, Release
from baskets.pieces import spliced
from baskets.selectors.parts import listed_texts
from baskets.selectors.remembered import remembered

OFFICIAL_BASKET = "agi"


@remembered(64)
def current(basket_slug: str = OFFICIAL_BASKET, *, as_of: dt.date | None = None) -> Release | None:
    """The newest release of a basket, or the newest that was known on `as_of`; its bundle deferred.

    Releases are numbered in the order of their vintage, so the highest number is the newest.
    """
    releases = known_releases(basket_slug, as_of=as_of)
    return releases.select_related("basket").order_by("-number").first()


def known_releases(
    basket_slug: str = OFFICIAL_BASKET,
    *,
    as_of: dt.date | None = None,
    until: int | None = None,
) -> QuerySet[Release]:
    """A basket's releases that were known on a date, or when release `until` was made.

    By default all that there are; their bundles deferred.
    """
    releases = Release.objects.filter(basket__slug=basket_slug).defer("bundle")
    if until is not None:
        releases = releases.filter(number__lte=until)
    return releases.filter(vintage_on__lte=as_of) if as_of else releases


def first_vintage(basket_slug: str = OFFICIAL_BASKET) -> dt.date | None:
    """The date of a basket's first release; None without one."""
    dates = known_releases(basket_slug).order_by("number").values_list("vintage_on", flat=True)
    return dates.first()


def numbered(number: int, basket_slug: str = OFFICIAL_BASKET) -> Release | None:
    """A basket's release of this number; its bundle deferred."""
    releases = Release.objects.filter(basket__slug=basket_slug, number=number)
    return releases.select_related("basket__base").defer("bundle").first()


def previous(release: Release) -> Release | None:
    """The release of the same basket before this one."""
    earlier = Release.objects.filter(basket=release.basket_id, number__lt=release.number)
    return earlier.defer("bundle").order_by("-number").first()


def bundle(release: Release) -> dict[str, Any]:
    """The release's bundle, parsed: `problem`, `filled`, `answer` (fills included), `excluded`.

    All rows of what was left out are read: who needs none of them asks for `short_bundle`.
    """
    with _READING:
        return _bundle(release.pk)


def short_bundle(release: Release) -> dict[str, Any]:
    """The same without what was left out: `excluded` may be empty."""
    with _READING:
        return _short_bundle(release.pk)


# Two threads that want the same bundle must not both hold it in pieces.
_READING = Lock()


@lru_cache(maxsize=4)
def _bundle(release_id: int) -> dict[str, Any]:
    return _parsed(bundle_text(Release(pk=release_id)))


@lru_cache(maxsize=4)
def _short_bundle(release_id: int) -> dict[str, Any]:
    return _parsed(short_text(Release(pk=release_id)))


def _parsed(text: bytes) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(text)
    # The fills stand once in the bundle; an answer read back needs them too.
    parsed["answer"]["imputed"] = parsed["filled"]
    return parsed


def bundle_text(release: Release) -> bytes:
    """The canonical JSON whose SHA-256 seals the release."""
    stored = Release.objects.only("bundle", "left_out").get(pk=release.pk)
    return text_of(stored)


def short_text(release: Release) -> bytes:
    """The same as it is stored, where most of what was left out is not part of it."""
    return zlib.decompress(Release.objects.values_list("bundle", flat=True).get(pk=release.pk))


def text_of(stored: Release, *, checked: bool = False) -> bytes:
    """The text of a release whose bundle has been read; `checked` as in `part_texts`."""
    short = zlib.decompress(stored.bundle)
    if not stored.left_out:
        return short
    return b"".join(spliced(short, listed_texts(stored.left_out, checked=checked)))


def official_version_points(release: Release) -> list[IndexPoint]:
    """Every system's points on the version in force when it came out, provisional ones included."""
    points = IndexPoint.objects.filter(release=release, on_official_version=True)
    return list(points.select_related("system__developer", "system__generation", "version"))
