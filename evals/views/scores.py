"""One score opened to where it comes from: for every reader."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from evals.selectors.provenance import provenance

LARGEST_ID = 2**63


# Not public for the page cache: a decision may fall without a release.
@cache_control(max_age=0, must_revalidate=True)
@require_safe
def score(request: HttpRequest, score_id: int) -> HttpResponse:
    """The score, its import, its file, its line, and the decisions about it."""
    found = provenance(score_id) if score_id < LARGEST_ID else None
    if found is None:
        raise Http404(_("There is no score with this number."))
    context = {"section": "evals", "found": found, "score": found.score}
    return render(request, "imports/score.html", context)
