"""The tables under a version: weights and departures, edited by stewards before it is published."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import QuerySet, Sum, Window
from django.forms import Field as FormField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from accounts.roles import APPROVE_BASKETS, EDIT_BASKETS
from baskets.forms import WeightForm, WeightFormSet
from baskets.models import BasketVersion, Departure, Weight

MUTED = "–"
EDITABLE = (
    BasketVersion.State.DRAFT,
    BasketVersion.State.PROPOSED,
    BasketVersion.State.APPROVED,
    BasketVersion.State.SCHEDULED,
)


def may_edit(request: HttpRequest, version: Any = None) -> bool:
    """Whether the person edits versions, and this one can still be edited."""
    editable = not isinstance(version, BasketVersion) or version.state in EDITABLE
    return editable and request.user.has_perm(EDIT_BASKETS)


def may_see(request: HttpRequest) -> bool:
    """Whether the person sees drafts: who edits or approves them."""
    return any(request.user.has_perm(right) for right in (EDIT_BASKETS, APPROVE_BASKETS))


class FrozenInline(admin.TabularInline[Any, Any]):
    """Rows under a version: editable until it is published or withdrawn."""

    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_see(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_edit(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_edit(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_edit(request, obj)


class WeightInline(FrozenInline):
    """The weight table, with each eval's effective share of the headline."""

    model = Weight
    form = WeightForm
    formset = WeightFormSet
    fields = ["eval", "domain", "weight", "share", *Weight.DECIDED[1:]]
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
