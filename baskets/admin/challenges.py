"""The stewards' list of questions to weights."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_rights import Audited, ByRight
from accounts.roles import APPROVE_BASKETS, EDIT_BASKETS, person
from baskets.forms_challenge import AnswerForm
from baskets.models import Challenge
from baskets.services import challenges


@admin.register(Challenge)
class ChallengeAdmin(Audited, ByRight):
    """Answered in public or hidden with a reason; the question itself stays as it was asked."""

    sees = (APPROVE_BASKETS,)
    edits = (EDIT_BASKETS,)
    form = AnswerForm
    list_display = ["eval", "basket", "asked_at", "beginning", "state"]
    list_filter = ["basket", ("answered_at", admin.EmptyFieldListFilter),
                   ("hidden_at", admin.EmptyFieldListFilter)]  # fmt: skip
    list_select_related = ["eval", "basket"]
    fields = ["began_from", "basket", "version", "eval", "name", "question", "asked_at", "answer",
              "hidden_reason", "answered_by", "answered_at"]  # fmt: skip
    readonly_fields = ["basket", "version", "eval", "name", "question", "asked_at",
                       "answered_by", "answered_at"]  # fmt: skip

    @admin.display(description=gettext_lazy("question"))
    def beginning(self, challenge: Challenge) -> str:
        text = challenge.question
        return text if len(text) <= 120 else text[:119] + "…"

    @admin.display(description=gettext_lazy("state"))
    def state(self, challenge: Challenge) -> str:
        if challenge.hidden_at:
            return _("hidden")
        return _("answered") if challenge.answered_at else _("open")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_fields(request, obj)
        return fields if self.has_change_permission(request, obj) else fields[1:]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Challenge | None:
        """The row; held while it is saved, so that two stewards are asked one after the other."""
        if request.method == "POST" and object_id.isdigit():
            held = Challenge.objects.select_for_update().filter(pk=object_id)
            list(held.values_list("pk"))
        found: Challenge | None = super().get_object(request, object_id, from_field)
        return found

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """By the service, which reads the row again; only what was changed is passed on."""
        said = {name: form.cleaned_data[name] for name in form.changed_data if name != "began_from"}
        if said:
            edition = form.cleaned_data["began_from"]
            challenges.settle(obj.pk, by=person(request), edition=edition, **said)
