"""The audit of what was measured: facts that people change, and what they decide.

Scores themselves and what programs decide of them are rows of the record already.
"""

from __future__ import annotations

import pghistory
import pgtrigger

from evals.models.facts import Alias, Domain, Eval, Flag
from evals.models.names import NameDecision
from evals.models.record import Decision

RECORD = {"append_only": True, "__module__": __name__}
DomainEvent, EvalEvent, AliasEvent = (
    pghistory.create_event_model(
        model,
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        model_name=name,
        abstract=False,
        attrs=RECORD,
    )
    for model, name in ((Domain, "DomainEvent"), (Eval, "EvalEvent"), (Alias, "AliasEvent"))
)
FlagEvent, NameDecisionEvent = (
    pghistory.create_event_model(
        model, pghistory.InsertEvent(), model_name=name, abstract=False, attrs=RECORD
    )
    for model, name in ((Flag, "FlagEvent"), (NameDecision, "NameDecisionEvent"))
)
# Imports decide about every score; the audit keeps what a person decides.
DecisionEvent = pghistory.create_event_model(
    Decision,
    pghistory.InsertEvent(condition=pgtrigger.Q(new__by__isnull=False)),
    model_name="DecisionEvent",
    abstract=False,
    attrs=RECORD,
)
