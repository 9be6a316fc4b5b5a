"""What a delivery says, whichever channel it goes by."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from alerts.wording import Description


@dataclass(frozen=True)
class Part:
    """What one rule has to say of one occasion: the rule in words, and its events.

    `release_number` is None where no release made the events.
    """

    rule: str
    release_number: int | None
    release_on: dt.date
    release_url: str
    descriptions: tuple[Description, ...]
    end_token: str = ""


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
