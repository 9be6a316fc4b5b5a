"""Did a release bring news, and is it signal to a rule? Pure: facts in, findings out.

`examine` says what happened in a release; `message` and `history` say what a rule makes of it.
"""

from alerts.rules.examine import FINDERS, Outcome, Verdict, examine
from alerts.rules.facts import Best, Difference, Facts, Key, Pair, Rate, Rung, Term, Value
from alerts.rules.finding import Finding, Heard
from alerts.rules.frontier import frontiers
from alerts.rules.hindsight import revised_away
from alerts.rules.kinds import DOMAINS, EDITION, MAIN, PROGRESS, Cause, Kind
from alerts.rules.record import reached
from alerts.rules.signal import (
    Message,
    Told,
    history,
    level_of,
    matches,
    message,
)
from alerts.rules.standing import gaps, normal, sign_probability
from alerts.rules.terms import BadTerms, Level, Terms

__all__ = [
    "DOMAINS",
    "EDITION",
    "FINDERS",
    "MAIN",
    "PROGRESS",
    "BadTerms",
    "Best",
    "Cause",
    "Difference",
    "Facts",
    "Finding",
    "Heard",
    "Key",
    "Kind",
    "Level",
    "Message",
    "Outcome",
    "Pair",
    "Rate",
    "Rung",
    "Term",
    "Terms",
    "Told",
    "Value",
    "Verdict",
    "examine",
    "frontiers",
    "gaps",
    "history",
    "level_of",
    "matches",
    "message",
    "normal",
    "reached",
    "revised_away",
    "sign_probability",
]
