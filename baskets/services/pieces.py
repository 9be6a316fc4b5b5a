"""Storing what releases share; what is stored under a key already stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import connection

from baskets.models import Choice, Piece
from baskets.pieces import pack

KEPT, MOST = 4, 20_000
DROPPED = """
DELETE FROM baskets_choice WHERE id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY family ORDER BY id DESC) AS place
        FROM baskets_choice WHERE family = ANY(%(families)s)
    ) AS ranked WHERE place > %(kept)s
) OR id <= (SELECT id FROM baskets_choice ORDER BY id DESC OFFSET %(most)s LIMIT 1)
"""


def store_pieces(texts: Mapping[str, bytes]) -> None:
    """Store the parts of bundles that are not stored yet, by their keys.

    Of a release that is not made after all they stay, and serve the next.
    """
    stored = set(Piece.objects.filter(sha256__in=texts).values_list("sha256", flat=True))
    for key in sorted(texts.keys() - stored):
        piece = Piece(sha256=key, content=pack(texts[key]))
        Piece.objects.bulk_create([piece], ignore_conflicts=True)


def store_choices(choices: Iterable[Choice]) -> None:
    """Store what was chosen, for the releases that choose among the same scores.

    In one order, for two baskets may share some. Of each family the newest few are kept, and of
    all no more than `MOST`: whoever misses one reads its scores again.
    """
    made = sorted(choices, key=lambda choice: choice.key)
    Choice.objects.bulk_create(made, ignore_conflicts=True)
    with connection.cursor() as cursor:
        cursor.execute(
            DROPPED, {"families": [one.family for one in made], "kept": KEPT, "most": MOST}
        )
