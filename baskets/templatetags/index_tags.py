"""Numbers, marks, bars and charts in templates. Nothing here reads the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from html import escape
from typing import Any, Literal

from django import template
from django.conf import settings
from django.http import QueryDict
from django.template import Context
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from baskets.charts import furniture, palette, words
from baskets.charts.bars import bar_parts
from baskets.charts.chart import Chart, Column
from baskets.charts.citation import citation
from baskets.charts.marks import hollow, outline
from baskets.prose import cause_words, watch
from baskets.selectors.moves import Driver
from baskets.selectors.worked import Grid
from evals.subjects import subdomain_name

register = template.Library()

register.filter("signed", words.signed)
register.filter("percent", words.percent)
register.filter("probability", words.probability)
register.filter("measured", words.number)
register.filter("series_name", words.series_name)
register.filter("unit_name", words.unit_name)
register.filter("day", words.day)
register.filter("fill_model", words.fill_model)
register.filter("lifecycle_name", watch.lifecycle_name)
register.filter("doubt_name", watch.doubt_name)
register.filter("rung_reason", words.rung_reason)
register.filter("term_name", words.term_name)
register.filter("term_note", words.term_note)
register.filter("way_missing", words.way_missing)
register.filter("subdomain_name", subdomain_name)
register.filter("cause_words", cause_words)
register.filter("series_colour", palette.series_colour)
register.simple_tag(words.interval, name="interval")
register.simple_tag(words.rise, name="rise")


@register.simple_tag(takes_context=True)
def address(context: Context, name: str, *args: object, **query: object) -> str:
    """The address of a page of the index, with the past date or release that this page shows."""
    asked = {**query, **(context.get("kept") or {})}
    path = _path(f"baskets:{name}", args, get_language(), get_script_prefix())
    return f"{path}?{urlencode(asked)}" if asked else path


@lru_cache(maxsize=4096)
def _path(view: str, args: tuple[object, ...], language: str | None, prefix: str) -> str:
    # A list links to the same pages again and again; language and prefix are part of an address.
    return reverse(view, args=args)


@register.inclusion_tag("baskets/vintage.html", takes_context=True)
def vintage(context: Context) -> dict[str, Any]:
    """The banner of a page that shows a past date; it keeps the rest of the address."""
    return {
        **_rest_of_address(context),
        **{name: context.get(name) for name in ("as_of", "not_yet", "pinned", "release", "later")},
    }


@register.inclusion_tag("past_date.html", takes_context=True)
def past_date(context: Context) -> dict[str, Any]:
    """The form that asks for the same page on a past date; it keeps the rest of the address."""
    return _rest_of_address(context)


def _rest_of_address(context: Context) -> dict[str, Any]:
    request = context.get("request")
    query = request.GET.items() if request is not None else ()
    # A past list may be shorter than this part of it, and a typed name may mean something else.
    dropped = {"as_of", "release", "page", "add"}
    return {
        "request": request,
        "today": timezone.now().date(),
        "others": [(name, value) for name, value in query if name not in dropped],
    }


@register.filter
def points(value: float | Literal[""] | None, decimals: int = 1) -> str:
    """A number of index points; nothing for a value that is not there."""
    return "" if value is None or value == "" else words.points(value, decimals)


@register.filter
def decimals(value: float, places: int) -> str:
    """A number with a fixed number of decimals."""
    return words.points(value, places)


@register.filter
def arrow(value: float | None) -> str:
    """▲ or ▼ beside a signed number; nothing where it rounds to zero at one decimal."""
    if not value or abs(value) < 0.05:
        return ""
    return "▲" if value > 0 else "▼"


@register.simple_tag
def percent1(share: float) -> str:
    """A share in per cent with one decimal."""
    return f"{100 * share:.1f}%"


@register.simple_tag
def mark(symbol: str, colour: str) -> SafeString:
    """A mark as a small picture beside its name."""
    inside = "var(--paper)" if hollow(symbol) else colour
    return format_html(
        '<svg class="swatch" viewBox="0 0 14 14" aria-hidden="true">'
        '<path d="{}" fill="{}" stroke="{}" stroke-width="1.5"/></svg>',
        outline(symbol, 7, 7, 8.5),
        inside,
        colour,
    )


@register.simple_tag
def developer_mark(slug: str) -> SafeString:
    """The fixed mark of a developer."""
    return SafeString(mark(palette.developer_mark(slug), palette.developer_colour(slug)))


@register.simple_tag
def status(official: bool) -> SafeString:
    """Official or provisional, in a word and a mark."""
    symbol = "circle" if official else "circle-open"
    return format_html(
        '<span class="status">{}{}</span>',
        mark(symbol, "var(--ink)"),
        _("official") if official else _("provisional"),
    )


@register.simple_tag
def contribution_bar(drivers: Iterable[Driver], extent: float) -> SafeString:
    """Contributions as one bar: gains to the right of the zero line, losses to the left.

    `extent` is the sum of gains or of losses that fills half the width, the same in every row.
    """
    parts = [
        (f"{part.start:.2f}", f"{max(part.wide - 0.4, 0.1):.2f}", part.colour, part.title)
        for part in bar_parts(list(drivers), extent)
    ]
    bars = format_html_join(
        "",
        '<rect x="{}" y="4" width="{}" height="12" fill="{}"><title>{}</title></rect>',
        parts,
    )
    return format_html(
        '<svg viewBox="0 0 200 20" preserveAspectRatio="none" role="img" aria-label="{}">{}'
        '<path d="M100,0V20" stroke="var(--rule-strong)" vector-effect="non-scaling-stroke"/>'
        "</svg>",
        _("Contributions by eval; the text beside names the largest"),
        bars,
    )


@register.simple_tag
def signed_bar(value: float, extent: float, domain: str) -> SafeString:
    """One contribution as a bar from a middle zero line."""
    wide = min(abs(value) / extent, 1) * 100 if extent else 0
    return format_html(
        '<svg viewBox="0 0 200 20" preserveAspectRatio="none" aria-hidden="true">'
        '<rect x="{}" y="4" width="{}" height="12" fill="{}"/>'
        '<path d="M100,0V20" stroke="var(--rule-strong)" vector-effect="non-scaling-stroke"/>'
        "</svg>",
        f"{100 if value >= 0 else 100 - wide:.2f}",
        f"{wide:.2f}",
        palette.series_colour(domain),
    )


@register.inclusion_tag("charts/figure.html", takes_context=True)
def chart(
    context: Context, shown: Chart, heading: str = "h2", label: str = "", *, embedded: bool = False
) -> dict[str, Any]:
    """A chart with its controls, its picture in two sizes, key, tools and table.

    The page's `release` stamps the citation; an `embedded` chart has no tools to take it away.
    """
    request, release = context.get("request"), context.get("release")
    query = request.GET if request is not None else QueryDict()
    return {
        "chart": shown,
        "heading": heading,
        "label": label or shown.title,
        "embedded": embedded,
        "above": furniture.controls(shown, query, below=False),
        "below": furniture.controls(shown, query, below=True),
        "picks": furniture.picks(shown.picker, query) if shown.picker else None,
        "embed_code": furniture.embed_code(shown, settings.SITE_URL),
        "citation": citation(shown, release, site=settings.SITE_URL) if release else None,
        "kept": context.get("kept"),
    }


@register.simple_tag
def picture(shown: Chart, size: str = "wide") -> SafeString:
    """The chart's SVG for the page; the renderer escapes every text in it."""
    return mark_safe(shown.draw(narrow=size == "narrow"))  # noqa: S308


