"""Messages in the form that Discord's webhooks take, and others that understand it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alerts import places, plain
from alerts.channels import posting
from alerts.channels.contract import Sender
from alerts.told import Part, Told
from alerts.wording import Description

MOST_EMBEDS, LONGEST_CONTENT, LONGEST_TITLE, LONGEST_TEXT = 10, 2000, 256, 4000
"""Discord's own bounds, in embeds and characters; the whole must stay under 6000 as well."""

LONGEST_WHOLE = 5800


class Discord(posting.PostedChannel):
    """A channel of a Discord server, by the address that Discord gives for it."""

    name = "discord"
    label = _("Discord")

    def line(self) -> Sender:
        """A line that posts."""
        return posting.JsonSender(payload)


def payload(told: Told) -> dict[str, Any]:
    """The subject, the rule, and one embed for each event as far as they fit; nobody is mentioned.

    Where they do not, the last embed says how many more there are.
    """
    rows = [(part, description) for part in told.parts for description in part.descriptions]
    embeds = _fitting(rows, most=MOST_EMBEDS)
    if len(embeds) < len(rows):
        embeds = _fitting(rows, most=MOST_EMBEDS - 1)
        url = places.more_url(rows[len(embeds)][0].release_url)
        embeds.append({"title": plain.left_out(len(rows) - len(embeds)), "url": url})
    rules = [plain.rule(rule) for rule in dict.fromkeys(part.rule for part in told.parts)]
    said = map(escaped, filter(None, (told.subject, told.rule, told.reason, *rules)))
    return {
        "content": "\n".join(said)[:LONGEST_CONTENT],
        "embeds": embeds,
        "allowed_mentions": {"parse": []},
    }


def _fitting(rows: Sequence[tuple[Part, Description]], *, most: int) -> list[dict[str, Any]]:
    """The embeds of the first ones, up to so many and `LONGEST_WHOLE` characters."""
    embeds: list[dict[str, Any]] = []
    left = LONGEST_WHOLE
    for part, description in rows[:most]:
        embed = _embed(part, description)
        left -= len(embed["title"]) + len(embed["description"])
        if left < 0:
            break
        embeds.append(embed)
    return embeds


def _embed(part: Part, description: Description) -> dict[str, Any]:
    lines = [*description.sentences, plain.drivers(description)]
    text = "\n".join(escaped(line) for line in lines if line)[:LONGEST_TEXT]
    if part.release_url:
        release = gettext("Release %(number)s") % {"number": part.release_number}
        text += f"\n[{release}]({part.release_url})"
    return {
        "title": escaped(description.title)[:LONGEST_TITLE],
        "url": places.event_url(description.event),
        "description": text,
    }


def escaped(text: str) -> str:
    """The text with every character of Markdown taken literally."""
    return re.sub(r"([\\`*_~|<>\[\]()#@-])", r"\\\1", text)
