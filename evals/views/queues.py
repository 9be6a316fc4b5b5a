"""What waits for a person: names that nobody knows, and scores held in doubt."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.roles import IMPORT_RESULTS, VIEW_IMPORTS, allowed_to, person
from evals.forms_decisions import IGNORE, NEW, NameForm, VerdictForm
from evals.models import Score
from evals.selectors import queues
from evals.services import identity, verdicts
from evals.services.names import NameBook, folded
from evals.services.suggestions import Suggester
from evals.services.withdrawal import NotPossible

NAMES_A_PAGE = 20
SCORES_A_PAGE = 50


@never_cache
@require_safe
@allowed_to(VIEW_IMPORTS)
def names(request: HttpRequest) -> HttpResponse:
    """The unknown names, those with most rows first, each with what it may mean."""
    pages = Paginator(queues.names_in_queue(_unknown()), NAMES_A_PAGE)
    part = pages.get_page(request.GET.get("page"))
    suggesters = {kind: Suggester(kind) for kind in {item.kind for item in part}}
    entries = [
        (item, suggesters[item.kind].suggest(item.name, item.developer, item.first_on))
        for item in part
    ]
    context = {
        "section": "imports",
        "room": "names",
        "part": part,
        "entries": entries,
        "known": {kind: queues.known_names(kind) for kind in suggesters},
        "developers": identity.developers(),
    }
    return render(request, "imports/names.html", context)


def _unknown() -> dict[str, Any]:
    """The names of waiting rows that nobody knows and nobody said to ignore."""
    book = NameBook.load()
    held = queues.held_names()
    return {
        "system": [name for name in held["system"] if _open(book, "system", name)],
        "eval": [name for name in held["eval"] if _open(book, "eval", name)],
    }


def _open(book: NameBook, kind: str, name: str) -> bool:
    if (kind, folded(name)) in book.ignored:
        return False
    return (book.system(name) if kind == "system" else book.eval(name)) is None


@require_POST
@allowed_to(IMPORT_RESULTS)
def decide_name(request: HttpRequest) -> HttpResponse:
    """Take one decision about a name; every row that waits for it follows."""
    form = NameForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return redirect("imports:names")
    try:
        done = _decide(form.cleaned_data, person(request))
    except (identity.NameTaken, ValidationError) as error:
        reasons = error.messages if isinstance(error, ValidationError) else [str(error)]
        messages.error(request, " ".join(reasons))
        return redirect("imports:names")
    name = form.cleaned_data["name"]
    text = ngettext(
        "“%(name)s” is decided; %(n)s row is settled by it.",
        "“%(name)s” is decided; %(n)s rows are settled by it.",
        done,
    )
    messages.success(request, text % {"name": name, "n": done})
    return redirect("imports:names")


def _decide(given: dict[str, Any], by: User) -> int:
    """Call the service of the verdict; the number of rows that it settled."""
    name, kind = given["name"], given["kind"]
    if given["verdict"] == IGNORE:
        return identity.ignore(name, kind, reason=given["reason"], by=by)
    if given["verdict"] == NEW:
        facts = {key: given[key] for key in ("developer", "generation", "released_on")}
        more = {"slug": given["slug"], "title": given["title"]}
        _system, done = identity.add_system(name, by=by, **facts, **more)
        return done
    return identity.resolve(name, kind, given["target"], by=by)


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
