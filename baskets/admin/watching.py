"""The saturation watch for stewards: what is nearly full, and what could take its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.roles import person
from baskets.admin.inlines import may_edit, may_see
from baskets.models import BasketVersion
from baskets.prose.watch import watch_text
from baskets.selectors import releases
from baskets.selectors.successors import Field
from baskets.selectors.watch import watch_table
from baskets.services.drafting import open_draft


def watch_page(model_admin: admin.ModelAdmin[BasketVersion]) -> Callable[..., HttpResponse]:
    """The list; a POST opens the basket's draft with a replacement on the desk."""

    @require_http_methods(["GET", "HEAD", "POST"])
    def page(request: HttpRequest) -> HttpResponse:
        if not may_see(request):
            raise PermissionDenied
        if request.method == "POST":
            return _opened(request)
        release = releases.current()
        context: dict[str, Any] = {
            **model_admin.admin_site.each_context(request),
            "title": _("Saturation watch"),
            "opts": model_admin.opts,
            "release": release,
            "may_draft": may_edit(request),
            "rows": [],
        }
        if release is not None:
            field = Field.of(release)
            table = watch_table(release)
            counted = {item.slug for item, _facts in table}
            context["rows"] = [
                (item, facts, watch_text(facts), field.successors(item.slug, counted))
                for item, facts in table
            ]
        return TemplateResponse(request, "admin/baskets/basketversion/watch.html", context)

    return page


def _opened(request: HttpRequest) -> HttpResponse:
    """The desk of the open draft, made where there is none; the replacement is not saved yet."""
    if not may_edit(request):
        raise PermissionDenied
    release = releases.current()
    old, _arrow, new = request.POST.get("replace", "").partition(" ")
    if release is None or not (old and new):
        messages.error(request, _("Choose which eval is replaced by which."))
        return HttpResponseRedirect(reverse("admin:baskets_basketversion_watch"))
    draft, made = open_draft(release.basket, by=person(request))
    if made:
        messages.success(request, _("%(version)s was drafted.") % {"version": draft})
    address = reverse("admin:baskets_basketversion_weigh", args=[draft.pk])
    return HttpResponseRedirect(f"{address}?{urlencode({'old': old, 'new': new})}")
