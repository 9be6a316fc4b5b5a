"""Slugs of what is added under a name: Latin letters, and a mark for a name that has others."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from django.utils.text import slugify

LONGEST, LONGEST_OF_DEVELOPER = 120, 50
MARK = 8


def slug_of(name: str, kind: str) -> str:
    """A slug for a name, in the manner of the shipped catalog: "GPT 4.1 (mini)" as gpt-4.1-mini.

    Letters that are not Latin have no place in a slug. A name that has some, or is too long, gets a
    mark of its own instead, the same one each time; what has no Latin letter at all begins with
    `kind`.
    """
    latin = _latin(name).casefold()
    slug = re.sub(r"[^a-z0-9.]+", "-", latin).strip("-.")
    return _marked(slug, name, kind, longest=LONGEST)


def developer_slug(name: str) -> str:
    """The slug of a developer: "x.AI" as xai; another spelling of a name has the same one."""
    return _marked(slugify(name).strip("-_"), name, "developer", longest=LONGEST_OF_DEVELOPER)


def _latin(name: str) -> str:
    """The name without the accents of its letters."""
    parts = unicodedata.normalize("NFKD", name)
    return "".join(part for part in parts if not unicodedata.combining(part))


def _marked(slug: str, name: str, kind: str, *, longest: int) -> str:
    """The slug of a name, with its mark where it lacks letters or digits that the name has."""
    foreign = any(part.isalnum() and not part.isascii() for part in _latin(name).casefold())
    if slug and not foreign and len(slug) <= longest:
        return slug
    return _with_mark(slug or kind, name, longest=longest)


def _with_mark(slug: str, name: str, *, longest: int) -> str:
    mark = hashlib.sha256(name.strip().casefold().encode(errors="replace")).hexdigest()[:MARK]
    return f"{slug[: longest - MARK - 1].rstrip('-.')}-{mark}"
