"""The rows of lists of scores and of shared evals, text by text.

Of all that a page holds they are the most, and a template's node for each part of each row took
half of its time.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from django import template
from django.template import Context
from django.urls import get_script_prefix, reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from baskets.charts import words
from baskets.engine.sheet import Cell
from baskets.selectors.catalog import SystemName
from baskets.selectors.comparing import SharedRow
from baskets.selectors.scores import Conflict, ScoreRow
from baskets.templatetags.index_tags import address, source_link

register = template.Library()


@register.simple_tag(takes_context=True)
def score_rows(
    context: Context, rows: Iterable[ScoreRow], subject: str, why_not: str
) -> SafeString:
    """Rows of scores under their `subject`, "eval" or "system".

    why_not: the label of the column that says why a score does not count, where none of them does;
    empty where they count.
    """
    score, observed, by = escape(_("Score")), escape(_("Observed")), escape(_("Reported by"))
    how = conditional_escape(why_not or _("How it was elicited"))
    start = '<tr class="muted">' if why_not else "<tr>"
    return mark_safe(  # noqa: S308
        "\n".join(
            f'{start}<th scope="row">{_subject(context, row, subject)}</th>'
            f'<td class="num" data-label="{score}">{_value(row, subject)}</td>'
            f'<td class="text small" data-label="{how}">{_how(row, why_not=bool(why_not))}</td>'
            f'<td data-label="{observed}" class="nowrap small">{words.day(row.observed_on)}</td>'
            f'<td class="small" data-label="{by}">{_source(row)}</td></tr>'
            for row in rows
        )
    )


@register.simple_tag(takes_context=True)
def conflict_rows(context: Context, conflicts: Iterable[Conflict], subject: str) -> SafeString:
    """Rows of cells with several scores, each with all of them."""
    spread, candidates = escape(_("Spread")), escape(_("Candidates"))
    # The catalogue's reader finds no text within another.
    said = _("None of them stands.")
    none = f'<span class="soft">{escape(said)}</span><br>'
    return mark_safe(  # noqa: S308
        "\n".join(
            f'<tr><th scope="row">{_subject(context, found, subject)}</th>'
            f'<td class="num" data-label="{spread}">{words.number(found.spread)} '
            f"<small>{escape(words.unit_name(found.eval.unit))}</small></td>"
            f'<td class="text small" data-label="{candidates}">{"" if found.chosen else none}'
            f"{'<br>'.join(map(_candidate, found.rows))}</td></tr>"
            for found in conflicts
        )
    )


@register.simple_tag(takes_context=True)
def shared_rows(
    context: Context, rows: Iterable[tuple[SharedRow, Iterable[tuple[SystemName, Cell | None]]]]
) -> SafeString:
    """Rows of evals that several systems were measured on, with the score of each system."""
    leads, lead = escape(_("Leads")), escape(_("Lead, points"))
    return mark_safe(  # noqa: S308
        "\n".join(
            f'<tr><th scope="row">{_subject(context, row, "eval")} '
            f'<small class="soft">{escape(words.unit_name(row.eval.unit))}</small></th>'
            f"{''.join(_measured(system, cell) for system, cell in cells)}"
            f'<td data-label="{leads}">{_leader(row)}</td>'
            f'<td class="num" data-label="{lead}">{_lead(row)}</td></tr>'
            for row, cells in rows
        )
    )


def _measured(system: SystemName, cell: Cell | None) -> str:
    label = escape(system.name)
    if cell is None:
        none = '<span class="soft" aria-hidden="true">–</span>'
        return f'<td class="num none" data-label="{label}">{none}</td>'
    return f'<td class="num" data-label="{label}">{words.number(cell.value)}</td>'


def _leader(row: SharedRow) -> str:
    if row.leader is None:
        return "" if row.lead is None else escape(_("level"))
    noise = "" if row.apart else f' <small class="soft">{escape(_within_noise())}</small>'
    return f"{escape(row.leader.name)}{noise}"


def _within_noise() -> str:
    # The catalogue's reader finds no text within another.
    return _("within noise")


def _lead(row: SharedRow) -> str:
    if row.lead is None:
        return ""
    between = "" if row.low is None else f" <small>{escape(words.rise(row.low, row.high))}</small>"
    return f"{words.signed(row.lead)}{between}"


def _subject(context: Context, of: ScoreRow | Conflict | SharedRow, subject: str) -> str:
    named = of.eval if isinstance(of, SharedRow) or subject == "eval" else of.system
    return f'<a href="{escape(address(context, subject, named.slug))}">{escape(named.name)}</a>'


def _value(row: ScoreRow, subject: str) -> str:
    unit = f" <small>{escape(words.unit_name(row.eval.unit))}</small>" if subject == "eval" else ""
    error = f'<small class="under">{escape(row.uncertainty)}</small>' if row.uncertainty else ""
    return f"{_linked(row)}{unit}{error}"


def _linked(row: ScoreRow, *, strong: bool = False) -> str:
    """The value, which opens to where it comes from, with the mark of a shared one."""
    value = words.number(row.value)
    value = f"<strong>{value}</strong>" if strong else value
    path = _score_path(get_language(), get_script_prefix()).replace("/0/", f"/{row.id}/")
    return f'<a href="{path}">{value}</a>{_shared_mark(get_language()) if row.shared else ""}'


@lru_cache(maxsize=64)
def _score_path(language: str | None, prefix: str) -> str:
    # Each score is linked once or twice, so the form of the address is kept and not the address.
    return reverse("scores:score", args=[0])


@lru_cache(maxsize=8)
def _shared_mark(language: str | None) -> str:
    said = escape(_("Another system counts with the same value on this eval"))
    return f' <abbr title="{said}">=</abbr>'


def _how(row: ScoreRow, *, why_not: bool) -> str:
    items = words.items(row.n_items) if row.n_items else ""
    how = escape(", ".join(part for part in (row.elicitation, items) if part))
    note = f' <span class="under soft">{escape(row.note)}</span>' if row.note else ""
    if why_not:
        why = row.why or _("not stated")
        return f'<span class="under">{escape(why)}</span>{how}{note}'
    why = f' <span class="under soft">{escape(row.why)}</span>' if row.why else ""
    return f"{how}{note}{why}"


def _source(row: ScoreRow) -> str:
    source = f", {source_link(row.source_url)}" if row.source_url else ""
    return f"{escape(row.reported)}{source}"


def _candidate(row: ScoreRow) -> str:
    how = f"{row.elicitation}, " if row.elicitation else ""
    why = f": {row.why}" if row.why else ""
    said = escape(f"{how}{row.reported}, {words.day(row.observed_on)}{why}")
    return f'<span>{_linked(row, strong=row.stands)} <span class="soft">{said}</span></span>'
