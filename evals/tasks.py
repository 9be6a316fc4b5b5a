"""Celery's way in: an id in, one service. A message is only a hint to look at a row."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from evals.services import imports, leases


@shared_task(time_limit=12 * 3600)
def run_import(run_id: int) -> None:
    """Import one run, if nobody else holds it; it holds it anew with every part that it stores."""
    imports.run_import(run_id)


def sweep() -> None:
    """Hint at every run that waits or whose holder died."""
    waiting = leases.waiting(timezone.now())
    for run_id in waiting.values_list("pk", flat=True)[:100]:
        run_import.apply_async((run_id,), expires=60, retry=False)
