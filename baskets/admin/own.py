"""Own baskets of readers in the admin: looked at, and hidden where they are abused."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from accounts.admin_rights import Audited, ByRight
from accounts.roles import APPROVE_BASKETS, EDIT_BASKETS, person
from baskets.forms_own import HidingForm
from baskets.models import OwnBasket, OwnWork
from baskets.services import own, own_releases


@admin.register(OwnBasket)
class OwnBasketAdmin(Audited, ByRight):
    """Hidden with a reason, which the owner reads; nothing else of it is for stewards to change."""

    sees = (APPROVE_BASKETS,)
    edits = (EDIT_BASKETS,)
    form = HidingForm
    list_display = ["name", "basket", "owner", "created_at", "hidden_at"]
    list_filter = ["basket", ("hidden_at", admin.EmptyFieldListFilter)]
    list_select_related = ["basket", "owner"]
    search_fields = ["name", "public_id"]
    fields = ["name", "page", "basket", "owner", "forked_from", "created_at", "hidden_reason",
              "hidden_at", "hidden_by"]  # fmt: skip
    readonly_fields = ["name", "page", "basket", "owner", "forked_from", "created_at",
                       "hidden_at", "hidden_by"]  # fmt: skip

    @admin.display(description=gettext_lazy("address"))
    def page(self, obj: OwnBasket) -> str:
        address = reverse("baskets:own-basket", args=[obj.public_id])
        return format_html('<a href="{}">{}</a>', address, obj.public_id)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if "hidden_reason" in form.changed_data:
            own.hide(obj, by=person(request), reason=form.cleaned_data["hidden_reason"])


@admin.register(OwnWork)
class OwnWorkAdmin(ByRight):
    """Releases that own baskets still lack, and why; what was given up can be asked for again."""

    sees = (EDIT_BASKETS, APPROVE_BASKETS)
    list_display = ["own", "release", "state", "due_at", "attempts", "error"]
    list_filter = ["state"]
    list_select_related = ["own", "release"]
    actions = ["ask_again"]

    @admin.action(description=gettext_lazy("Ask for it again"), permissions=["edit"])
    def ask_again(self, request: HttpRequest, chosen: Any) -> None:
        asked = own_releases.ask_again(chosen)
        self.message_user(request, gettext_lazy("%(n)s asked for again.") % {"n": asked})

    def has_edit_permission(self, request: HttpRequest) -> bool:
        """Who may ask again; whoever approves only looks."""
        return request.user.has_perm(EDIT_BASKETS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
