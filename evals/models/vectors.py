"""What a run says of a system as a whole, so that it is known again under another name."""

from __future__ import annotations

from django.db import models

from evals.models.facts import Source, System
from evals.models.runs import ImportRun


class Vector(models.Model):
    """The values of one system in one run: how many rows, and a hash of their evals and values.

    Kept for systems with enough rows, not all of one value (`evals.services.repeats`); two systems
    with the same rows have the same hash, in whatever order they come.
    """

    append_only = True

    source = models.ForeignKey(Source, models.PROTECT, related_name="+", db_index=False)
    import_run = models.ForeignKey(ImportRun, models.PROTECT, related_name="vectors")
    system = models.ForeignKey(System, models.PROTECT, related_name="+", db_index=False)
    rows = models.PositiveIntegerField()
    pairs = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["source", "rows", "pairs"], name="vector_same")]

    def __str__(self) -> str:
        return f"{self.system_id} in run {self.import_run_id}"
