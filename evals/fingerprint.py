"""What makes a score this score: the hash that is stored beside its content."""

from __future__ import annotations

import hashlib
import json

import msgspec

from evals.models import Score
from evals.records import ScoreRecord

_encoded = msgspec.json.Encoder().encode


def fingerprint(score: ScoreRecord | Score, *, system: str, item: str) -> str:
    """SHA-256 of a score's content, as a JSON array, under the slugs of its system and eval.

    Its note and its place in a file are not part of it, so that one score read twice is one score.
    """
    parts = (
        system,
        item,
        score.value,
        score.uncertainty,
        score.stderr,
        score.low,
        score.high,
        score.n_items_text,
        score.n_items,
        score.elicitation,
        score.reported_by,
        score.observed_on,
        score.source_url,
        score.external_id,
    )
    return hashlib.sha256(_encoded(parts)).hexdigest()


def earlier_fingerprint(score: Score, *, system: str, item: str) -> str:
    """The hash that scores got before `low` and `high` became part of it, in its own JSON.

    Sealed releases name scores by their hashes, so those that are stored keep theirs.
    """
    parts = [
        system,
        item,
        repr(score.value),
        score.uncertainty,
        repr(score.stderr),
        score.n_items_text,
        repr(score.n_items),
        score.elicitation,
        score.reported_by,
        score.observed_on.isoformat(),
        score.source_url,
        score.external_id,
    ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
