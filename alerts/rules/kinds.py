"""What can happen, and what can have made it happen.

The unit of an event's `before`, `after` and `move` follows from its kind: index points where it is
about a series (`frontier`, `moved`, `rank`, `revised`), goalpost points for `regression`, goalpost
points per year for `gap`, the eval's own unit for `baseline`; the others have no numbers.
"""

from __future__ import annotations

from enum import StrEnum

EDITION = 2
"""Of the rules: a higher one finds more in the same releases, which are then looked at again."""

HEADLINES = ("headline", "balanced")
DOMAINS = ("capability", "safety", "alignment")
MAIN = (*HEADLINES, *DOMAINS)


class Kind(StrEnum):
    """What happened."""

    FRONTIER = "frontier"
    MOVED = "moved"
    RANK = "rank"
    BASELINE = "baseline"
    LIFECYCLE = "lifecycle"
    REGRESSION = "regression"
    GAP = "gap"
    PUBLISHED = "published"
    REVISED = "revised"
    SILENT = "silent"


class Cause(StrEnum):
    """What made it happen; `TIME` where nothing was added and a clock ran out."""

    NEW_SYSTEM = "new_system"
    NEW_SCORE = "new_score"
    REVISION = "revision"
    WEIGHTS = "weights"
    LINK = "link"
    IMPUTATION = "imputation"
    METHOD = "method"
    TIME = "time"


PROGRESS = frozenset({Cause.NEW_SYSTEM, Cause.NEW_SCORE})
"""Causes that lie in a system; a move with any other is never told as progress."""

MEASURED = frozenset({Cause.NEW_SYSTEM, Cause.NEW_SCORE, Cause.REVISION})
"""Causes that are measurements, so that an interval of what they made says something."""

IN_POINTS = frozenset({Kind.FRONTIER, Kind.MOVED, Kind.REVISED})
"""Kinds that the smallest move of a rule applies to, in index points."""

ACHIEVED = frozenset({Kind.FRONTIER, Kind.MOVED, Kind.RANK, Kind.BASELINE})
"""Kinds that sound like progress: unless a rule asks for other causes, only progress is told."""

GAUGED = frozenset({Kind.REGRESSION, Kind.GAP})
"""Kinds that are of `GAUGED_IN` alone, and asked for in both where a rule names neither."""

GAUGED_IN = frozenset({"safety", "alignment"})

NAMING = ACHIEVED | {Kind.REGRESSION, Kind.REVISED}
"""Kinds that name a system."""

RETURNING = GAUGED | {Kind.FRONTIER, Kind.BASELINE, Kind.LIFECYCLE, Kind.SILENT}
"""Kinds that have a recovery."""

UNCERTAIN = ACHIEVED | {Kind.REGRESSION, Kind.GAP}
"""Kinds whose move may be noise; the others are facts of the record."""

CAUSE_OF = {
    "new_scores": Cause.NEW_SCORE,
    "revised_scores": Cause.REVISION,
    "weights": Cause.WEIGHTS,
    "fill": Cause.IMPUTATION,
    "link": Cause.LINK,
    "method": Cause.METHOD,
}
"""The six terms of methodology section 8 as causes."""

YARDSTICK = ("weights", "link", "method")
"""The terms that change how is measured, not what."""
