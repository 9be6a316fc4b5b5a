"""Baskets under governance: drafts are edited, published versions only read."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Sum, Window
from django.forms import Field as FormField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from baskets.forms import PublishForm, WeightForm, WeightFormSet
from baskets.models import Basket, BasketVersion, Departure, Recompute, Release, Weight
from baskets.selectors.baskets import domain_shares
from baskets.services import recomputes
from baskets.services.publishing import draft_from, publish_version
from baskets.services.refusals import PublishRefused
from evals.admin import RecordAdmin

MUTED = "–"


class FrozenInline(admin.TabularInline[Any, Any]):
    """Rows under a version: editable while it is a draft."""

    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not _published(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not _published(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not _published(obj) and super().has_delete_permission(request, obj)


def _published(obj: Any) -> bool:
    return isinstance(obj, BasketVersion) and obj.published


class WeightInline(FrozenInline):
    """The weight table, with each eval's effective share of the headline."""

    model = Weight
    form = WeightForm
    formset = WeightFormSet
    fields = [
        "eval",
        "domain",
        "weight",
        "share",
        "floor",
        "ceiling",
        "reference",
        "selection",
        "protocol",
        "owner",
        "rationale",
        "goalpost_reason",
    ]
    readonly_fields = ["domain", "share"]
    autocomplete_fields = ["eval"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Weight]:
        total = Window(Sum("weight"), partition_by="version")
        weights: QuerySet[Weight] = super().get_queryset(request).annotate(total=total)
        return weights.select_related("eval__domain", "version")

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> FormField | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            # An eval's own facts are not edited from inside a basket.
            field.widget.can_add_related = False
            field.widget.can_change_related = False
            field.widget.can_view_related = False
        return field

    @admin.display(description=gettext_lazy("domain / subdomain"))
    def domain(self, weight: Weight) -> str:
        if weight.eval_id is None:
            return MUTED
        return f"{weight.eval.domain.name} / {weight.eval.subdomain}"

    @admin.display(description=gettext_lazy("share of the headline"))
    def share(self, weight: Weight) -> str:
        """The saved weight over the sum of the saved weights."""
        total: float | None = getattr(weight, "total", None)
        return f"{100 * weight.weight / total:.2f} %" if total else MUTED


class DepartureInline(FrozenInline):
    """Evals that the previous version counted and this one does not."""

    model = Departure
    autocomplete_fields = ["eval"]


@admin.register(Basket)
class BasketAdmin(admin.ModelAdmin[Basket]):
    """Baskets; their versions have a page each."""

    list_display = ["name", "slug", "base"]
    list_select_related = ["base"]

    def get_readonly_fields(self, request: HttpRequest, obj: Basket | None = None) -> list[str]:
        published = obj is not None and obj.versions.filter(published_at__isnull=False).exists()
        return ["slug", "base"] if published else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(BasketVersion)
class BasketVersionAdmin(admin.ModelAdmin[BasketVersion]):
    """Versions: a draft is edited and published here, a published one can only be read."""

    list_display = ["__str__", "basket", "number", "effective_on", "status", "published_at"]
    list_filter = ["basket"]
    list_select_related = ["basket"]
    actions = ["draft_next"]
    inlines = [WeightInline, DepartureInline]
    filter_horizontal = ["overlap"]
    fields = [
        "basket",
        "number",
        "effective_on",
        "state_of_play",
        "coverage_floor",
        "domain_coverage_floor",
        "min_evals",
        "link",
        "overlap",
        "author",
        "approver",
        "rationale",
    ]
    readonly_fields = ["state_of_play"]
    change_form_template = "admin/baskets/basketversion/change_form.html"

    class Media:
        css: ClassVar = {"all": ["css/admin.css"]}

    @admin.display(description=gettext_lazy("status"))
    def status(self, version: BasketVersion) -> str:
        return _("published, frozen") if version.published else _("draft")

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

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not _published(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and not obj.published and super().has_delete_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        publish = path(
            "<int:version_id>/publish/",
            self.admin_site.admin_view(self.publish),
            name="baskets_basketversion_publish",
        )
        return [publish, *super().get_urls()]

    @admin.action(description=gettext_lazy("Draft the next version"), permissions=["add"])
    def draft_next(self, request: HttpRequest, queryset: QuerySet[BasketVersion]) -> HttpResponse:
        """A copy of one version as the next draft, opened at once."""
        if queryset.count() != 1:
            self.message_user(request, _("Choose one version to start from."), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        draft = draft_from(queryset.get(), author=request.user.get_username())
        return HttpResponseRedirect(_change_page(draft))

    def publish(self, request: HttpRequest, version_id: int) -> HttpResponse:
        """Ask for the rationale, then freeze the draft; a refusal is shown and changes nothing."""
        version = get_object_or_404(BasketVersion.objects.select_related("basket"), pk=version_id)
        if not self.has_change_permission(request):
            raise PermissionDenied
        form = PublishForm(request.POST or None, initial={"rationale": version.rationale})
        if request.method == "POST" and form.is_valid() and self._publish(request, version, form):
            return HttpResponseRedirect(_change_page(version))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Publish version %(number)s of %(basket)s")
            % {"number": version.number, "basket": version.basket.name},
            "version": version,
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/baskets/basketversion/publish.html", context)

    def _publish(self, request: HttpRequest, version: BasketVersion, form: PublishForm) -> bool:
        by = request.user if isinstance(request.user, User) else None
        try:
            publish_version(version.pk, rationale=form.cleaned_data["rationale"], by=by)
        except PublishRefused as refusal:
            form.add_error(None, str(refusal))
            return False
        self.message_user(
            request, _("Published and frozen. The release with it is being computed.")
        )
        return True


def _change_page(version: BasketVersion) -> str:
    return reverse("admin:baskets_basketversion_change", args=[version.pk])


@admin.register(Release)
class ReleaseAdmin(RecordAdmin):
    """Releases are immutable."""

    list_display = ["number", "basket", "vintage_on", "cause", "reconstructed", "created_at"]
    list_filter = ["basket", "reconstructed"]
    list_select_related = ["basket"]
    fields = ["basket", "number", "vintage_on", "cause", "reconstructed", "created_at", "sha256"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Release]:
        return super().get_queryset(request).defer("bundle", "summary")


@admin.register(Recompute)
class RecomputeAdmin(RecordAdmin):
    """Requests for releases and what became of them."""

    list_display = ["id", "basket", "cause", "state", "due_at", "release", "error"]
    actions = ["ask_again"]
    list_filter = ["state"]
    list_select_related = ["basket", "release"]

    @admin.action(description=gettext_lazy("Ask again for what failed"), permissions=["add_basket"])
    def ask_again(self, request: HttpRequest, queryset: QuerySet[Recompute]) -> None:
        """A new request for each failed one, with the same cause."""
        asked = recomputes.ask_again(queryset)
        self.message_user(request, _("Asked again: %(n)s.") % {"n": asked})

    def has_add_basket_permission(self, request: HttpRequest) -> bool:
        """Whoever may make a basket may ask for its release."""
        return request.user.has_perm("baskets.add_basket")
