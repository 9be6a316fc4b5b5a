"""Whole public pages, kept in the process until anything they show could have changed.

A view opts in with `Cache-Control: public`; such a view reads no cookie. Each kept page carries
the site's state (newest release, newest decision, and so on), and the state is read afresh on
every request in one query: a new release shows on the very next request and no invalidation
message can be lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeGuard

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import get_conditional_response, patch_vary_headers

from baskets.selectors.state import UNDER_WAY, answer, asked_once

KEPT_FOR = 3600
MARKS = ("_csp_replace", "xframe_options_exempt")
"""What a view tells the outer middleware about a page that may be framed."""

LARGEST = 500_000
STATE = f"""
SELECT (SELECT max(id) FROM baskets_release),
       (SELECT max(id) FROM evals_decision),
       (SELECT max(id) FROM evals_heldrow),
       (SELECT count(*) FROM baskets_basketversion WHERE published_at IS NOT NULL),
       (SELECT max(id) FROM baskets_transition),
       (SELECT max(id) FROM alerts_event), (SELECT count(*) FROM alerts_examination),
       (SELECT max(pgh_id) FROM accounts_userevent),
       (SELECT max(id) FROM django_admin_log),
       (SELECT max(id) FROM evals_system),
       (SELECT max(id) FROM evals_eval),
       current_date,
       {UNDER_WAY}
"""  # noqa: S608


@dataclass(frozen=True)
class KeptPage:
    """A response as it was sent; `state` is empty for an address only known to be public."""

    state: str
    content: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    marks: tuple[tuple[str, object], ...] = ()


def site_state() -> str:
    """What the public pages depend on, as one short text."""
    return repr(answer(STATE))


class PageCacheMiddleware:
    """Answers a GET from the process's memory while the site's state is the same.

    The state is read before the view runs, so that a release made meanwhile cannot be hidden
    under its own key. That needs to be known to be worth a query, so an address's first answer
    only marks it as public and its second one is kept. What is kept is compressed already, so that
    a request does not pay for it again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.compressed = GZipMiddleware(get_response).process_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "GET":
            return self.get_response(request)
        with asked_once():
            return self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        address = _address(request)
        kept: KeptPage | None = cache.get(address)
        state = site_state() if kept else ""
        if kept and state and kept.state == state:
            return _restored(kept, request)
        response = self.get_response(request)
        if _public(response):
            patch_vary_headers(response, ["Accept-Encoding"])
            # A file that is sealed by a hash has that for its tag already.
            tag = hashlib.sha256(response.content).hexdigest()[:32]
            response.setdefault("ETag", f'"{tag}"')
            # It changes the response in place, and passes over one that is small or compressed.
            self.compressed(request, response)
            if len(response.content) <= LARGEST:
                cache.set(address, _page(state, response), KEPT_FOR)
        return response


def _address(request: HttpRequest) -> str:
    encoding = "gzip" if "gzip" in request.headers.get("Accept-Encoding", "") else "plain"
    parts = (request.get_host(), request.get_full_path(), encoding)
    return "page:" + hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _public(response: HttpResponseBase) -> TypeGuard[HttpResponse]:
    return (
        isinstance(response, HttpResponse)
        and response.status_code == 200
        and "public" in response.get("Cache-Control", "")
        and not response.cookies
        # A picture is large, and kept under its own hash.
        and response.get("Content-Type") != "image/png"
    )


def _page(state: str, response: HttpResponse) -> KeptPage:
    if not state:
        return KeptPage(state="")
    marks = tuple((name, getattr(response, name)) for name in MARKS if hasattr(response, name))
    return KeptPage(state, response.content, tuple(response.items()), marks)


def _restored(kept: KeptPage, request: HttpRequest) -> HttpResponseBase:
    response = HttpResponse(kept.content)
    for name, value in kept.headers:
        response[name] = value
    conditional = get_conditional_response(request, etag=response["ETag"], response=response)
    assert conditional is not None
    for mark, said in kept.marks:
        setattr(conditional, mark, said)
    return conditional
