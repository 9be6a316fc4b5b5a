"""What a release says about itself beside its values, as it stored it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Case, When

from baskets.models import Analysis, Release

Row = Mapping[str, Any]
ABOUT = """
SELECT a.kind, part.name, jsonb_agg(row)::text
FROM baskets_analysis a
CROSS JOIN (VALUES ('core', 'rows'), ('sensitivity', 'bands'), ('sensitivity', 'ranks'))
    AS part (kind, name)
LEFT JOIN LATERAL jsonb_array_elements(a.content -> part.name) row
    ON (row ->> 'series', row ->> 'system') IN (SELECT * FROM unnest(%s::text[], %s::text[]))
WHERE a.release_id = %s AND a.kind = part.kind
GROUP BY a.kind, part.name
"""


@dataclass(frozen=True)
class Analyses:
    """A release's analyses by kind; a kind that it was made without is empty."""

    contents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def has(self, kind: str) -> bool:
        """Whether the release was made with this analysis."""
        return kind in self.contents

    def rows(self, kind: str) -> list[Row]:
        """The rows of an analysis that is a list of them."""
        return list(self.contents.get(kind, {}).get("rows", ()))

    @property
    def watch(self) -> dict[str, Row]:
        """The saturation watch by eval."""
        return {row["eval"]: row for row in self.rows(Analysis.Kind.WATCH)}

    @property
    def ladder(self) -> list[Row]:
        """The rungs of the like-for-like ladder."""
        return self.rows(Analysis.Kind.LADDER)

    @property
    def flagged(self) -> dict[str, list[str]]:
        """The doubts about evals that the core index leaves out, by eval."""
        return dict(self.contents.get(Analysis.Kind.CORE, {}).get("flagged", {}))

    @property
    def sensitivity(self) -> Row | None:
        """The sensitivity of the release, None where it was made without."""
        return self.contents.get(Analysis.Kind.SENSITIVITY)

    def core(self, series: str, system: str) -> Row | None:
        """A system's core measures in a series."""
        rows = self.rows(Analysis.Kind.CORE)
        return next((r for r in rows if r["series"] == series and r["system"] == system), None)

    def band(self, series: str, system: str) -> Row | None:
        """A system's 5–95% band under other defensible weights and methods."""
        rows = (self.sensitivity or {}).get("bands", ())
        return next((r for r in rows if r["series"] == series and r["system"] == system), None)

    def ranks(self, series: str, system: str) -> Row | None:
        """In which share of the draws a system stood at which rank."""
        rows = (self.sensitivity or {}).get("ranks", ())
        return next((r for r in rows if r["series"] == series and r["system"] == system), None)


def analyses_of(release: Release, *kinds: str) -> Analyses:
    """What a release stored about itself, in one query; of the kinds given, else of all."""
    rows = Analysis.objects.filter(release=release)
    if kinds:
        rows = rows.filter(kind__in=kinds)
    return Analyses(dict(rows.values_list("kind", "content")))


@dataclass(frozen=True)
class Watch:
    """A release's saturation watch: its row by eval, and the doubts that its core index heeds."""

    recorded: bool
    rows: Mapping[str, Row]
    flagged: Mapping[str, list[str]]


def watch_of(release: Release) -> Watch:
    """The saturation watch of a release, kept for the pages of its evals."""
    return _watch(release.pk)


@lru_cache(maxsize=4)
def _watch(release: int) -> Watch:
    watch, core = Analysis.Kind.WATCH, Analysis.Kind.CORE
    about = Analysis.objects.filter(release=release, kind__in=(watch, core))
    # The rows of a core index are those of every system.
    rows = Case(When(kind=watch, then="content__rows"))
    found = {kind: told for kind, *told in about.values_list("kind", rows, "content__flagged")}
    by_eval = {row["eval"]: row for row in found.get(watch, [()])[0] or ()}
    return Watch(watch in found, by_eval, found.get(core, [None, {}])[1] or {})


def analyses_about(release: Release, named: Collection[tuple[str, str]]) -> Analyses:
    """The core measures, bands and ranks of these (series, system) alone, in one query.

    Of a thousand systems a release has 25 MB of them, too much to be read for a few; these few
    are kept, for they never change.
    """
    return _about(release.pk, tuple(sorted(named)))


@lru_cache(maxsize=256)
def _about(release: int, named: tuple[tuple[str, str], ...]) -> Analyses:
    names = [list(part) for part in zip(*named, strict=True)] or [[], []]
    with connection.cursor() as cursor:
        cursor.execute(ABOUT, [*names, release])
        found: dict[str, dict[str, Any]] = {}
        for kind, part, rows in cursor.fetchall():
            parsed = json.loads(rows)
            found.setdefault(kind, {})[part] = [] if parsed == [None] else parsed
    return Analyses(found)
