"""What was revised, and why, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baskets.charts.words import points, series_name, signed
from baskets.selectors.news import News, NewVersion
from baskets.selectors.release_pages import PointMove
from baskets.selectors.revised import RevisionFacts


def revisions(found: News) -> str:
    """How many published values moved, the largest of them and its cause; empty at first."""
    page = found.page
    if page.previous is None:
        return ""
    if not page.published:
        return _("The release before had no official value that could have been revised.")
    if not page.moved:
        return _("No published official value was revised by 0.05 index points or more.")
    said = ngettext(
        "Of %(published)s official values that release %(number)s published, %(count)s was "
        "revised by 0.05 index points or more.",
        "Of %(published)s official values that release %(number)s published, %(count)s were "
        "revised by 0.05 index points or more.",
        page.moved,
    )
    text = said % {
        "published": page.published,
        "number": page.previous.number,
        "count": page.moved,
    }
    largest = found.largest
    return f"{text} {_largest(*largest)}" if largest else text


def _largest(move: PointMove, why: RevisionFacts | None) -> str:
    facts = {
        "series": series_name(move.series).lower(),
        "system": move.system.name,
        "move": signed(move.move),
        "after": points(move.after),
    }
    text = (
        _("The largest: the %(series)s value of %(system)s moved by %(move)s to %(after)s.") % facts
    )
    if why is None:
        return text
    term = why.largest
    return f"{text} {because(term.kind) % {'points': signed(term.points)}}"


def because(kind: str) -> str:
    """A sentence for each kind of term, with a place for its points."""
    causes = {
        "new_scores": _("The largest term, %(points)s, comes from scores not known before."),
        "revised_scores": _(
            "The largest term, %(points)s, comes from scores revised or withdrawn."
        ),
        "weights": _("The largest term, %(points)s, comes from new weights or goalposts."),
        "fill": _("The largest term, %(points)s, comes from the model that fills missing scores."),
        "link": _("The largest term, %(points)s, comes from the systems that link the versions."),
        "method": _("The largest term, %(points)s, comes from a change of method."),
    }
    return causes[kind]


def links(found: News) -> str:
    """The basket versions that took effect; empty where none did."""
    return " ".join(_version(version) for version in found.versions)


def _version(version: NewVersion) -> str:
    link = version.link
    facts = {
        "number": version.number,
        "day": version.effective_on.isoformat(),
        "came": version.came,
        "left": version.left,
    }
    text = (
        _(
            "Version %(number)s of the basket, in force from %(day)s, is in use for the first "
            "time. New evals in it: %(came)s; evals that it no longer counts: %(left)s."
        )
        % facts
    )
    if link is None or version.newest is None or link.additive is None:
        return text
    facts |= {
        "count": len(link.overlap),
        "system": version.newest.name,
        "additive": points(link.additive),
        "ratio": points(link.ratio) or "–",
        "odds": points(link.odds) or "–",
    }
    linked = ngettext(
        "It is linked on %(count)s system measured on both versions.",
        "It is linked on %(count)s systems measured on both versions. %(system)s, the newest of "
        "them, has a headline of %(additive)s; had the link been made by ratio it would be "
        "%(ratio)s, on log-odds %(odds)s.",
        len(link.overlap),
    )
    return f"{text} {linked % facts}"
