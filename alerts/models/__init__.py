"""Who is told what. An event is stored first and delivered after."""

from __future__ import annotations

from alerts.models.deliveries import Delivery
from alerts.models.events import Event, Examination, OwnExamination, Series
from alerts.models.recipients import Circuit, Endpoint, Recipient
from alerts.models.rules import Rule
from alerts.models.subscriptions import SubscribeRequest, Subscription

__all__ = [
    "Circuit",
    "Delivery",
    "Endpoint",
    "Event",
    "Examination",
    "OwnExamination",
    "Recipient",
    "Rule",
    "Series",
    "SubscribeRequest",
    "Subscription",
]
