"""Pages of the admin that open by the rights of roles, and tell what was changed on them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from pghistory.core import event_models

from accounts.audit import because
from accounts.roles import VIEW_AUDIT
from accounts.selectors.audit import changes_of

LONGEST_REASON = 500
SHOWN = 500


class ByRight(admin.ModelAdmin[Any]):
    """Shown to whoever has one of `sees` or `edits`, changed by whoever has one of `edits`."""

    sees: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) or self._may(request, *self.sees, *self.edits)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_view_permission(request, obj)
        return allowed or self._may(request, *self.sees, *self.edits)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) or self._may(request, *self.edits)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) or self._may(request, *self.edits)

    @staticmethod
    def _may(request: HttpRequest, *rights: str) -> bool:
        return any(request.user.has_perm(right) for right in rights)


class Audited(admin.ModelAdmin[Any]):
    """Asks why with every change, keeps that with it, and shows an object's whole history.

    The change itself is recorded by the database, also where it is made elsewhere.
    """

    def audit_of(self, obj: Any) -> list[QuerySet[Any, Any]]:
        """The events that make up the object's history, by default those of its own row."""
        models = event_models(tracks_model=type(obj))
        return [model._base_manager.filter(pgh_obj_id=obj.pk) for model in models]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The form; what is saved by it is recorded with the reason that was given."""
        reason = request.POST.get("audit_reason", "").strip()[:LONGEST_REASON]
        parent = self.change_form_template or "admin/change_form.html"
        more = {**(extra_context or {}), "audited_parent": parent, "audit_reason": reason}
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, more)
        with because(reason):
            return super().changeform_view(request, object_id, form_url, more)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        response = super().render_change_form(request, context, *args, **kwargs)
        if isinstance(response, TemplateResponse) and context.get("original") is not None:
            response.template_name = "admin/audited.html"
        return response

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Everything that was changed about the object, newest first."""
        obj = get_object_or_404(self.model, pk=object_id)
        if not (self.has_view_permission(request, obj) and request.user.has_perm(VIEW_AUDIT)):
            raise PermissionDenied
        parts = self.audit_of(obj)
        if not parts:
            return super().history_view(request, object_id, extra_context)
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of %(object)s") % {"object": obj},
            "object": obj,
            "opts": self.opts,
            "changes": changes_of(*parts, most=SHOWN),
            "most": SHOWN,
            "of": f"of={self.opts.label_lower}&pk={obj.pk}",
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/audit.html", context)
