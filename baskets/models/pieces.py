"""What releases share: the parts of their bundles, and the choices that many of them make alike."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Piece(models.Model):
    """A part of the bundles of releases, known by the SHA-256 of its text and stored once.

    `content` is the text compressed with Zstandard: the rows of what was left out on one eval, or
    the list of a release's parts (`baskets.pieces`).
    """

    append_only = True

    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sha256"], name="piece_once"),
        ]

    def __str__(self) -> str:
        return self.sha256


class Choice(models.Model):
    """Which scores of an eval stand for their cells, under the key of all that decides it.

    It is remembered so that a release reads only the scores of cells in which something has changed
    (`baskets.selectors.choices`); without it they are all read again. `family` is the same key
    without the scores, and `cells` says for every system which scores it was: [id of the system,
    how many, their sums, id of the one that stands or null]. `piece` is the key of the part with
    the scores that were left out, blank where none was. Old ones are dropped.
    """

    key = models.CharField(max_length=64)
    family = models.CharField(max_length=64, blank=True, default="")
    cells = models.JSONField(default=list)
    chosen = ArrayField(models.BigIntegerField())
    piece = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="choice_once"),
        ]
        indexes = [
            models.Index(fields=["family", "-id"], name="choice_newest"),
        ]

    def __str__(self) -> str:
        return self.key
