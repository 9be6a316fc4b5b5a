"""A release as a statistical office would write it: paragraphs in a fixed order."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from baskets.prose import certainty, frontier, revised
from baskets.selectors.news import News


@dataclass(frozen=True)
class Paragraph:
    """A paragraph with the few words that stand before it."""

    ident: str
    heading: str
    text: str


def paragraphs(found: News, *, upcoming: str = "") -> tuple[Paragraph, ...]:
    """The paragraphs that the release has something to say in.

    upcoming: when the next release comes; empty where that is no news.
    """
    rows = (
        ("entered", _("Systems"), frontier.entered(found)),
        ("frontier", _("Frontier"), frontier.frontiers(found)),
        ("drivers", _("Drivers"), frontier.drivers(found)),
        ("basket", _("Basket"), revised.links(found)),
        ("revisions", _("Revisions"), revised.revisions(found)),
        (
            "certainty",
            _("Certainty"),
            _joined(certainty.evidence(found), certainty.core(found), certainty.sensitivity(found)),
        ),
        ("next", _("Next"), upcoming),
    )
    return tuple(Paragraph(ident, heading, text) for ident, heading, text in rows if text)


def _joined(*texts: str) -> str:
    """Sentences after each other, without empty ones."""
    return " ".join(text for text in texts if text)
