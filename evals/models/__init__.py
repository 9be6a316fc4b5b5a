"""What was measured: facts that people keep, and a record that is only ever added to."""

from __future__ import annotations

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
from evals.models.record import Decision, HeldRow, Rejection, Score
from evals.models.runs import ImportRun, stored_under

__all__ = [
    "Alias",
    "Decision",
    "Developer",
    "Domain",
    "Eval",
    "Flag",
    "Generation",
    "HeldRow",
    "ImportRun",
    "NameDecision",
    "Rejection",
    "Resolution",
    "Score",
    "Source",
    "SourceName",
    "System",
    "stored_under",
    "valid_slug",
]
