"""Scores held in doubt: one decision about each, with its reason."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import IMPORT_RESULTS, VIEW_IMPORTS, allowed_to, person
from evals.forms_decisions import VerdictForm
from evals.models import Score
from evals.selectors import queues
from evals.services import verdicts
from evals.services.withdrawal import NotPossible

SCORES_A_PAGE = 50


@never_cache
@require_safe
@allowed_to(VIEW_IMPORTS)
def holds(request: HttpRequest) -> HttpResponse:
    """Scores that are held in doubt, each with its numbers."""
    part = Paginator(queues.held_scores(), SCORES_A_PAGE).get_page(request.GET.get("page"))
    context = {"section": "imports", "room": "holds", "part": part}
    return render(request, "imports/holds.html", context)


@require_POST
@allowed_to(IMPORT_RESULTS)
def decide_score(request: HttpRequest, score_id: int) -> HttpResponse:
    """Accept or reject one held score, with a reason."""
    score = get_object_or_404(Score.objects.select_related("import_run", "system"), pk=score_id)
    form = VerdictForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose whether the score counts, and say why."))
        return redirect("imports:holds")
    accepts = form.cleaned_data["verdict"] == "accept"
    decide = verdicts.accept_score if accepts else verdicts.reject_score
    try:
        decide(score, reason=form.cleaned_data["reason"], by=person(request))
    except NotPossible as error:
        messages.error(request, str(error))
    else:
        text = _("Score %(n)s counts now.") if accepts else _("Score %(n)s stays out.")
        messages.success(request, text % {"n": score.pk})
    return redirect("imports:holds")
