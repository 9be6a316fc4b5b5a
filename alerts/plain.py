"""An event in plain lines, for mail and for channels that take text."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext, ngettext

from alerts.wording import Description


def headline(titles: Sequence[str]) -> str:
    """The first event in one line, and how many more there are."""
    different = list(dict.fromkeys(titles))
    if not different:
        return gettext("Alert of the AGI Index")
    more = len(different) - 1
    if not more:
        return different[0]
    text = ngettext("%(first)s, and %(more)s more", "%(first)s, and %(more)s more", more)
    return text % {"first": different[0], "more": more}


def left_out(count: int) -> str:
    """How much more there is than a message could take."""
    return ngettext("… and %(more)s more", "… and %(more)s more", count) % {"more": count}


def rule(text: str) -> str:
    """The rule that a message comes from."""
    return gettext("Your rule: %(rule)s") % {"rule": text}


def drivers(description: Description) -> str:
    """The evals that moved it most in one line; empty where there are none."""
    if not description.drivers:
        return ""
    named = "; ".join(f"{driver.said} {driver.points}" for driver in description.drivers)
    return gettext("What moved it most, in points: %(drivers)s") % {"drivers": named}
