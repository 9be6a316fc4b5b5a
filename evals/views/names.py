"""Names that nobody knows: the queue, one decision about each, and what is new."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.roles import ADD_EVALS, IMPORT_RESULTS, VIEW_IMPORTS, allowed_to, person
from evals.forms_decisions import IGNORE, NameForm, NewEvalForm, NewSystemForm
from evals.models.names import NameKind
from evals.selectors import names as selectors
from evals.selectors import queues
from evals.services import identity
from evals.services.names import NameBook, folded, reading
from evals.services.slugs import slug_of
from evals.services.suggestions import Suggester

NAMES_A_PAGE = 20


@never_cache
@require_safe
@allowed_to(VIEW_IMPORTS)
def names(request: HttpRequest) -> HttpResponse:
    """The unknown names, those with most rows first, each with what it may mean."""
    kind = request.GET.get("kind", "")
    unknown = _unknown()
    wanted = {key: found if kind in ("", key) else [] for key, found in unknown.items()}
    pages = Paginator(queues.names_in_queue(wanted), NAMES_A_PAGE)
    part = pages.get_page(request.GET.get("page"))
    suggesters = {kind: Suggester(kind) for kind in {item.kind for item in part}}
    told = selectors.told_of(item.name for item in part)
    entries = [
        {
            "item": item,
            "suggestions": suggesters[item.kind].suggest(item.name, item.developer, item.first_on),
            "told": told.get(item.name, []),
            "parts": reading(item.name, ()) if item.kind == NameKind.SYSTEM else (item.name, ""),
        }
        for item in part
    ]
    context = {
        "section": "imports",
        "room": "names",
        "part": part,
        "entries": entries,
        "kind": kind if kind in unknown else "",
        "counts": {key: len(found) for key, found in unknown.items()},
        "known": {kind: queues.known_names(kind) for kind in suggesters},
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
        messages.error(request, _words(error))
        return redirect("imports:names")
    return _decided(request, form.cleaned_data["name"], done)


def _decide(given: dict[str, Any], by: User) -> int:
    """Call the service of the verdict; the number of rows that it settled."""
    name, kind = given["name"], given["kind"]
    if given["verdict"] == IGNORE:
        return identity.ignore(name, kind, reason=given["reason"], by=by)
    return identity.resolve(
        name,
        kind,
        given["target"],
        by=by,
        elicitation=given["said"],
        other_endings=given["other_endings"],
    )


def _decided(request: HttpRequest, name: str, done: int) -> HttpResponse:
    text = ngettext(
        "“%(name)s” is decided; %(n)s row is settled by it.",
        "“%(name)s” is decided; %(n)s rows are settled by it.",
        done,
    )
    messages.success(request, text % {"name": name, "n": done})
    return redirect("imports:names")


def _words(error: identity.NameTaken | ValidationError) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_to(VIEW_IMPORTS)
def new_name(request: HttpRequest, kind: str) -> HttpResponse:
    """The facts of the new system or eval that a name means; its rows follow in the same step.

    Importers add systems. Stewards add evals: their goalposts say what a result is worth.
    """
    if not request.user.has_perm(ADD_EVALS if kind == NameKind.EVAL else IMPORT_RESULTS):
        raise PermissionDenied
    waiting = selectors.waiting_name(kind, request.GET.get("name", ""))
    if waiting is None:
        messages.info(request, _("No row waits for this name any longer."))
        return redirect("imports:names")
    form = _new_form(request, waiting)
    if form.is_bound and form.is_valid():
        try:
            return _decided(request, waiting.name, _add(form, waiting.name, person(request)))
        except (identity.NameTaken, ValidationError) as error:
            form.add_error(None, _words(error))
    context = {
        "section": "imports",
        "room": "names",
        "waiting": waiting,
        "form": form,
        "words": {**selectors.words_in_use(), "developers": identity.developers()},
    }
    return render(request, "imports/new_name.html", context, status=400 if form.errors else 200)


def _new_form(request: HttpRequest, waiting: selectors.WaitingName) -> BaseForm:
    """The empty form with what the name and its sources say, or the one that was sent."""
    sent = request.POST if request.method == "POST" else None
    if waiting.kind == NameKind.EVAL:
        slug = slug_of(waiting.name, NameKind.EVAL)
        return NewEvalForm(sent, initial={"name": waiting.name, "slug": slug})
    rest, said = reading(waiting.name, ())
    title = rest.rpartition("/")[2]
    released = next((told.released_on for told in waiting.told), None)
    return NewSystemForm(
        sent,
        initial={
            "title": title,
            "slug": slug_of(title, NameKind.SYSTEM),
            "developer": waiting.developer,
            "released_on": released,
            "elicitation": said,
        },
    )


def _add(form: BaseForm, name: str, by: User) -> int:
    """Call the service of what is new; the number of rows that it settled."""
    if isinstance(form, NewEvalForm):
        return identity.add_eval(name, form.save(commit=False), by=by)
    _system, done = identity.add_system(name, by=by, **form.cleaned_data)
    return done
