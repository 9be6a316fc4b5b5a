"""What may be stored as a score: finite, within the unit's bounds, dated, its reporter known."""

from __future__ import annotations

import datetime as dt
import hashlib
import math

import msgspec

from evals.fingerprint import fingerprint
from evals.models import Eval, HeldRow, Score, System
from evals.records import ScoreRecord
from evals.services.precision import impossible_error

MOST_ITEMS = 2**31 - 1


def _longest(model: type[HeldRow] | type[Score], name: str) -> int:
    length: int | None = getattr(model._meta.get_field(name), "max_length", None)
    assert length is not None
    return length


# Read once: every row is asked.
LONGEST_NAME = _longest(HeldRow, "system_name")
LONGEST_TEXT = _longest(Score, "uncertainty")
LONGEST_ID = _longest(Score, "external_id")
REPORTERS = frozenset(Score.ReportedBy.values)


def refusal(record: ScoreRecord, item: Eval, today: dt.date) -> str:
    """Why the record cannot be a score of `item`, in words; empty where it can."""
    value, lower, upper = record.value, item.lower, item.upper
    if not math.isfinite(value):
        return f"the value {value} is not a finite number"
    if lower is not None and value < lower:
        return f"the value {value:g} is below {lower:g}, the least {item.slug} can be"
    if upper is not None and value > upper:
        why = f"the value {value:g} is above {upper:g}, the most {item.slug} can be"
        return why + (" (is it a percentage?)" if upper == 1 and value <= 100 else "")
    if value <= 0 and item.scale == Eval.Scale.LOG:
        return f"the value {value:g} of {item.slug} must be positive"
    stated = record.stderr is not None or record.low is not None or record.high is not None
    why = (_error_refusal(record) or impossible_error(record, item)) if stated else ""
    return why or _facts_refusal(record, today)


def unfit(record: ScoreRecord) -> str:
    """Why the record cannot be kept under any names, not even held; empty where it can.

    That its texts are storable each reader has made sure of, which can name the cell.
    """
    r = record
    # Written out, and without a loop where all is well: this runs for every row.
    if (
        len(r.system) > LONGEST_NAME
        or len(r.eval) > LONGEST_NAME
        or len(r.uncertainty) > LONGEST_TEXT
        or len(r.n_items_text) > LONGEST_TEXT
        or len(r.external_id) > LONGEST_ID
    ):
        return _too_long(r)
    if r.n_items is not None and r.n_items > MOST_ITEMS:
        return f"n_items {r.n_items} is more than {MOST_ITEMS}"
    return ""


def _too_long(record: ScoreRecord) -> str:
    for name, text, longest in (
        ("system_name", record.system, LONGEST_NAME),
        ("eval_name", record.eval, LONGEST_NAME),
        ("uncertainty", record.uncertainty, LONGEST_TEXT),
        ("n_items_text", record.n_items_text, LONGEST_TEXT),
        ("external_id", record.external_id, LONGEST_ID),
    ):
        if len(text) > longest:
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
    if record.reported_by not in REPORTERS:
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
    parts = msgspec.structs.asdict(record)
    del parts["line"], parts["note"]
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()
