"""The data page: every data set with its columns, size, vintage and licence, and as a file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _

from baskets.selectors import datasets as selectors
from baskets.selectors.state import state_now
from baskets.views import page, streams
from evals import spreadsheet

# Raised when a file is made otherwise of the same data.
FORM = 1
LONG = ("scores", "points")


@dataclass(frozen=True)
class Described:
    """A data set as the page shows it."""

    name: str
    title: str
    about: str
    licence: str
    rows: int
    columns: tuple[tuple[str, str], ...]


@page.public_page
def data(request: HttpRequest) -> HttpResponse:
    """What there is to take away."""
    shown = page.shown(request)
    titles, texts = _titles(), _columns()
    sets = [
        Described(
            name=name,
            title=titles[name][0],
            about=titles[name][1],
            licence=titles[name][2],
            rows=found.count(shown.release, shown.known),
            columns=tuple((column, texts[column]) for column in found.columns),
        )
        for name, found in selectors.DATASETS.items()
    ]
    context = {
        "sets": sets,
        "origins": selectors.origins(shown.known),
        "vintage_on": selectors.vintage(shown.release, shown.as_of),
    }
    return page.answer(request, "baskets/data.html", "data", shown, **context)


@page.sealed_file  # type: ignore[arg-type]  # what is streamed is no HttpResponse
def dataset(request: HttpRequest, name: str) -> HttpResponseBase:
    """A data set as CSV, streamed; asked again with its tag it is 304 while nothing changed."""
    found = selectors.DATASETS.get(name)
    shown = page.shown(request)
    if found is None or (shown.past and shown.release is None):
        raise Http404(_("There is no such data set, or nothing was known on that date."))
    vintage = selectors.vintage(shown.release, shown.as_of)
    said = f"{FORM} {name} {vintage} {shown.kept} {state_now()!r}"
    tag = f'W/"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'
    same = get_conditional_response(request, etag=tag)
    if same is not None:
        return same
    rows = found.rows(shown.release, shown.known)
    parts, kind = spreadsheet.lines(found.columns, rows), "text/csv; charset=utf-8"
    # Of a head the parts are not even begun.
    long = name in LONG and request.META["REQUEST_METHOD"] == "GET"
    response = (
        streams.streamed(parts, kind) if long else StreamingHttpResponse(parts, content_type=kind)
    )
    if response.status_code != 200:
        return response
    pin = f"release-{shown.pinned.number}" if shown.pinned else vintage
    response["Content-Disposition"] = f'attachment; filename="{name}-{pin}.csv"'
    response["Cache-Control"] = "public, max-age=0, must-revalidate"
    response["ETag"] = tag
    return response


def _titles() -> dict[str, tuple[str, str, str]]:
    """Of each set the title, what it holds, and its licence."""
    catalog = _("Facts compiled for this project: Apache-2.0, as the software.")
    imported = _("Each row names the source that it was read from; what the sources of imports "
                 "say of their licence is stated below.")  # fmt: skip
    computed = _("Computed here from the scores; cite the release.")
    return {
        "systems": (_("Systems"), _("Models and products that can be measured."), catalog),
        "evals": (_("Evals"), _("What they are measured with: units, bounds and goalposts."),
                  catalog),
        "scores": (_("Scores"), _("Every result as its source states it, and its status."),
                   imported),
        "releases": (_("Releases"), _("The editions of the index and their seals."), computed),
        "points": (_("Index points"), _("Every value of the release, on every basket version."),
                   computed),
        "weights": (_("Weights"), _("What each basket version counts, how much, and why."),
                    catalog),
        "links": (_("Links"), _("How the release carries each series from version to version."),
                  computed),
    }  # fmt: skip


def _columns() -> dict[str, str]:
    """What each column holds."""
    return {
        "slug": _("name in addresses and in the API"),
        "name": _("name"),
        "developer": _("who makes it"),
        "generation": _("family of systems"),
        "released_on": _("when it came out"),
        "domain": _("capability, safety or alignment"),
        "subdomain": _("part of the domain"),
        "unit": _("unit of its scores"),
        "scale": _("linear, logarithmic or rating"),
        "direction": _("whether higher or lower is better"),
        "lower": _("lower bound of the unit"),
        "upper": _("upper bound of the unit"),
        "floor": _("goalpost at 0 points"),
        "ceiling": _("goalpost at 100 points"),
        "reference": _("rating at 50 points"),
        "human_baseline": _("score of people"),
        "human_baseline_who": _("which people"),
        "n_items": _("number of items"),
        "n_items_text": _("number of items, as stated"),
        "measures": _("what it measures"),
        "access": _("who can run it"),
        "grading": _("how answers are judged"),
        "source_url": _("where it was read"),
        "id": _("number of the score on this site"),
        "system": _("slug of the system"),
        "eval": _("slug of the eval"),
        "value": _("value; of scores in the eval's unit, of points in index points"),
        "stderr": _("standard error, in the same unit"),
        "low": _("lower end of the 95% interval"),
        "high": _("upper end of the 95% interval"),
        "uncertainty": _("uncertainty, as stated"),
        "elicitation": _("how the system was run"),
        "reported_by": _("first_party, third_party or unstated"),
        "observed_on": _("when it was measured or published"),
        "recorded_at": _("when this site learnt of it"),
        "note": _("what a reader must know"),
        "external_id": _("name that the source gives it"),
        "content_hash": _("SHA-256 of its content"),
        "import_source": _("source of the import"),
        "import_run": _("number of the import"),
        "status": _("accepted, held, rejected, superseded or withdrawn"),
        "status_reason": _("why"),
        "number": _("number"),
        "vintage_on": _("date of what was known"),
        "created_at": _("when it was made"),
        "reconstructed": _("whether it was rebuilt afterwards"),
        "cause": _("why it was made"),
        "engine_version": _("version of the engine"),
        "problem_sha256": _("SHA-256 of what it was computed from"),
        "sha256": _("SHA-256 of its bundle"),
        "seal": _("SHA-256 over it and the seal of the release before"),
        "release": _("number of the release"),
        "series": _("headline, balanced, a domain, or a domain and its part"),
        "basket_version": _("number of the basket version"),
        "coverage": _("share of the weight that was measured"),
        "imputed_share": _("share of the value that rests on filled cells"),
        "worst": _("value with missing cells at 0 points"),
        "best": _("value with missing cells at 100 points"),
        "official": _("whether there is enough evidence"),
        "back_cast": _("whether the system is older than the version"),
        "on_official_version": _("whether the version was in force when the system came out"),
        "basket": _("slug of the basket"),
        "version": _("number of the version"),
        "effective_on": _("from when it is in force"),
        "weight": _("weight, as set"),
        "share": _("share of the headline"),
        "selection": _("which of several scores counts"),
        "protocol": _("protocol that is counted"),
        "owner": _("who answers for the weight"),
        "rationale": _("why it has this weight"),
        "goalpost_reason": _("why these goalposts"),
        "from_version": _("version before"),
        "to_version": _("version after"),
        "overlap": _("systems that link them"),
        "additive": _("level of the newest of them, additive link"),
        "ratio": _("the same, ratio link"),
        "odds": _("the same, link of odds"),
    }
