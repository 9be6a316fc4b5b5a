"""How the index is made, with every formula worked out from the release that is shown."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from baskets.engine import ENGINE_VERSION
from baskets.selectors.catalog import eval_names, system_names
from baskets.selectors.evidence import simulation
from baskets.selectors.worked import worked_examples
from baskets.views import page


@page.public_page
def methodology(request: HttpRequest) -> HttpResponse:
    """The contract in plain words and formulas; without a release there are no examples.

    `examples=open` shows all of them, for reading through and for printing.
    """
    opened = page.choice(request, "examples", ("", "open"), "")
    shown = page.shown(request)
    release = shown.release
    methods = worked_examples(release, system_names(), eval_names()) if release else None
    return page.answer(
        request,
        "baskets/methodology.html",
        "methodology",
        shown,
        opened=bool(opened),
        methods=methods,
        examples=methods.examples if methods else {},
        evidence=simulation(),
        engine=ENGINE_VERSION,
    )
