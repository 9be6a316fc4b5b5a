"""Is it alive, can it serve readers, and how are its servants?

Readers need the web process and PostgreSQL only; a dead worker, beat or Redis shows in `/metrics`
and on the operator's page and never takes readers offline.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass

import redis
from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from accounts.roles import for_staff
from indexsite import pulse
from indexsite.celery import app


@dataclass(frozen=True)
class ServantState:
    """Whether one part of the site answers, and what it says."""

    name: str
    up: bool
    detail: str


def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """Readers can be served: the database answers and its tables are there."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM baskets_release LIMIT 1")
    except DatabaseError:
        return HttpResponse("database unavailable\n", content_type="text/plain", status=503)
    return HttpResponse("ok\n", content_type="text/plain")


class ProbeMiddleware:
    """Answers `/healthz` and `/readyz` before any check of the host: probes come by address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.probes = {"/healthz": healthz, "/readyz": readyz}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        probe = self.probes.get(request.path_info)
        return probe(request) if probe else self.get_response(request)


def servants() -> list[ServantState]:
    """Redis, worker and beat, each asked directly and with a short patience."""
    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1).ping()
    except redis.RedisError:
        silent = _("not asked: Redis is down")
        return [
            ServantState("redis", False, _("does not answer")),
            ServantState("worker", False, silent),
            ServantState("sweep", False, silent),
        ]
    workers = app.control.ping(timeout=0.7) or []
    return [
        ServantState("redis", True, _("answers")),
        ServantState("worker", bool(workers), _("%(n)s answer") % {"n": len(workers)}),
        _sweep_state(),
    ]


def _sweep_state() -> ServantState:
    """Beat asks for the sweep and a worker runs it: silence means that one of them is away."""
    age = pulse.age()
    if age is None:
        return ServantState("sweep", False, _("has never run"))
    return ServantState("sweep", age < pulse.SILENT_AFTER, _("ran %(s)d s ago") % {"s": age})


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for a bearer of `METRICS_TOKEN` or a signed-in operator."""
    if not _may_read_metrics(request):
        raise Http404
    registry = CollectorRegistry()
    up = Gauge("agi_index_up", "Whether a part answers (1) or not (0)", ["part"], registry=registry)
    for servant in servants():
        up.labels(servant.name).set(int(servant.up))
    work = Gauge(
        "agi_index_work", "Rows of work by kind and state", ["kind", "state"], registry=registry
    )
    for kind, state, count in pulse.work():
        work.labels(kind, state).set(count)
    return HttpResponse(generate_latest(registry), content_type="text/plain; version=0.0.4")


def _may_read_metrics(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    if token and scheme == "Bearer" and hmac.compare_digest(given.encode(), token.encode()):
        return True
    return bool(request.user.is_staff)


@for_staff
@staff_member_required
def operator(request: HttpRequest) -> HttpResponse:
    """The operator's page: servants and work."""
    context = {"servants": servants(), "work": pulse.work(), "title": _("Operation")}
    return render(request, "operator.html", context)
