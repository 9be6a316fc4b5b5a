"""Weighing a draft: numbers and buttons that need no script, and what they would do beside them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.roles import person
from baskets import weighing
from baskets.admin.desk import OPERATIONS, PER_CENT, Desk, per_cent
from baskets.admin.desk_forms import DeskForms, fields_of, grouped, posted_shares
from baskets.admin.inlines import may_edit
from baskets.admin.previewing import SERIES, preview_context
from baskets.models import BasketVersion
from baskets.selectors.catalog import eval_names
from baskets.selectors.content import content_of
from baskets.services.completeness import newest_published
from baskets.services.drafting import save_draft
from baskets.services.refusals import EditConflict, NotAllowed, Refused
from baskets.services.workflow import open_steps
from baskets.weighing import WHOLE, CannotWeigh

Page = Callable[[HttpRequest, int], HttpResponse]
TEMPLATE = "admin/baskets/basketversion/editor.html"
RESULTS = "admin/baskets/basketversion/editor_results.html"


def editor_page(model_admin: admin.ModelAdmin[BasketVersion]) -> Page:
    """The desk: opened with GET, changed or saved with POST, by whoever edits baskets."""

    @require_http_methods(["GET", "HEAD", "POST"])
    def page(request: HttpRequest, version_id: int) -> HttpResponse:
        version = _editable(request, version_id)
        stored = Desk.of(version, eval_names())
        if request.method != "POST":
            desk = _asked(request, version, stored)
            return _shown(model_admin, request, version, desk)
        forms = DeskForms.posted(request, stored.names)
        if not forms.valid():
            messages.error(request, _("Some fields cannot be read. Nothing is saved yet."))
            return _shown(model_admin, request, version, stored, forms)
        desk = forms.desk(stored)
        if request.POST.get("do") == "save":
            return _save(model_admin, request, version, desk)
        return _shown(model_admin, request, version, _moved(request, version, desk))

    return page


def preview_part(model_admin: admin.ModelAdmin[BasketVersion]) -> Page:
    """What a move of one number does: the other numbers and the results, as a part of the page."""

    @require_POST
    def part(request: HttpRequest, version_id: int) -> HttpResponse:
        version = _editable(request, version_id)
        names = eval_names()
        shares, locked = posted_shares(request.POST, names)
        desk = replace(Desk.of(version, names), shares=shares, locked=locked)
        refusal = ""
        try:
            desk = _scaled_by_hand(request, desk)
        except CannotWeigh as reason:
            refusal = str(reason)
        context = preview_context(version, desk.shares, series=_series(request), names=names)
        fields = {} if refusal else fields_of(desk)
        context |= {"unweighable": refusal, "fields": json.dumps(fields)}
        return TemplateResponse(request, RESULTS, context)

    return part


def _editable(request: HttpRequest, version_id: int) -> BasketVersion:
    version = get_object_or_404(BasketVersion.objects.select_related("basket"), pk=version_id)
    if not may_edit(request, version):
        raise PermissionDenied
    return version


def _series(request: HttpRequest) -> str:
    asked = request.POST.get("series") or request.GET.get("series", "")
    return asked if asked in SERIES else SERIES[0]


def _asked(request: HttpRequest, version: BasketVersion, stored: Desk) -> Desk:
    """The stored desk, with the replacement that the address asks for."""
    if "old" not in request.GET:
        return stored
    return _applied(request, version, stored, "replace", "", request.GET.dict())


def _moved(request: HttpRequest, version: BasketVersion, desk: Desk) -> Desk:
    """The desk after the button that was pressed."""
    name, _colon, key = request.POST.get("do", "").partition(":")
    if name not in OPERATIONS:
        return desk
    return _applied(request, version, desk, name, key, request.POST.dict())


def _applied(
    request: HttpRequest, version: BasketVersion, desk: Desk, name: str, key: str, given: Any
) -> Desk:
    before = newest_published(version)
    counted = before.weights.values_list("eval__slug", flat=True) if before else ()
    known = {"person": person(request).shown_name, "counted_before": tuple(counted)}
    try:
        return OPERATIONS[name](desk, key, {**given, **known})
    except CannotWeigh as refusal:
        messages.error(request, str(refusal))
        return desk


def _scaled_by_hand(request: HttpRequest, desk: Desk) -> Desk:
    """The desk after the number that was moved; what it was before is then made room for."""
    field = request.POST.get("moved", "")
    key = field.removeprefix("branch:") if field.startswith("branch:") else ""
    name = field.removesuffix("-share")
    if key:
        return OPERATIONS["scale"](desk, key, request.POST.dict())
    if name in desk.shares:
        to = min(max(1, desk.shares[name]), WHOLE)
        found = weighing.scaled(desk.shares, {name}, to, locked=desk.locked - {name})
        return replace(desk, shares=found)
    return desk


def _save(
    model_admin: admin.ModelAdmin[BasketVersion],
    request: HttpRequest,
    version: BasketVersion,
    desk: Desk,
) -> HttpResponse:
    """Save the desk; what somebody else has saved since is shown beside it, and nothing is."""
    who = person(request)
    try:
        content = desk.weighed(content_of(version))
        save_draft(version.pk, by=who, edition=desk.edition, content=content, why=desk.why)
    except EditConflict as found:
        messages.error(request, str(found))
        again = replace(desk, edition=found.edition)
        return _shown(model_admin, request, version, again, conflict=found)
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except (Refused, CannotWeigh) as refusal:
        messages.error(request, str(refusal))
        return _shown(model_admin, request, version, desk)
    total = sum(desk.shares.values())
    if abs(total - WHOLE) > len(desk.shares):
        said = _("Saved. The weights added up to %(total)s %% and were normalised.")
        messages.success(request, said % {"total": per_cent(total)})
    else:
        messages.success(request, _("Saved."))
    address = reverse("admin:baskets_basketversion_weigh", args=[version.pk])
    return HttpResponseRedirect(f"{address}?series={_series(request)}")


def _touched(request: HttpRequest) -> str:
    """The branch or eval that the pressed button names, or the eval that has just come in."""
    name, _colon, key = request.POST.get("do", "").partition(":")
    entering = {"enter": "enter", "replace": "new"}.get(name, "")
    return key or request.POST.get(entering, "") or request.GET.get("new", "")


def _shown(
    model_admin: admin.ModelAdmin[BasketVersion],
    request: HttpRequest,
    version: BasketVersion,
    desk: Desk,
    forms: DeskForms | None = None,
    *,
    conflict: EditConflict | None = None,
) -> HttpResponse:
    shown, total = forms or DeskForms.of(desk), sum(desk.shares.values())
    exact = request.POST.get("do") == "exact"
    found = preview_context(
        version, desk.shares, series=_series(request), names=desk.names, exact=exact
    )
    others = [item for name, item in desk.names.items() if name not in shown.rows]
    steps = open_steps(version, by=person(request))
    context = {
        **model_admin.admin_site.each_context(request),
        **found,
        "title": _("Weigh %(version)s") % {"version": version},
        "opts": model_admin.opts,
        "version": version,
        "forms": shown,
        "gone": [(desk.names[name], reason) for name, reason in shown.gone],
        "domains": grouped(desk, shown, touched=_touched(request)),
        "total": per_cent(total),
        "whole": total == 100 * PER_CENT,
        "others": sorted(others, key=lambda item: (item.domain, item.subdomain, item.name)),
        "steps": steps,
        "conflict": conflict.differences if conflict else None,
        "fields": "{}",
    }
    return TemplateResponse(request, TEMPLATE, context, status=409 if conflict else 200)
