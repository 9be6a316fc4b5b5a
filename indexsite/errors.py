"""What a reader sees when a page cannot be made."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from psycopg.errors import UndefinedColumn, UndefinedTable

RETRY_SECONDS = 30


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for a fault of ours (500), or for a database that is away or being changed (503).

    Neither page asks the database, nor needs anything of the request.
    """
    # Django calls this while it handles the exception, and does not hand it over.
    if out_of_service(sys.exception()):
        text = render_to_string("503.html", _frame())
        headers = {"Retry-After": str(RETRY_SECONDS), "Cache-Control": "no-store"}
        return HttpResponse(text, status=503, headers=headers)
    return HttpResponse(render_to_string("500.html", _frame()), status=500)


def _frame() -> dict[str, object]:
    """What the plain pages are drawn with: nothing, where no static file was ever collected."""
    try:
        return {"sheet": static("css/site.css"), "icon": static("icon.svg")}
    except ValueError:
        return {}


def out_of_service(error: BaseException | None) -> bool:
    """Whether the database is away, or has not been migrated to this version of the site yet."""
    if isinstance(error, ProgrammingError):
        return isinstance(error.__cause__, UndefinedTable | UndefinedColumn)
    return isinstance(error, OperationalError | InterfaceError)
