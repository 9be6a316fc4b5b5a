"""A sealed bundle and what its release says about itself, rebuilt without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from baskets.engine import EngineError
from baskets.engine.verify import DIFFERS, EXACT, Check, verify
from baskets.summary import summarise


@dataclass(frozen=True)
class Rebuilt:
    """The engine's checks of a bundle; the summary that follows from it, None where none does.

    with_differences: the summary's differences between systems were drawn again, byte for byte.
    """

    checks: tuple[Check, ...]
    summary: dict[str, Any] | None = field(default=None, repr=False)
    with_differences: bool = False


def rebuild(raw: bytes, expected: str, versions: Mapping[str, int], *, quick: bool) -> Rebuilt:
    """Verify a bundle against its seal and summarise it anew.

    versions: the number of each basket id, as `summarise` takes it.
    """
    try:
        found = verify(raw, expected=expected, quick=quick)
        summary = summarise(found.problem, found.rebuilt, versions, found.replicates)
    except EngineError as error:
        return Rebuilt((Check("bundle", DIFFERS, f"{error.name}: {error.detail}"),))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        # Whoever forges a bundle may seal what no code here expects; the others go on.
        return Rebuilt((Check("bundle", DIFFERS, f"it cannot be computed: {error!r}"),))
    exact = any(check.name == "intervals" and check.outcome == EXACT for check in found.checks)
    return Rebuilt(found.checks, summary, with_differences=exact)
