"""What a release says beside its values, as plain JSON: why they moved, how far to trust them.

Like the summary it is made once from problem and answer and stored with the release; it can be
made again from the sealed bundle, without a database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, cast

from baskets.engine import (
    Answer,
    EvalWatch,
    Problem,
    Revision,
    State,
    Vintage,
    core_measures,
    ladder,
    revisions,
    round_floats,
    sensitivity,
    watch,
)
from baskets.engine.core import flags_of
from baskets.engine.sheet import frame_of
from baskets.summary import HEADLINES

# A value that moved by less than a bundle's last decimal has not moved.
UNMOVED = 5e-7


def why_moved(before: Vintage, after: Vintage) -> list[Revision]:
    """Why the values of the headlines and domains are not what they were; only what moved."""
    series = [*HEADLINES, *sorted({item.domain for item in after.problem.evals})]
    return [row for row in revisions(before, after, series=series) if moved(row)]


def moved(row: Revision) -> bool:
    """Whether anything acted on the value, even where it cancels out."""
    return any(abs(term.points) >= UNMOVED for term in row.terms)


def analysed(problem: Problem, answer: Answer, *, today: dt.date) -> dict[str, dict[str, Any]]:
    """Saturation watch, core measures, ladder and frame, by the kind they are stored under."""
    watched = watch(problem, answer, today=today)
    flagged = flags_of(problem, also=_saturated(watched))
    core = core_measures(problem, answer, flagged=flagged)
    found = {
        "watch": {"rows": _plain(watched)},
        "core": {"flagged": flagged, "rows": _plain(core)},
        "ladder": {"rows": _plain(ladder(problem, answer))},
    }
    # Not rounded: contributions taken from the frame add up to the difference within 1e-9.
    frame = {"frame": frame_of(problem, answer)}
    return cast(dict[str, dict[str, Any]], round_floats(found, 6)) | frame


def sensitivity_of(state: State, answer: Answer) -> dict[str, Any]:
    """How far the values depend on weights and method."""
    return cast(dict[str, Any], round_floats(asdict(sensitivity(state, answer)), 6))


def _saturated(watched: Sequence[EvalWatch]) -> dict[str, tuple[str, ...]]:
    """The counted evals that the watch finds saturating, flagged as the core measures name it."""
    return {row.eval: ("saturated",) for row in watched if row.lifecycle == "saturating"}


def _plain(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [asdict(row) for row in rows]
