"""The page of a version: edited without writing over anybody, then taken through its steps."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_rights import Audited
from accounts.roles import person
from baskets.admin import conflict
from baskets.admin.editor import editor_page, preview_part
from baskets.admin.inlines import MUTED, DepartureInline, WeightInline, may_edit, may_see
from baskets.admin.steps import STEPS, step_page
from baskets.admin.watching import watch_page
from baskets.forms import VersionForm
from baskets.models import (
    BasketVersion,
    DepartureEvent,
    OverlapEvent,
    VersionEvent,
    WeightEvent,
)
from baskets.selectors.baskets import domain_shares
from baskets.services.drafting import draft_next, editing
from baskets.services.refusals import EditConflict, NotAllowed, Refused
from baskets.services.workflow import open_steps


@admin.register(BasketVersion)
class BasketVersionAdmin(Audited):
    """Versions: edited until they are published, and then only read."""

    form = VersionForm
    list_display = ["__str__", "basket", "number", "effective_on", "status", "published_at"]
    list_filter = ["basket", "step"]
    list_select_related = ["basket"]
    actions = ["draft_next"]
    inlines = [WeightInline, DepartureInline]
    filter_horizontal = ["overlap"]
    fields = [
        "began_from",
        "basket",
        "number",
        "effective_on",
        "status",
        "state_of_play",
        "coverage_floor",
        "domain_coverage_floor",
        "min_evals",
        "link",
        "overlap",
        "author",
        "approver",
        "rationale",
        "lost_status_reason",
    ]
    readonly_fields = ["status", "state_of_play", "author", "approver"]
    change_form_template = "admin/baskets/basketversion/change_form.html"

    class Media:
        css: ClassVar = {"all": ["css/admin.css"]}

    @admin.display(description=gettext_lazy("status"))
    def status(self, version: BasketVersion) -> str:
        state = version.state if version.pk else BasketVersion.State.DRAFT
        return str(state.label)

    @admin.display(description=gettext_lazy("weights"))
    def state_of_play(self, version: BasketVersion) -> str:
        """The sum of the saved weights and each domain's share of it."""
        if version.pk is None:
            return MUTED
        total, shares = domain_shares(version)
        parts = ", ".join(f"{name} {100 * share:.1f} %" for name, share in shares)
        return format_html(
            "{} {}",
            _("The weights add up to %(total)s and are normalised to 1.") % {"total": f"{total:g}"},
            parts,
        )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_see(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_see(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_edit(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_edit(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a draft that was never proposed: what was in public stays on record."""
        draft = obj is not None and obj.state == BasketVersion.State.DRAFT
        return draft and may_edit(request, obj) and not obj.transitions.exists()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        given = [] if obj is None else ["basket", "number"]
        return [*self.readonly_fields, *given]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            who = person(request)
            obj.drafted_by = obj.edited_by = who
            obj.author = who.shown_name
        super().save_model(request, obj, form, change)

    def audit_of(self, obj: Any) -> list[QuerySet[Any, Any]]:
        """The events of the version and of its parts."""
        return [
            VersionEvent._base_manager.filter(pgh_obj_id=obj.pk),
            WeightEvent._base_manager.filter(version_id=obj.pk),
            DepartureEvent._base_manager.filter(version_id=obj.pk),
            OverlapEvent._base_manager.filter(basketversion_id=obj.pk),
        ]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = list(super().get_fields(request, obj))
        return fields if self.has_change_permission(request, obj) else fields[1:]

    def get_urls(self) -> list[URLPattern]:
        steps = [
            path(
                f"<int:version_id>/{name}/",
                self.admin_site.admin_view(step_page(self, name)),
                name=f"baskets_basketversion_{name}",
            )
            for name in STEPS
        ]
        desks = [("weigh", editor_page(self)), ("weigh_preview", preview_part(self))]
        steps += [
            path(
                f"<int:version_id>/{name.replace('_', '/')}/",
                self.admin_site.admin_view(view),
                name=f"baskets_basketversion_{name}",
            )
            for name, view in desks
        ]
        watch = path(
            "watch/",
            self.admin_site.admin_view(watch_page(self)),
            name="baskets_basketversion_watch",
        )
        return [watch, *steps, *super().get_urls()]

    @admin.action(description=gettext_lazy("Draft the next version"), permissions=["add"])
    def draft_next(self, request: HttpRequest, queryset: QuerySet[BasketVersion]) -> HttpResponse:
        """A copy of one version as the next draft, opened at once."""
        if queryset.count() != 1:
            self.message_user(request, _("Choose one version to start from."), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        draft = draft_next(queryset.get(), by=person(request))
        return HttpResponseRedirect(reverse("admin:baskets_basketversion_change", args=[draft.pk]))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form; a post that began from an older edition saves nothing and shows both."""
        if request.method != "POST" or not object_id.isdigit():
            return super().change_view(request, object_id, form_url, extra_context)
        edition = request.POST.get("began_from", "")
        try:
            began = int(edition) if edition.isdigit() else -1
            with editing(int(object_id), by=person(request), edition=began):
                return super().change_view(request, object_id, form_url, extra_context)
        except BasketVersion.DoesNotExist:
            return super().change_view(request, object_id, form_url, extra_context)
        except EditConflict as found:
            posted = request.POST.copy()
            posted["began_from"] = str(found.edition)
            request.POST = posted  # type: ignore[assignment]
            request.edit_conflict = str(found)  # type: ignore[attr-defined]
            return super().change_view(request, object_id, form_url, extra_context)
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[BasketVersion]]:
        form = super().get_form(request, obj, change, **kwargs)
        form.conflict = getattr(request, "edit_conflict", "")  # type: ignore[attr-defined]
        return form

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if getattr(request, "edit_conflict", ""):
            formsets = [item.formset for item in context["inline_admin_formsets"]]
            context["conflict"] = conflict.rows_of(context["adminform"].form, formsets)
        version: BasketVersion | None = context.get("original")
        if version is not None:
            names = open_steps(version, by=person(request))
            context["weighable"] = may_edit(request, version)
            context["steps"] = [
                (STEPS[n].label, reverse(f"admin:baskets_basketversion_{n}", args=[version.pk]))
                for n in names
            ]
        response = super().render_change_form(request, context, *args, **kwargs)
        if "conflict" in context:
            response.status_code = 409
        return response
