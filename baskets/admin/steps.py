"""The pages on which a version is proposed, approved, scheduled, sent back or withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import person
from baskets.admin.inlines import may_see
from baskets.admin.review import review_context
from baskets.forms import ApproveForm, ReasonForm, ScheduleForm, StepForm
from baskets.models import BasketVersion
from baskets.selectors.content import content_sha256
from baskets.services import workflow
from baskets.services.refusals import Incomplete, Refused


@dataclass(frozen=True)
class Step:
    """A step's name, what the page says of it, its form, and the service that takes it."""

    label: Promise
    told: Promise
    form: type[StepForm]
    take: Callable[[int, User, dict[str, Any]], object]


def _approve(version_id: int, by: User, said: dict[str, Any]) -> None:
    workflow.approve(
        version_id, by=by, content_sha256=said["content_sha256"], reason=said["reason"]
    )
    if said["schedule"]:
        workflow.schedule(version_id, by=by)


STEPS = {
    "propose": Step(
        gettext_lazy("Propose"),
        gettext_lazy(
            "The engine computes the basket with this version first; what it refuses is said here. "
            "A second person then approves it or sends it back."
        ),
        ReasonForm,
        lambda pk, by, said: workflow.propose(
            pk, by=by, rationale=said["reason"], edition=said["edition"]
        ),
    ),
    "approve": Step(
        gettext_lazy("Approve"),
        gettext_lazy(
            "You approve what this page shows and nothing else: an edit afterwards ends the "
            "approval."
        ),
        ApproveForm,
        _approve,
    ),
    "schedule": Step(
        gettext_lazy("Schedule"),
        gettext_lazy(
            "The version is published and frozen for good when its effective date comes, or at "
            "once where it has come. Earlier releases stay as they are."
        ),
        ScheduleForm,
        lambda pk, by, said: workflow.schedule(pk, by=by),
    ),
    "send_back": Step(
        gettext_lazy("Send back"),
        gettext_lazy("It becomes a draft again. The reason is shown in the version's history."),
        ReasonForm,
        lambda pk, by, said: workflow.send_back(pk, by=by, reason=said["reason"]),
    ),
    "withdraw": Step(
        gettext_lazy("Withdraw"),
        gettext_lazy("It is given up for good; another draft can be made from it."),
        ReasonForm,
        lambda pk, by, said: workflow.withdraw(pk, by=by, reason=said["reason"]),
    ),
}


def step_page(
    model_admin: admin.ModelAdmin[BasketVersion], name: str
) -> Callable[[HttpRequest, int], HttpResponse]:
    """The view of a step: what changes, the form, and a refusal in its words."""

    def page(request: HttpRequest, version_id: int) -> HttpResponse:
        if not may_see(request):
            raise PermissionDenied
        found = BasketVersion.objects.select_related("basket")
        version = get_object_or_404(found, pk=version_id)
        step = STEPS[name]
        form = step.form(request.POST or None, initial=_initial(version, name))
        if request.method == "POST" and form.is_valid() and _taken(step, version, form, request):
            model_admin.message_user(request, _done(version))
            return HttpResponseRedirect(
                reverse("admin:baskets_basketversion_change", args=[version.pk])
            )
        context = {
            **model_admin.admin_site.each_context(request),
            "title": f"{step.label}: {version}",
            "step": step,
            "version": version,
            "open": name in workflow.open_steps(version, by=person(request)),
            "form": form,
            "alone": name == "approve" and person(request).pk in workflow.hands(version),
            "past": version.effective_on < timezone.now().date(),
            **review_context(version),
            "transitions": version.transitions.select_related("by"),
            "opts": model_admin.opts,
        }
        template = "admin/baskets/basketversion/step.html"
        status = 409 if form.is_bound else 200
        return TemplateResponse(request, template, context, status=status)

    return page


def _initial(version: BasketVersion, name: str) -> dict[str, object]:
    return {
        "edition": version.edition,
        "content_sha256": content_sha256(version),
        "reason": version.rationale if name == "propose" else "",
    }


def _taken(step: Step, version: BasketVersion, form: StepForm, request: HttpRequest) -> bool:
    try:
        step.take(version.pk, person(request), form.cleaned_data)
    except Incomplete as refusal:
        for sentence in refusal.missing:
            form.add_error(None, sentence)
        return False
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _done(version: BasketVersion) -> str:
    version.refresh_from_db()
    return _("%(version)s is now %(state)s.") % {
        "version": version,
        "state": version.state.label,
    }
