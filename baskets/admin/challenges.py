"""The stewards' list of questions to weights."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_rights import ByRight
from accounts.roles import APPROVE_BASKETS, EDIT_BASKETS, person
from baskets.forms_challenge import AnswerForm
from baskets.models import Challenge
from baskets.services import challenges


@admin.register(Challenge)
class ChallengeAdmin(ByRight):
    """Answered in public or hidden with a reason; the question itself stays as it was asked."""

    sees = (APPROVE_BASKETS,)
    edits = (EDIT_BASKETS,)
    form = AnswerForm
    list_display = ["eval", "basket", "asked_at", "beginning", "state"]
    list_filter = ["basket", ("answered_at", admin.EmptyFieldListFilter),
                   ("hidden_at", admin.EmptyFieldListFilter)]  # fmt: skip
    list_select_related = ["eval", "basket"]
    fields = ["basket", "version", "eval", "name", "question", "asked_at", "answer",
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

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        who = person(request)
        if "answer" in form.changed_data:
            challenges.answer(obj, text=form.cleaned_data["answer"], by=who)
        if "hidden_reason" in form.changed_data:
            challenges.hide(obj, reason=form.cleaned_data["hidden_reason"], by=who)
