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
    """A line for notifications, and one section for each event."""
    blocks = [_section(f"*{escaped(told.subject)}*")]
    if told.rule:
        blocks.append(_section(escaped(told.rule)))
    if told.reason:
        blocks.append(_section(escaped(told.reason)))
    for part in told.parts:
        blocks += [_section(text) for text in _texts(part)]
    return {"text": escaped(told.subject), "blocks": blocks[:MOST_BLOCKS]}


def _texts(part: Part) -> list[str]:
    texts = []
    for description in part.descriptions:
        title = f"<{places.event_url(description.event)}|{escaped(description.title)}>"
        lines = [title, *map(escaped, description.sentences)]
        drivers = plain.drivers(description)
        texts.append("\n".join([*lines, *([escaped(drivers)] if drivers else [])]))
    if not part.release_url:
        return [*texts, escaped(part.rule)]
    release = gettext("Release %(number)s") % {"number": part.release_number}
    return [*texts, f"<{part.release_url}|{release}> · {escaped(part.rule)}"]


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:LONGEST]}}


def escaped(text: str) -> str:
    """The text with the three characters written otherwise that Slack gives a meaning."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
