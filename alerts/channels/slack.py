"""Messages in the form that Slack's incoming webhooks take, and others that understand it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alerts import places, plain
from alerts.channels import posting
from alerts.channels.contract import Sender
from alerts.told import Part, Told

LONGEST = 3000
"""Characters of one section, by Slack's own rule; a message has 50 blocks at most."""

MOST_BLOCKS = 50


class Slack(posting.PostedChannel):
    """A channel of a Slack workspace, by the address that Slack gives for it."""

    name = "slack"
    label = _("Slack")

    def line(self) -> Sender:
        """A line that posts."""
        return posting.JsonSender(payload)


def payload(told: Told) -> dict[str, Any]:
    """A line for notifications, the rule, and one section for each event as far as they fit."""
    blocks = [_section(f"*{escaped(told.subject)}*")]
    if told.rule:
        blocks.append(_section(escaped(told.rule)))
    if told.reason:
        blocks.append(_section(escaped(told.reason)))
    rows = [(part, text) for part in told.parts for text in _texts(part)]
    room, more = MOST_BLOCKS - len(blocks), 0
    if len(rows) > room:
        # The last place says how much has none.
        more = len(rows) - room + 1
    blocks += [_section(text) for _part, text in rows[: len(rows) - more]]
    if more:
        url = places.more_url(rows[-more][0].release_url)
        blocks.append(_section(f"<{url}|{plain.left_out(more)}>"))
    return {"text": escaped(told.subject), "blocks": blocks}


def _texts(part: Part) -> list[str]:
    texts = [_heading(part)]
    for description in part.descriptions:
        title = f"<{places.event_url(description.event)}|{escaped(description.title)}>"
        lines = [title, *map(escaped, description.sentences)]
        drivers = plain.drivers(description)
        texts.append("\n".join([*lines, *([escaped(drivers)] if drivers else [])]))
    return texts


def _heading(part: Part) -> str:
    rule = escaped(plain.rule(part.rule))
    if not part.release_url:
        return rule
    release = gettext("Release %(number)s") % {"number": part.release_number}
    return f"<{part.release_url}|{release}> · {rule}"


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:LONGEST]}}


def escaped(text: str) -> str:
    """The text with the three characters written otherwise that Slack gives a meaning."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
