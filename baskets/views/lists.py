"""The lists of systems and evals: filtered, sorted and paged by the address, and as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from baskets.charts import words
from baskets.prose.watch import lifecycle_name
from baskets.selectors import eval_list, releases
from baskets.selectors import systems as system_list
from baskets.views import page, sorting
from baskets.views.page import Shown
from evals import spreadsheet
from evals.subjects import subdomain_name

PER_PAGE = 100
VALUE_FIELDS = ("value", "low", "high", "official")


@dataclass(frozen=True)
class Asked:
    """What an address asks a list for; `state` is the part of the address that links keep."""

    shown: Shown
    sort: str
    state: dict[str, str]

    @property
    def filtered(self) -> bool:
        """Whether anything is left out of the list."""
        return bool(set(self.state) - {"as_of", "release", "sort"})


def _asked(request: HttpRequest, sorts: Sequence[str], default: str, names: Sequence[str]) -> Asked:
    sort = page.choice(request, "sort", [f"{s}{name}" for name in sorts for s in ("", "-")],
                       default)  # fmt: skip
    shown = page.shown(request)
    kept = {name: page.text(request, name).strip() for name in names}
    state = shown.kept | {name: value for name, value in kept.items() if value}
    return Asked(shown, sort, state | ({"sort": sort} if sort != default else {}))


def _heads(asked: Asked, columns: Sequence[tuple[str, str, bool]], sortable: Sequence[str]) -> Any:
    state = {name: value for name, value in asked.state.items() if name != "sort"}
    return sorting.heads(columns, sort=asked.sort, state=state, sortable=sortable)


def _part(request: HttpRequest, rows: Any) -> Any:
    """The page of a list that the address asks for. Http404 for one that is not there."""
    paginator = Paginator(rows, PER_PAGE)
    number = page.whole_number(request, "page") or 1
    if number > paginator.num_pages:
        raise Http404(_("This list has only %(n)s pages.") % {"n": paginator.num_pages})
    return paginator.get_page(number)


SYSTEM_FILTERS = ("q", "developer", "generation", "domain", "status", "since", "until")


def _systems_wanted(request: HttpRequest) -> system_list.Wanted:
    wanted = system_list.Wanted(
        developer=page.text(request, "developer"),
        generation=page.text(request, "generation"),
        domain=page.choice(request, "domain", ["", *words.DOMAINS], ""),
        status=page.choice(request, "status", ["", *system_list.STATUSES], ""),
        text=page.text(request, "q"),
        since=page.date(request, "since"),
        until=page.date(request, "until"),
    )
    if wanted.developer and not system_list.makes(wanted.developer):
        raise page.BadQuery(_("“developer” must be the slug of a developer that has a system."))
    return wanted


def _system_columns() -> list[tuple[str, str, bool]]:
    return [
        ("name", _("System"), False),
        ("developer", _("Developer"), False),
        ("released", _("Released"), True),
        *((series, words.series_name(series), True) for series in system_list.SERIES),
        ("scores", _("Scores"), True),
    ]


@page.public_page
def systems(request: HttpRequest) -> HttpResponse:
    """Systems with their values, a page at a time."""
    wanted = _systems_wanted(request)
    asked = _asked(request, system_list.SORTS, "-released", SYSTEM_FILTERS)
    release, known = asked.shown.release, asked.shown.known
    found = system_list.systems_wanted(release, wanted, sort=asked.sort, known=known)
    part = _part(request, found)
    columns = _system_columns()
    statuses = {"official": _("official"), "provisional": _("provisional only")}
    context = {
        "base": release.basket.base.name if release else "",
        "part": part,
        "rows": system_list.rows_of(list(part), release, known),
        "asked": asked,
        "wanted": wanted,
        "developers": system_list.developers(known),
        "generations": system_list.generations(wanted.developer, known),
        "domains": [(name, words.series_name(name)) for name in words.DOMAINS],
        "statuses": [(n, statuses.get(n, _("no value"))) for n in system_list.STATUSES],
        "sorts": [(f"-{n}" if number else n, label) for n, label, number in columns],
        "heads": _heads(asked, columns, system_list.SORTS),
    }
    return page.answer(request, "baskets/systems.html", "systems", asked.shown, **context)


@page.public_page
def systems_csv(request: HttpRequest) -> HttpResponse:
    """The same systems, all of them, as CSV."""
    wanted = _systems_wanted(request)
    asked = _asked(request, system_list.SORTS, "-released", SYSTEM_FILTERS)
    release, known = asked.shown.release, asked.shown.known
    found = system_list.systems_wanted(release, wanted, sort=asked.sort, known=known)
    head = ["slug", "name", "developer", "generation", "released_on"]
    head += [f"{series}_{name}" for series in system_list.SERIES for name in VALUE_FIELDS]
    rows = (
        [row.system.slug, row.system.name, row.system.developer, row.system.generation,
         row.system.released_on, *_values(row), row.scores, release.number if release else None]
        for row in system_list.every_row(found, release, known)
    )  # fmt: skip
    return _csv("systems", spreadsheet.table([*head, "scores", "release"], rows))


def _values(row: system_list.SystemRow) -> list[spreadsheet.Cell]:
    return [
        getattr(value, name) if value else None
        for _series, value in row.columns
        for name in VALUE_FIELDS
    ]


EVAL_FILTERS = ("q", "domain", "subdomain", "lifecycle", "counted")


def _evals_wanted(request: HttpRequest) -> eval_list.Wanted:
    return eval_list.Wanted(
        domain=page.choice(request, "domain", ["", *words.DOMAINS], ""),
        subdomain=page.text(request, "subdomain"),
        lifecycle=page.choice(request, "lifecycle", ["", *eval_list.LIFECYCLES], ""),
        counted=page.choice(request, "counted", ["", "yes", "no"], ""),
        text=page.text(request, "q"),
    )


def _eval_columns() -> list[tuple[str, str, bool]]:
    return [
        ("name", _("Eval"), False),
        ("domain", _("Domain"), False),
        ("lifecycle", _("Lifecycle"), False),
        ("weight", _("Weight"), True),
        ("systems", _("Systems"), True),
        ("best", _("Best"), True),
        ("headroom", _("Headroom, points"), True),
    ]


@page.public_page
def evals(request: HttpRequest) -> HttpResponse:
    """Evals with their weight, evidence and headroom, a page at a time."""
    wanted = _evals_wanted(request)
    asked = _asked(request, eval_list.SORTS, "domain", EVAL_FILTERS)
    subdomains = eval_list.subdomains(wanted.domain, asked.shown.known)
    part = _part(request, _eval_rows(asked, wanted))
    columns = _eval_columns()
    sortable = [column for column in columns if column[0] in eval_list.SORTS]
    context = {
        "part": part,
        "rows": list(part),
        "asked": asked,
        "wanted": wanted,
        "domains": [(name, words.series_name(name)) for name in words.DOMAINS],
        "subdomains": [(n, subdomain_name(n)) for n in subdomains],
        "lifecycles": [
            (n, _("not watched") if n == "none" else lifecycle_name(n))
            for n in eval_list.LIFECYCLES
        ],
        "sorts": [(f"-{n}" if number else n, label) for n, label, number in sortable],
        "heads": _heads(asked, columns, eval_list.SORTS),
    }
    return page.answer(request, "baskets/evals.html", "evals", asked.shown, **context)


def _eval_rows(asked: Asked, wanted: eval_list.Wanted) -> list[eval_list.EvalRow]:
    rows = eval_list.eval_rows(
        asked.shown.release, releases.OFFICIAL_BASKET, wanted, known=asked.shown.known
    )
    return eval_list.sorted_rows(rows, asked.sort)


@page.public_page
def evals_csv(request: HttpRequest) -> HttpResponse:
    """The same evals, all of them, as CSV."""
    wanted = _evals_wanted(request)
    asked = _asked(request, eval_list.SORTS, "domain", EVAL_FILTERS)
    release = asked.shown.release
    head = ["slug", "name", "domain", "subdomain", "unit", "lifecycle", "share", "systems", "best",
            "headroom", "release"]  # fmt: skip
    rows = (
        [row.eval.slug, row.eval.name, row.eval.domain, row.eval.subdomain, row.eval.unit,
         row.lifecycle, row.share, row.systems, row.best, row.headroom,
         release.number if release else None]
        for row in _eval_rows(asked, wanted)
    )  # fmt: skip
    return _csv("evals", spreadsheet.table(head, rows))


def _csv(name: str, text: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
