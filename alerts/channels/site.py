"""The list on the site: whoever manages their alerts here reads them here, and nothing is sent."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alerts.channels.contract import Channel, Sender
from alerts.models import Delivery
from alerts.told import Told


class _Sender(Sender):
    def send(self, delivery: Delivery, told: Told) -> None:
        """Nothing leaves: the list shows the delivery once it is marked as sent."""


class Site(Channel):
    """A person's own list of alerts."""

    name = "site"
    label = _("list on this site")

    def line(self) -> Sender:
        """A line on which nothing is sent."""
        return _Sender()
