"""Storing what releases share; what is stored under a key already stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from baskets.models import Choice, Piece
from baskets.pieces import pack


def store_pieces(texts: Mapping[str, bytes]) -> None:
    """Store the parts of bundles that are not stored yet, by their keys.

    Of a release that is not made after all they stay, and serve the next.
    """
    stored = set(Piece.objects.filter(sha256__in=texts).values_list("sha256", flat=True))
    for key in sorted(texts.keys() - stored):
        piece = Piece(sha256=key, content=pack(texts[key]))
        Piece.objects.bulk_create([piece], ignore_conflicts=True)


def store_choices(choices: Iterable[Choice]) -> None:
    """Store what was chosen, for the releases that choose among the same scores."""
    Choice.objects.bulk_create(choices, ignore_conflicts=True)
