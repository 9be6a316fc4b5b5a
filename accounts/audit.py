"""Who changes something, where and why: kept by triggers with every audited change of a row.

The triggers write the events; what is said here stands in their `pgh_context`: `user` (an id, never
a name), `reason`, and where it was done: `page`, `task` or `command`. Whatever runs outside, as a
statement sent by the database's own shell does, is recorded without it.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pghistory
from celery.signals import task_postrun, task_prerun
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.models import User

WRITES = ("POST", "PUT", "PATCH", "DELETE")


@contextmanager
def because(reason: str, *, by: User | None = None) -> Iterator[None]:
    """Whatever is changed inside is recorded with this reason, and the person if one is given."""
    with pghistory.context() as said:
        before = dict(said.metadata)
        said.metadata.update({"reason": reason} if reason else {})
        said.metadata.update({"user": by.pk} if by is not None else {})
        try:
            yield
        finally:
            said.metadata.clear()
            said.metadata.update(before)


@contextmanager
def command(name: str) -> Iterator[None]:
    """Whatever a management command changes is recorded with its name and the operator's."""
    with pghistory.context(command=name, operator=_operator()):
        yield


def _operator() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that has no name.
        return ""


class AuditMiddleware:
    """Says of every change by somebody who is signed in who it was, and on which page.

    A request without a session has nobody behind it; public pages read no session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in WRITES or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        with pghistory.context(user=request.user.pk, page=request.path):
            return self.get_response(request)


_RUNNING: dict[str, ExitStack] = {}


def _begin(task_id: str, task: Any, **rest: Any) -> None:
    stack = ExitStack()
    stack.enter_context(pghistory.context(task=task.name))
    _RUNNING[task_id] = stack


def _end(task_id: str, **rest: Any) -> None:
    stack = _RUNNING.pop(task_id, None)
    if stack is not None:
        stack.close()


def connect() -> None:
    """Let every task of a worker say its name."""
    task_prerun.connect(_begin, dispatch_uid="accounts.audit.begin", weak=False)
    task_postrun.connect(_end, dispatch_uid="accounts.audit.end", weak=False)
