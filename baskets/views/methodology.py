"""How the index is made, with an example computed from the current release."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from baskets.selectors import releases
from baskets.selectors.catalog import eval_names, system_names
from baskets.selectors.worked_example import worked_example
from baskets.views import page


@page.public_page
def methodology(request: HttpRequest) -> HttpResponse:
    """The contract in plain words and formulas; the example is left out without a release."""
    release = releases.current()
    example = worked_example(release, system_names(), eval_names()) if release else None
    context = {"section": "methodology", "release": release, "example": example}
    return render(request, "baskets/methodology.html", context)
