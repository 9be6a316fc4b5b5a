"""What may be stored as a score: finite, within the unit's bounds, dated, its reporter known."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math

from evals.fingerprint import fingerprint
from evals.models import Eval, HeldRow, Score, System
from evals.records import ScoreRecord

SHORT_TEXTS = ("uncertainty", "n_items_text", "external_id")


def refusal(record: ScoreRecord, item: Eval, today: dt.date) -> str:
    """Why the record cannot be a score of `item`, in words; empty where it can."""
    if not math.isfinite(record.value):
        return f"the value {record.value} is not a finite number"
    if item.lower is not None and record.value < item.lower:
        return f"the value {record.value:g} is below {item.lower:g}, the least {item.slug} can be"
    if item.upper is not None and record.value > item.upper:
        return f"the value {record.value:g} is above {item.upper:g}, the most {item.slug} can be"
    if item.scale == Eval.Scale.LOG and record.value <= 0:
        return f"the value {record.value:g} of {item.slug} must be positive"
    return _error_refusal(record) or _facts_refusal(record, today)


def unfit(record: ScoreRecord) -> str:
    """Why the record cannot be kept under any names, not even held; empty where it can."""
    for texts, model in (
        ({"system_name": record.system, "eval_name": record.eval}, HeldRow),
        ({name: getattr(record, name) for name in SHORT_TEXTS}, Score),
    ):
        for name, text in texts.items():
            longest: int | None = getattr(model._meta.get_field(name), "max_length", None)
            if longest is not None and len(text) > longest:
                return f"{name} has {len(text)} characters, and {longest} is the most"
    return ""


def _error_refusal(record: ScoreRecord) -> str:
    if record.stderr is not None and not (math.isfinite(record.stderr) and record.stderr >= 0):
        return f"the standard error {record.stderr:g} is negative or not finite"
    if record.low is not None and record.high is not None:
        if not math.isfinite(record.high - record.low):
            return "the interval is not finite"
        if not record.low <= record.value <= record.high:
            return (
                f"the value {record.value:g} lies outside its own interval, "
                f"{record.low:g} to {record.high:g}"
            )
    return ""


def _facts_refusal(record: ScoreRecord, today: dt.date) -> str:
    if record.reported_by not in Score.ReportedBy.values:
        allowed = ", ".join(Score.ReportedBy.values)
        return f"reported_by {record.reported_by!r} is none of {allowed}"
    if record.n_items is not None and record.n_items < 1:
        return f"n_items {record.n_items} is less than one"
    if record.observed_on > today:
        return f"observed_on {record.observed_on} lies in the future"
    return ""


def content_hash(record: ScoreRecord, system: System, item: Eval) -> str:
    """The fingerprint of a record whose names are matched."""
    return fingerprint(record, system=system.slug, item=item.slug)


def held_hash(record: ScoreRecord) -> str:
    """The same for a row whose names are not matched, by the names as the source writes them."""
    parts = {name: str(getattr(record, name)) for name in record.__struct_fields__}
    del parts["line"], parts["note"]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
