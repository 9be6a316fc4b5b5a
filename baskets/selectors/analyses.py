"""What a release says about itself beside its values, as it stored it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from baskets.models import Analysis, Release

Row = Mapping[str, Any]


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
