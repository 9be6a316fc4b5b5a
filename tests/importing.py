"""A file of many scores, the names that it uses, and what the database holds of it afterwards."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

from django.db import connection

from evals.models import Developer, Domain, Eval, Generation, System

SYSTEMS = 1_000
HEADER = "system,eval,value,uncertainty,n_items,elicitation,reported_by,observed_on,source_url,note"
SOURCE = "measurement"

# What the rows of an import come to, without ids and clocks.
BUSINESS = """
SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
    SELECT 'score ' || s.slug || ' ' || e.slug || ' ' || concat_ws('|', c.value, c.stderr, c.low,
        c.high, c.uncertainty, c.n_items, c.n_items_text, c.elicitation, c.reported_by,
        c.observed_on, c.source_url, c.note, c.external_id, c.line, c.content_hash)
        || ' ' || (SELECT string_agg(d.status || ' ' || (d.reason ~ '^import'), ',' ORDER BY d.id)
                   FROM evals_decision d WHERE d.score_id = c.id)
    FROM evals_score c JOIN evals_system s ON s.id = c.system_id
    JOIN evals_eval e ON e.id = c.eval_id
    UNION ALL
    SELECT 'held ' || line || ' ' || record::text || reason || content_hash FROM evals_heldrow
    UNION ALL
    SELECT 'rejected ' || line || ' ' || reason || raw FROM evals_rejection
) AS lines (line)
"""


def write_scores(path: Path, rows: int, *, evals: int, every: int = 0, seed: int = 7) -> Path:
    """A catalog file of `rows` scores over `evals` evals.

    every: each so-many-th row has an unknown system, and the one after it a value out of bounds.
    """
    draw = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER + "\n")
        for row in range(rows):
            system = f"system-{row // evals % SYSTEMS:04d}"
            value, items = 2 + draw.random() * 98, draw.randint(100, 2000)
            share = (value / 100 * items + 0.5) / (items + 1)
            error = 100 * (share * (1 - share) / items) ** 0.5
            stated = f"{value:.4f}"
            if every and row % every == 0:
                system = f"unknown-{row}"
            elif every and row % every == 1:
                stated = "101"
            file.write(
                f"{system},eval-{row % evals:04d},{stated},±{error:.4f},"
                f'{items},"pass@1, run {seed}.{row}",third_party,'
                f"2026-0{1 + row % 9}-{1 + row % 28:02d},https://results.example.org/{row},\n"
            )
    return path


def add_names(evals: int) -> None:
    """The systems and evals that such files speak of."""
    developer = Developer.objects.create(slug="lab", name="Lab")
    generation = Generation.objects.create(developer=developer, name="One")
    domain = Domain.objects.get_or_create(slug="capability", defaults={"name": "Capability"})[0]
    System.objects.bulk_create(
        System(
            slug=f"system-{number:04d}",
            name=f"System {number}",
            developer=developer,
            generation=generation,
            released_on=dt.date(2026, 1, 1),
        )
        for number in range(SYSTEMS)
    )
    facts = {"unit": "percent", "scale": "linear", "direction": "higher", "subdomain": "many"}
    goalposts = {"lower": 0.0, "upper": 100.0, "floor": 0.0, "ceiling": 100.0}
    Eval.objects.bulk_create(
        Eval(slug=f"eval-{n:04d}", name=f"Eval {n}", domain=domain, **facts, **goalposts)
        for n in range(evals)
    )


def business_hash() -> str:
    """One hash over all that was imported, whatever the order and however often it was tried."""
    with connection.cursor() as cursor:
        cursor.execute(BUSINESS)
        return str(cursor.fetchone()[0])
