"""The mails in words: what is told in, subject, plain text and HTML out.

What many people are told in the same words is written once, with a place for each one's own links.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from alerts import pictures, places
from alerts.models import Delivery
from alerts.tokens import CONFIRM_FOR, MANAGE_FOR
from alerts.told import Asked, Part, Told

PICTURE = "chart@alerts"
KEPT = 64
"""Letters that are kept while a line is open."""

TEMPLATES = {
    Delivery.Kind.CONFIRM.value: "confirm",
    Delivery.Kind.MANAGE.value: "manage",
    Delivery.Kind.ENDED.value: "ended",
}


@dataclass(frozen=True)
class Letter:
    """One mail in plain text and HTML, with the picture that the HTML shows."""

    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)
    picture: bytes = b""


class Writer:
    """Writes letters, each text once."""

    def __init__(self) -> None:
        # Nobody can write a name in which this occurs.
        self._place = secrets.token_hex(16)
        self._kept: OrderedDict[object, Letter] = OrderedDict()

    def letter(self, told: Told) -> Letter:
        """The letter of what is told."""
        blank = replace(
            told,
            ident="",
            end_token=f"{self._place}all." if told.end_token else "",
            parts=tuple(
                replace(part, asked=self._blank(n, part)) for n, part in enumerate(told.parts)
            ),
        )
        key = _key(blank)
        if key not in self._kept:
            self._kept[key] = _written(blank)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._filled(self._kept[key], told)

    def _blank(self, number: int, part: Part) -> tuple[Asked, ...]:
        return tuple(
            replace(one, end_token=f"{self._place}{number}-{n}.")
            for n, one in enumerate(part.asked)
        )

    def _filled(self, letter: Letter, told: Told) -> Letter:
        text, html, headers = letter.text, letter.html, letter.headers
        tokens = {
            f"{number}-{n}": one.end_token
            for number, part in enumerate(told.parts)
            for n, one in enumerate(part.asked)
        }
        for name, token in {**tokens, "all": told.end_token}.items():
            place = f"{self._place}{name}."
            # A token holds nothing that HTML or an address would write otherwise.
            text, html = text.replace(place, token), html.replace(place, token)
            headers = {name: value.replace(place, token) for name, value in headers.items()}
        return replace(letter, text=text, html=html, headers=headers)


def _key(told: Told) -> object:
    parts = tuple(
        (
            tuple(one.rule for one in part.asked),
            *(part.release_number, part.release_on, part.release_url, part.revised_away),
            tuple(one.event.pk for one in part.descriptions),
        )
        for part in told.parts
    )
    return (told.kind, told.language, told.subject, told.link, told.rule, told.reason, parts)


def _written(told: Told) -> Letter:
    with translation.override(told.language):
        template = TEMPLATES.get(told.kind, "alert")
        picture = pictures.picture_of(told) if told.parts else None
        context = _context(told, picture)
        return Letter(
            subject=told.subject,
            text=render_to_string(f"mail/{template}.txt", context),
            html=render_to_string(f"mail/{template}.html", context),
            headers=_headers(told),
            picture=picture.png if picture else b"",
        )


def _context(told: Told, picture: pictures.Picture | None) -> dict[str, Any]:
    return {
        "told": told,
        "subject": told.subject,
        "site_url": settings.SITE_URL,
        "picture": picture,
        "picture_id": PICTURE,
        "digest": told.kind in {Delivery.Kind.DAILY, Delivery.Kind.WEEKLY},
        "parts": [_part(told.parts, n) for n in range(len(told.parts))],
        "end_url": end_url(told.end_token) if told.end_token else "",
        "days": CONFIRM_FOR.days,
        "hours": MANAGE_FOR.days * 24,
    }


def _part(parts: Sequence[Part], number: int) -> dict[str, Any]:
    """A part as the templates take it: `first` and `last` of those about one release."""
    part = parts[number]
    before, after = parts[:number][-1:], parts[number + 1 :][:1]
    items = [
        {
            "description": description,
            "sentences": description.sentences,
            "url": places.event_url(description.event),
            "revised_away": description.event.pk in part.revised_away,
        }
        for description in part.descriptions
    ]
    return {
        "part": part,
        "items": items,
        "first": not any(_occasion(other) == _occasion(part) for other in before),
        "last": not any(_occasion(other) == _occasion(part) for other in after),
        "asked": [(one.rule, end_url(one.end_token)) for one in part.asked],
    }


def _occasion(part: Part) -> tuple[object, ...]:
    return part.release_number, part.release_on, part.release_url


def _headers(told: Told) -> dict[str, str]:
    """A mail program's own button ends what the mail came from (RFC 8058)."""
    if not told.end_token:
        return {}
    return {
        "List-Unsubscribe": f"<{end_url(told.end_token)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def end_url(token: str) -> str:
    """The page that ends a subscription."""
    return str(settings.SITE_URL) + reverse("alerts:unsubscribe", args=[token])
