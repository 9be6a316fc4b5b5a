"""What was measured: facts that people keep, and a record that is only ever added to."""

from __future__ import annotations

from evals.models.audit import (
    AliasEvent,
    DecisionEvent,
    DomainEvent,
    EvalEvent,
    FlagEvent,
    NameDecisionEvent,
)
from evals.models.changes import RunChange
from evals.models.facts import (
    Alias,
    Developer,
    Domain,
    Eval,
    Flag,
    Generation,
    Source,
    System,
    valid_slug,
)
from evals.models.names import NameDecision, Resolution, SourceName
from evals.models.record import (
    Decision,
    HeldRestatement,
    HeldRow,
    Rejection,
    Restatement,
    Score,
)
from evals.models.runs import ImportRun, stored_under
from evals.models.vectors import Vector
from evals.models.ways import (
    Feed,
    FeedAttempt,
    Posting,
    SavedMapping,
    WaitingUpload,
    WatchedFile,
)

__all__ = [
    "Alias",
    "AliasEvent",
    "Decision",
    "DecisionEvent",
    "Developer",
    "Domain",
    "DomainEvent",
    "Eval",
    "EvalEvent",
    "Feed",
    "FeedAttempt",
    "Flag",
    "FlagEvent",
    "Generation",
    "HeldRestatement",
    "HeldRow",
    "ImportRun",
    "NameDecision",
    "NameDecisionEvent",
    "Posting",
    "Rejection",
    "Resolution",
    "Restatement",
    "RunChange",
    "SavedMapping",
    "Score",
    "Source",
    "SourceName",
    "System",
    "Vector",
    "WaitingUpload",
    "WatchedFile",
    "stored_under",
    "valid_slug",
]
