"""What a delivery says, whichever channel it goes by."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from alerts.wording import Description


@dataclass(frozen=True)
class Asked:
    """A rule in words, and what ends it."""

    rule: str
    end_token: str = ""


@dataclass(frozen=True)
class Part:
    """What the same rules have to say of one occasion: the rules, and the events.

    `release_number` is None where no release made the events. `revised_away` are the ids of those
    that later releases took back before they were told.
    """

    asked: tuple[Asked, ...]
    release_number: int | None
    release_on: dt.date
    release_url: str
    descriptions: tuple[Description, ...]
    revised_away: frozenset[int] = frozenset()

    @property
    def rule(self) -> str:
        """The rules in words."""
        return " ".join(one.rule for one in self.asked)


@dataclass(frozen=True)
class Told:
    """What a delivery says, in the recipient's language; whole, so that sending reads no database.

    `ident` is the same for every attempt at one delivery and for no other, so that a receiver can
    drop what it has already. `link` is the page that a confirmation or a manage mail leads to,
    `rule` says in words what a confirmation asks about, or which rule has ended; `end_token` ends
    all that the message came from, and `reason` says why a rule has ended.
    """

    ident: str
    kind: str
    subject: str
    language: str
    at: dt.datetime
    parts: tuple[Part, ...] = ()
    end_token: str = ""
    link: str = ""
    rule: str = ""
    reason: str = ""
