"""The Celery application; tasks live in each room's `tasks.py`."""

from __future__ import annotations

import os
import signal
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from indexsite.run.launch import follow_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "indexsite.settings")

app = Celery("indexsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def end_with_the_worker(**_: Any) -> None:
    """A process of the pool ends with the worker that feeds it, also where that one is killed.

    Nothing is lost: whatever a task has not committed is taken up by the next worker.
    """
    follow_parent(os.getppid(), signal.SIGKILL)
