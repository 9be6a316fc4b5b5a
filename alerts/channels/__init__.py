"""The ways to reach people. A new one is a file here and a line in `CHANNELS`."""

from __future__ import annotations

from alerts.channels.contract import Channel
from alerts.channels.discord import Discord
from alerts.channels.email import Email
from alerts.channels.site import Site
from alerts.channels.slack import Slack
from alerts.channels.webhook import Webhook

CHANNELS: dict[str, Channel] = {
    channel.name: channel for channel in (Email(), Site(), Webhook(), Slack(), Discord())
}
