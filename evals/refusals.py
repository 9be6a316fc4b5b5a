"""What the API says when it does not do what was asked: RFC 9457, application/problem+json."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

PROBLEM = "application/problem+json"


def refusal(status: int, detail: str, **more: Any) -> HttpResponse:
    """An answer with the status, its name, and in `detail` what is wrong with this request.

    more: further members, such as the rows that were refused.
    """
    body = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    text = json.dumps(body, separators=(",", ":"))
    return HttpResponse(text, status=status, content_type=PROBLEM)
