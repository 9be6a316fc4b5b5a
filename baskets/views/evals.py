"""One eval whole."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from baskets.charts.figures_eval import eval_chart
from baskets.prose import watch_text
from baskets.selectors import evals as selectors
from baskets.selectors.releases import OFFICIAL_BASKET
from baskets.selectors.scores import conflicts, eval_history
from baskets.selectors.watch import watched
from baskets.views import ledger, looks, page
from evals.models import Eval


@page.public_page
def eval_page(request: HttpRequest, slug: str) -> HttpResponse:
    """One eval: its scores, baselines and headroom, who counts it and why, and its conflicts."""
    found = Eval.objects.select_related("domain").filter(slug=slug).first()
    if found is None:
        raise Http404(_("There is no eval of this name."))
    shown = page.shown(request)
    known = shown.known
    counted = selectors.counted_in(found, OFFICIAL_BASKET, known)
    goalposts = selectors.goalposts_of(found, counted[0].weight if counted else None)
    history = eval_history(found, shown.release, goalposts, known)
    if not (history.rows or known.includes(found.released_on)):
        return page.nothing_known(request, "evals", shown, found.name)
    asked = looks.eval_history(request, shown, shown.release, history, slug)
    best = history.best
    found_watch = watched(shown.release, found) if shown.release else None
    facts = found_watch.facts if found_watch else None
    context = {
        "eval": found,
        "history": history,
        "later": asked.later,
        "chart": eval_chart(history, look=asked.look, state=asked.state, controls=asked.controls)
        if history.rows
        else None,
        **ledger.score_list(request, history.rows[::-1]),
        "counted": counted,
        "best": best,
        "goalposts": goalposts,
        "headroom": selectors.headroom(found, best.value if best else None, goalposts),
        **ledger.widest(conflicts(history)),
        "watch": found_watch,
        "watch_text": watch_text(facts) if facts else None,
    }
    return page.answer(request, "baskets/eval.html", "evals", shown, **context)