@register.simple_tag
def source_link(address: str) -> SafeString:
    """A link to a source, by its host; an address of another scheme stays plain text."""
    text = escape(address)
    if not address.startswith(("https://", "http://")):
        return mark_safe(text)  # noqa: S308
    host = escape(address.split("/")[2].removeprefix("www."))
    return mark_safe(f'<a class="beside" href="{text}" rel="noopener">{host}</a>')  # noqa: S308


_CELLS: dict[str, Callable[[Any], str | SafeString]] = {
    "points": words.points,
    "number": words.number,
    "share": words.percent,
    "share1": lambda share: f"{100 * share:.1f}%",
    "date": words.day,
    "series": words.series_name,
    "status": lambda official: _("official") if official else _("provisional"),
    "flag": lambda flag: _("yes") if flag else _("no"),
    "url": source_link,
}


@register.simple_tag
def table_rows(shown: Chart) -> SafeString:
    """The first rows of a chart's table, each cell in the form that its column asks for."""
    # Of all that a page holds these cells are the most: one text, not a template's node for each.
    first, *others = shown.columns
    ends = [f'{_number_class(column)} data-label="{escape(column.label)}">' for column in others]
    rows = [
        f'<tr><th scope="row">{_cell(values[0], first)}</th>'
        + "".join(
            f"<td{end}{_cell(value, column)}</td>"
            for value, column, end in zip(values[1:], others, ends, strict=True)
        )
        + "</tr>\n"
        for values in shown.first_rows
    ]
    return mark_safe("".join(rows))  # noqa: S308


def _cell(value: Any, column: Column) -> str:
    if value is None or value == "":
        return ""
    text = _CELLS.get(column.kind, str)(value)
    return text if isinstance(text, SafeString) else escape(text)


def _number_class(column: Column) -> str:
    return ' class="num"' if numeric(column) else ""


@register.filter
def numeric(column: Column) -> bool:
    """Whether a column is set on the right."""
    return column.kind in {"points", "number", "share", "share1"}


@register.filter
def pair(values: Iterable[Any], columns: Iterable[Column]) -> list[tuple[Any, Column]]:
    """A row's values beside their columns."""
    return list(zip(values, columns, strict=True))


@register.filter
def triple(values: Iterable[str], grid: Grid) -> list[tuple[str, str, bool]]:
    """A row's values beside the head of their column, and whether it is set on the right."""
    return list(zip(values, grid.heads, grid.numeric, strict=True))


@register.filter
def at(values: Mapping[str, str], key: str) -> str:
    """The value under a key; an empty text where there is none."""
    return values.get(key, "")
