"""A sealed bundle and what its release says about itself, rebuilt without a database."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from baskets.engine import EngineError, Vintage, prepare
from baskets.engine.bundle import read_bundle
from baskets.engine.verify import DIFFERS, EXACT, OPEN, Check, Verification, verify
from baskets.explained import analysed, sensitivity_of, why_moved
from baskets.sheets import Packed, packed_sheets
from baskets.summary import summarise


@dataclass(frozen=True)
class Sealed:
    """A release as it was sealed: its bundle, its hash, and what its bundle does not say.

    before: the bundle of the release before, None for the first. versions: the number of each
    basket id, as `summarise` takes it.
    """

    raw: bytes
    sha256: str
    vintage_on: dt.date
    reconstructed: bool
    versions: Mapping[str, int]
    before: bytes | None = None


@dataclass(frozen=True)
class Rebuilt:
    """The engine's checks of a bundle, and what follows from it; None where nothing does.

    drawn: the numbers that rest on draws were drawn again, byte for byte. revisions: None where
    they were not asked for. sheets: by system.
    """

    checks: tuple[Check, ...]
    summary: dict[str, Any] | None = field(default=None, repr=False)
    analyses: Mapping[str, Any] = field(default_factory=dict, repr=False)
    revisions: list[dict[str, Any]] | None = field(default=None, repr=False)
    drawn: bool = False
    sheets: Mapping[str, Packed] = field(default_factory=dict, repr=False)


def rebuild(sealed: Sealed, *, quick: bool) -> Rebuilt:
    """Verify a bundle against its seal and make everything anew that its release says.

    `quick` leaves out the fit, the replicates, the sensitivity and why values moved.
    """
    try:
        return _rebuilt(sealed, verify(sealed.raw, expected=sealed.sha256, quick=quick), quick)
    except EngineError as error:
        return Rebuilt((Check("bundle", DIFFERS, f"{error.name}: {error.detail}"),))
    except Exception as error:
        # Whoever forges a bundle may seal what no code here expects; the others go on.
        return Rebuilt((Check("bundle", DIFFERS, f"it cannot be computed: {error!r}"),))


def _rebuilt(sealed: Sealed, found: Verification, quick: bool) -> Rebuilt:
    drawn = any(check.name == "intervals" and check.outcome == EXACT for check in found.checks)
    analyses = analysed(found.problem, found.rebuilt, today=sealed.vintage_on)
    if drawn and not sealed.reconstructed:
        analyses["sensitivity"] = sensitivity_of(prepare(found.problem), found.rebuilt)
    checks, revisions = found.checks, None
    if not quick:
        try:
            revisions = _revisions(sealed, found)
        except EngineError as error:
            why = f"the release before cannot be read: {error.detail}"
            checks = (*checks, Check("revisions", OPEN, why))
    return Rebuilt(
        checks,
        summarise(found.problem, found.rebuilt, sealed.versions, found.replicates),
        json.loads(json.dumps(analyses)),
        revisions,
        drawn,
        packed_sheets(found.problem, found.rebuilt, found.replicates),
    )


def _revisions(sealed: Sealed, found: Verification) -> list[dict[str, Any]]:
    """Why values moved since the release before, as rows of JSON."""
    if sealed.before is None:
        return []
    old = read_bundle(sealed.before)
    rows = why_moved(
        Vintage(old.problem, old.filled), Vintage(found.problem, found.rebuilt.imputed)
    )
    return [
        {
            "system": row.system,
            "series": row.series,
            "before": row.before,
            "after": row.after,
            "terms": json.loads(json.dumps([term.to_json() for term in row.terms])),
        }
        for row in rows
    ]
