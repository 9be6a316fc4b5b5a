"""Rows of scores as text: every word of a source is a word and no markup."""

from __future__ import annotations

import datetime as dt
from html.parser import HTMLParser

import pytest
from django.template import Context, Template

from baskets.engine.sheet import Cell
from baskets.selectors.catalog import EvalName, SystemName
from baskets.selectors.comparing import SharedRow
from baskets.selectors.scores import Conflict, ScoreRow

HOSTILE = """<b x="1">&amp;'" onclick='y'</b>"""
DAY = dt.date(2026, 3, 1)
ROWS = "{% load score_tags %}<table><tbody>{% score_rows rows subject why_not %}</tbody></table>"
LEDGER = "{% load score_tags %}<table><tbody>{% conflict_rows conflicts subject %}</tbody></table>"
SHARED = "{% load score_tags %}<table><tbody>{% shared_rows rows %}</tbody></table>"
TAGS = {"table", "tbody", "tr", "th", "td", "a", "small", "span", "abbr", "strong", "br"}
ATTRIBUTES = {"scope", "class", "data-label", "href", "rel", "title"}


class Found(HTMLParser):
    """The tags, attributes and words of a page's part."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _value in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def score(**other: object) -> ScoreRow:
    """A score whose source uses every sign that means something in HTML."""
    system = SystemName("s-1", HOSTILE, "Lab", "lab", "One", DAY)
    item = EvalName("e-1", HOSTILE, "safety", "", HOSTILE)
    given = ScoreRow(
        7, system, item, 61.5, HOSTILE, HOSTILE, HOSTILE, HOSTILE, DAY, f"https://a{HOSTILE}/x",
        HOSTILE, True, True, HOSTILE, True,
    )  # fmt: skip
    return given._replace(**other)  # type: ignore[arg-type]


@pytest.mark.parametrize("why_not", ["", HOSTILE])
@pytest.mark.parametrize("subject", ["eval", "system"])
@pytest.mark.parametrize("source", [f"https://a{HOSTILE}/x", f"javascript:{HOSTILE}"])
def test_a_row_says_what_a_source_wrote_and_does_nothing_else(
    subject: str, why_not: str, source: str
) -> None:
    rows = [score(source_url=source), score(stands=False, shared=False)]
    context = Context({"rows": rows, "subject": subject, "why_not": why_not})
    html = Template(ROWS).render(context)
    found = Found(html)
    assert found.tags <= TAGS and found.attributes <= ATTRIBUTES
    # Its own name, error, number of items, elicitation, note, reason and reporter, in each row.
    assert found.text.count(HOSTILE) >= 2 * 7
    assert 'href="javascript' not in html and ("61.5" in found.text)


@pytest.mark.parametrize("subject", ["eval", "system"])
@pytest.mark.parametrize("stands", [True, False])
def test_a_cell_with_several_scores_is_told_in_words_alone(subject: str, *, stands: bool) -> None:
    rows = (score(stands=stands), score(id=8, value=3.0, stands=False))
    found = Conflict(rows[0].system, rows[0].eval, rows, 58.5)
    context = Context({"conflicts": [found], "subject": subject})
    html = Template(LEDGER).render(context)
    told = Found(html)
    assert told.tags <= TAGS and told.attributes <= ATTRIBUTES
    assert told.text.count(HOSTILE) >= 2 + 2 * 3
    assert ("strong" in told.tags) is stands
    assert ("None of them stands." in told.text) is not stands


@pytest.mark.parametrize("apart", [True, False])
def test_a_shared_eval_is_told_in_words_alone(*, apart: bool) -> None:
    one, item = score().system, score().eval
    row = SharedRow(item, (), one, 3.25, 0.5 if apart else -0.5, 6.0)
    level = SharedRow(item, (), None, 0.0, None, None)
    unknown = SharedRow(item, (), None, None, None, None)
    cells = [(one, Cell("e-1", 61.5, 61.5, 1.0, True)), (one, None)]
    context = Context({"rows": [(each, cells) for each in (row, level, unknown)]})
    html = Template(SHARED).render(context)
    told = Found(html)
    assert told.tags <= TAGS and told.attributes <= {*ATTRIBUTES, "aria-hidden"}
    # The eval and its unit in three rows, the leader in one; the systems are in the labels.
    assert told.text.count(HOSTILE) >= 3 + 1
    assert ("within noise" in told.text) is not apart and told.text.count("level") == 1
    assert "+3.2" in told.text and told.text.count("61.5") == told.text.count("–") == 3


def test_a_row_leaves_out_what_a_source_did_not_say() -> None:
    bare = score(uncertainty="", n_items="", elicitation="", note="", why="", source_url="")
    html = Template(ROWS).render(Context({"rows": [bare], "subject": "system", "why_not": ""}))
    assert '<td class="text small" data-label="How it was elicited"></td>' in html
    not_counted = {"rows": [bare], "subject": "system", "why_not": "Why it does not count"}
    assert "not stated" in Template(ROWS).render(Context(not_counted))
