"""The audit as a whole: a page, and files of all that was changed, by whom and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.admin_rights import SHOWN, Audited
from accounts.roles import VIEW_AUDIT, allowed_to
from accounts.selectors.audit import HEAD, Change, csv_rows, every_change, newest_changes
from evals import spreadsheet

# The digits that always fit a bigint.
LONGEST_KEY = 18


@never_cache
@require_safe
@allowed_to(VIEW_AUDIT)
def page(request: HttpRequest) -> HttpResponse:
    """The newest changes of all that is audited."""
    context = {
        **admin.site.each_context(request),
        "title": _("Audit"),
        "changes": newest_changes(SHOWN),
        "most": SHOWN,
        "of": "",
    }
    return TemplateResponse(request, "admin/audit.html", context)


@never_cache
@require_safe
@allowed_to(VIEW_AUDIT)
def as_csv(request: HttpRequest) -> StreamingHttpResponse:
    """A line for every field that was changed, oldest first; no cell is run by a spreadsheet."""
    lines = spreadsheet.lines(HEAD, csv_rows(every_change(_asked_for(request))))
    return _file(lines, "text/csv; charset=utf-8", "audit.csv")


@never_cache
@require_safe
@allowed_to(VIEW_AUDIT)
def as_json(request: HttpRequest) -> StreamingHttpResponse:
    """Every change as an object, oldest first, in one array."""
    return _file(_json(every_change(_asked_for(request))), "application/json", "audit.json")


def _json(changes: Iterator[Change]) -> Iterator[str]:
    yield "["
    for position, change in enumerate(changes):
        row = asdict(change) | {
            "at": change.at.isoformat(),
            "fields": [dict(zip(("field", "before", "after"), f, strict=True))
                       for f in change.fields],
        }  # fmt: skip
        yield (",\n" if position else "\n") + json.dumps(row, ensure_ascii=False)
    yield "\n]\n"


def _file(parts: Iterator[str], kind: str, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(parts, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked_for(request: HttpRequest) -> list[QuerySet[Any, Any]] | None:
    """The events of the one object that the address names, or None for all of them."""
    label, key = request.GET.get("of", ""), request.GET.get("pk", "")
    if not label:
        return None
    is_key = key.isascii() and key.isdigit() and len(key) <= LONGEST_KEY
    for model, pages in admin.site._registry.items():
        if model._meta.label_lower == label and isinstance(pages, Audited) and is_key:
            obj = model._base_manager.filter(pk=int(key)).first()
            if obj is not None:
                return pages.audit_of(obj)
    raise Http404(_("Nothing of this kind is audited."))
