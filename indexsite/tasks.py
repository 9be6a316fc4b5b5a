"""The sweep: every ten seconds, find what a dead worker or an emptied Redis left behind."""

from __future__ import annotations

from celery import shared_task

from alerts import tasks as alert_tasks
from baskets import tasks as basket_tasks
from evals import tasks as eval_tasks
from indexsite import pulse


@shared_task(time_limit=120)
def sweep() -> None:
    """Hint at every row of work that is due and that nobody holds."""
    pulse.beat()
    eval_tasks.sweep()
    basket_tasks.sweep()
    alert_tasks.sweep()
