"""What a revision says, as frozen rows (methodology section 8)."""

from collections.abc import Mapping
from dataclasses import dataclass

# Notes of a term. After the first stands the name of the engine's error.
REFUSED = "refused: "
NO_VALUE = "no value"
WITH_METHOD = "with the method"


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """A counted score before and after, in the eval's own unit; None where there is none."""

    system: str
    eval: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class EvalTerm:
    """Index points that one eval of one basket version adds to a term."""

    eval: str
    basket: str
    points: float


@dataclass(frozen=True, slots=True)
class OverlapChange:
    """Systems that joined or left the usable overlap by which a series was linked to a basket."""

    series: str
    basket: str
    joined: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One of the six terms of a revision; its evals sum to its points.

    scores: changed scores that acted, the system's own first, at most MOST_SCORES (acting.py) of
    the `scores_total` there were. note: empty, or why the points are 0 and stand in a later term:
    the engine refused the mixture of old and new ("refused: NAME"), the system had no value in it
    ("no value"), or the imputation itself changed, which is the method's term ("with the method").
    """

    kind: str
    points: float
    evals: tuple[EvalTerm, ...] = ()
    scores: tuple[ScoreChange, ...] = ()
    scores_total: int = 0
    overlaps: tuple[OverlapChange, ...] = ()
    note: str = ""

    def to_json(self) -> Mapping[str, object]:
        """A JSON object with the fields of the term."""
        return {
            "kind": self.kind,
            "points": self.points,
            "note": self.note,
            "evals": [{"eval": e.eval, "basket": e.basket, "points": e.points} for e in self.evals],
            "scores": [
                {"system": c.system, "eval": c.eval, "before": c.before, "after": c.after}
                for c in self.scores
            ],
            "scores_total": self.scores_total,
            "overlaps": [
                {
                    "series": o.series,
                    "basket": o.basket,
                    "joined": list(o.joined),
                    "left": list(o.left),
                }
                for o in self.overlaps
            ],
        }


@dataclass(frozen=True, slots=True)
class Revision:
    """Why a system's value in a series is `after` where it was `before`, each on the version in
    force for it; the terms, always all six in order, sum to the difference."""

    system: str
    series: str
    before: float
    after: float
    terms: tuple[Term, ...]
