"""Imports: the list, one run with its rows, its rows as a file, and taking a run back."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import IMPORT_RESULTS, VIEW_IMPORTS, allowed_to, person
from evals import spreadsheet
from evals.forms import ReasonForm
from evals.models import ImportRun, RunChange
from evals.selectors import queues
from evals.selectors import runs as selectors
from evals.services.withdrawal import NotPossible, change_run

SHOWN_RUNS = 50
SHOWN_ROWS = 100


@never_cache
@require_safe
@allowed_to(VIEW_IMPORTS)
def runs(request: HttpRequest) -> HttpResponse:
    """The newest runs, or those before one."""
    state = request.GET.get("state", "")
    if state and state not in ImportRun.State.values:
        raise Http404(_("There is no such state of an import."))
    found = list(selectors.runs(before=_number(request, "before"), state=state)[: SHOWN_RUNS + 1])
    context = {
        "section": "imports",
        "room": "runs",
        "runs": found[:SHOWN_RUNS],
        "before": found[SHOWN_RUNS - 1].pk if len(found) > SHOWN_RUNS else None,
        "live": any(selectors.is_live(run) for run in found),
        "state": state,
        "states": ImportRun.State.choices,
        "waiting": queues.waiting(),
    }
    return render(request, "imports/runs.html", context)


@never_cache
@require_safe
@allowed_to(VIEW_IMPORTS)
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """One run with its counts and the rows that did not become scores."""
    found = get_object_or_404(selectors.runs(), pk=run_id)
    doubtful = selectors.doubtful_count(found)
    counts = {"rejected": found.rejected, "held": found.held - doubtful, "doubtful": doubtful}
    kind = request.GET.get("rows", "") or next((k for k, n in counts.items() if n), "rejected")
    if kind not in selectors.KINDS:
        raise Http404(_("A run has no rows of this kind."))
    part = selectors.rows_of(found, kind, after=_number(request, "after") or 0, most=SHOWN_ROWS)
    context = {
        "section": "imports",
        "room": "runs",
        "run": found,
        "change": selectors.newest_change(found),
        "live": selectors.is_live(found),
        "kind": kind,
        "counts": counts,
        "part": part,
        "paged": "after" in request.GET,
    }
    return render(request, "imports/run.html", context)


@never_cache
@require_safe
@allowed_to(VIEW_IMPORTS)
def rows_file(request: HttpRequest, run_id: int, kind: str) -> HttpResponseBase:
    """Every row of a kind as CSV; no cell can be taken for a formula."""
    found = get_object_or_404(ImportRun, pk=run_id)
    if kind not in selectors.KINDS:
        raise Http404(_("A run has no rows of this kind."))
    answer = StreamingHttpResponse(_lines(found, kind), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="import-{found.pk}-{kind}.csv"'
    return answer


def _lines(run: ImportRun, kind: str) -> Iterator[str]:
    head = ["line", "system", "eval", "reason", "ended", "raw"]
    rows = selectors.all_rows(run, kind)
    return spreadsheet.lines(
        head,
        ((r.line, r.system, r.eval, selectors.told(r), r.ended, r.raw) for r in rows),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_to(IMPORT_RESULTS)
def withdraw(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask for a reason, then take every score of the run out of the index; nothing is deleted."""
    return _change(request, run_id, RunChange.Kind.WITHDRAW)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_to(IMPORT_RESULTS)
def reinstate(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask for a reason, then let the scores of a withdrawn run count again."""
    return _change(request, run_id, RunChange.Kind.REINSTATE)


def _change(request: HttpRequest, run_id: int, kind: RunChange.Kind) -> HttpResponse:
    found = get_object_or_404(selectors.runs(), pk=run_id, state=ImportRun.State.DONE)
    withdrawing = kind == RunChange.Kind.WITHDRAW
    if (found.withdrawn_at is not None) == withdrawing:
        return redirect("imports:run", found.pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            change_run(found, kind, reason=form.cleaned_data["reason"], by=person(request))
        except NotPossible as error:
            # Somebody else was first.
            messages.error(request, str(error))
        return redirect("imports:run", found.pk)
    context = {
        "section": "imports",
        "room": "runs",
        "run": found,
        "form": form,
        "withdrawing": withdrawing,
    }
    status = 400 if form.errors else 200
    return render(request, "imports/withdraw.html", context, status=status)


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404(_("The address holds something that is not a number."))
    return int(text)
