"""Which of several measurements of one cell stands for it (methodology section 2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from baskets.engine.errors import MalformedProblem, UndefinedComparison

RULES = ("best", "worst", "latest", "median")


@dataclass(frozen=True)
class Candidate:
    """One measurement of a cell under the protocol that the basket counts.

    `points` is None where the eval has no usable goalposts; the value then orders the
    candidates, so the caller must pass values in which higher is better.
    """

    value: float
    points: float | None
    first_party: bool
    observed_on: date | None
    content_hash: str
    key: str = ""

    @property
    def height(self) -> float:
        """What `best`, `worst` and `median` compare."""
        return self.value if self.points is None else self.points


@dataclass(frozen=True)
class Selected:
    """The measurement that stands, in words why, and the spread of all candidates."""

    candidate: Candidate
    rule: str
    reason: str
    spread: float


def default_rule(domain: str) -> str:
    """`best` for capability (elicit the most); `worst` for safety and alignment."""
    return "best" if domain == "capability" else "worst"


def select(candidates: Sequence[Candidate], rule: str | None, domain: str) -> Selected:
    """Choose one candidate; ties go to third party, later observation, smaller content hash.

    `median` chooses a real measurement: of an even number, the lower of the two middle ones,
    because a claim should not rest on the kinder half. An undated observation counts as older
    than every dated one. `spread` is the highest minus the lowest candidate, in points (in the
    unit where there are no points).
    """
    if not candidates:
        raise UndefinedComparison("a cell without candidates has no measurement to choose")
    rule = rule or default_rule(domain)
    if rule not in RULES:
        raise MalformedProblem(f"the selection rule must be one of {', '.join(RULES)}")
    target = _target(candidates, rule)
    level = [c for c in candidates if _measure(c, rule) == target]
    chosen = min(level, key=_tie_order)
    heights = [c.height for c in candidates]
    return Selected(
        candidate=chosen,
        rule=rule,
        reason=_reason(candidates, level, rule),
        spread=max(heights) - min(heights),
    )


def sole(heights: Sequence[float], rule: str | None, domain: str) -> tuple[int, str] | None:
    """(place, reason) of the one that `select` chooses by these heights, where no other is level.

    None where it also looks at something else: at ties, and at days.
    """
    rule = rule or default_rule(domain)
    if rule == "best":
        target = max(heights)
    elif rule == "worst":
        target = min(heights)
    elif rule == "median":
        target = sorted(heights)[(len(heights) - 1) // 2]
    else:
        return None
    if heights.count(target) > 1:
        return None
    return heights.index(target), f"{rule} of {len(heights)}"


def _measure(candidate: Candidate, rule: str) -> float:
    return _day(candidate) if rule == "latest" else candidate.height


def _target(candidates: Sequence[Candidate], rule: str) -> float:
    measures = sorted(_measure(c, rule) for c in candidates)
    if rule == "worst":
        return measures[0]
    if rule == "median":
        return measures[(len(measures) - 1) // 2]
    return measures[-1]


def _day(candidate: Candidate) -> int:
    return candidate.observed_on.toordinal() if candidate.observed_on else 0


def _tie_order(candidate: Candidate) -> tuple[bool, int, str]:
    return (candidate.first_party, -_day(candidate), candidate.content_hash)


def _reason(candidates: Sequence[Candidate], level: Sequence[Candidate], rule: str) -> str:
    if len(candidates) == 1:
        return "only measurement"
    if len(level) == 1:
        return f"{rule} of {len(candidates)}"
    return f"{rule} of {len(candidates)}, {_tie_reason(level)}"


def _tie_reason(level: Sequence[Candidate]) -> str:
    if len({c.first_party for c in level}) > 1 and sum(not c.first_party for c in level) == 1:
        return "tie broken for the third party"
    kept = [c for c in level if c.first_party == min(x.first_party for x in level)]
    newest = max(_day(c) for c in kept)
    if sum(_day(c) == newest for c in kept) == 1:
        return "tie broken for the later observation"
    return "tie broken by content hash"
