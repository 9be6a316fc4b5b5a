"""Baskets, and the record of what was made of them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_rights import Audited, ByRight
from accounts.roles import APPROVE_BASKETS, EDIT_BASKETS
from baskets.models import Basket, Publication, Recompute, Release
from baskets.services import recomputes
from evals.admin import RecordAdmin


@admin.register(Basket)
class BasketAdmin(Audited, ByRight):
    """Baskets; their versions have a page each."""

    sees = (APPROVE_BASKETS,)
    edits = (EDIT_BASKETS,)
    list_display = ["name", "slug", "base"]
    list_select_related = ["base"]

    def get_readonly_fields(self, request: HttpRequest, obj: Basket | None = None) -> list[str]:
        published = obj is not None and obj.versions.filter(published_at__isnull=False).exists()
        return ["slug", "base"] if published else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


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
        return request.user.has_perm("baskets.add_basket") or request.user.has_perm(EDIT_BASKETS)


@admin.register(Publication)
class PublicationAdmin(RecordAdmin):
    """Scheduled versions, and what became of them at their date."""

    list_display = ["version", "due_at", "state", "finished_at", "attempts", "why"]
    list_filter = ["state"]
    list_select_related = ["version__basket"]
