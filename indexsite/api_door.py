"""What stands before the API, data files, pictures, what-ifs: how often, from where, and how.

Own code rather than django-cors-headers, because there is one rule and no setting: everybody may
read from everywhere, without credentials, and nobody may write from a page of another site.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from accounts.clients import client_of
from evals import rates
from evals.refusals import PROBLEM, refusal

API = "/api/v1/"
READING = ("GET", "HEAD")
EXPOSED = "ETag, Link, RateLimit, RateLimit-Policy, Retry-After"
A_DAY = 86400
PICTURES_PER_MINUTE = 120
# Each computes an index: enough for a room of readers behind one address, and fewer of the past.
WEIGHINGS_PER_MINUTE = 1200
PAST_WEIGHINGS_PER_MINUTE = 20


class ApiDoorMiddleware:
    """Counts readers, answers HEAD and OPTIONS, and lets pages of any site read.

    It stands before the cache of pages, so an answer from memory counts too and its headers are
    those of this reader.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        # The pictures of charts, and those of pages below /social/.
        if path.endswith(".png"):
            words = _("Too many pictures in this minute; try again in the next one.")
            return self._counted(request, "pictures", PICTURES_PER_MINUTE, words)
        if ("/what-if" in path or path.endswith("/own/new/")) and request.GET:
            words = _("Too many weights in this minute; try again in the next one.")
            past = not request.GET.keys().isdisjoint({"release", "as_of"})
            limit = PAST_WEIGHINGS_PER_MINUTE if past else WEIGHINGS_PER_MINUTE
            return self._counted(request, f"weighings:{past}", limit, words)
        if not (path.startswith(API) or (path.endswith(".csv") and "/data/" in path)):
            return self.get_response(request)
        if request.method == "OPTIONS":
            return self._options(request)
        if request.method not in READING:
            return plainly(self.get_response(request))
        allowance = rates.ask(f"reader:{client_of(request)}", limit=settings.API_READS_PER_MINUTE)
        if allowance.spent:
            response: HttpResponseBase = refusal(429, "Too many requests in this minute.")
        else:
            response = plainly(self._read(request))
        for name, value in allowance.headers().items():
            response[name] = value
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = EXPOSED
        return response

    def _counted(self, request: HttpRequest, kind: str, limit: int, words: str) -> HttpResponseBase:
        """What takes a good part of a second of work, so few of them in a minute."""
        allowance = rates.ask(f"{kind}:{client_of(request)}", limit=limit)
        if not allowance.spent:
            return self.get_response(request)
        response = HttpResponse(words, status=429, content_type="text/plain; charset=utf-8")
        response["Retry-After"] = str(allowance.seconds)
        return response

    def _read(self, request: HttpRequest) -> HttpResponseBase:
        """A GET, or the head of one: the API's own views know no HEAD."""
        if request.method == "GET":
            return self.get_response(request)
        request.method = "GET"
        try:
            response = self.get_response(request)
        finally:
            request.method = "HEAD"
        if isinstance(response, HttpResponse):
            response.setdefault("Content-Length", str(len(response.content)))
            response.content = b""
        elif isinstance(response, StreamingHttpResponse):
            # What would be streamed is not even begun.
            response.streaming_content = iter(())
        return response

    def _options(self, request: HttpRequest) -> HttpResponseBase:
        found = self.get_response(request)
        # A view that knows no OPTIONS refuses it, and says what it does know.
        if found.status_code not in (200, 405):
            return plainly(found)
        allowed = {name.strip() for name in found.get("Allow", "").split(",") if name.strip()}
        if "GET" in allowed:
            allowed.add("HEAD")
        response = HttpResponse(status=204)
        response["Allow"] = ", ".join(sorted({*allowed, "OPTIONS"}))
        if "GET" in allowed:
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
            response["Access-Control-Allow-Headers"] = "If-None-Match"
            response["Access-Control-Max-Age"] = str(A_DAY)
        return response


def plainly(response: HttpResponseBase) -> HttpResponseBase:
    """A refusal of the server itself in the form of the API's own."""
    plain = response.status_code >= 400 and not response.streaming
    if not plain or response.get("Content-Type", "").startswith(PROBLEM):
        return response
    if response.get("Content-Type", "").startswith("application/json"):
        return response
    details = {404: "There is nothing at this address.", 405: "This method is not allowed here."}
    answer = refusal(response.status_code, details.get(response.status_code, ""))
    for name in ("Retry-After", "Cache-Control"):
        if response.has_header(name):
            answer[name] = response[name]
    if response.has_header("Allow"):
        names = {name.strip() for name in response["Allow"].split(",") if name.strip()}
        more = {"OPTIONS", "HEAD"} if "GET" in names else {"OPTIONS"}
        answer["Allow"] = ", ".join(sorted(names | more))
    return answer
