"""What the alerts room does: examine releases, keep subscriptions, send deliveries.

Nothing here enqueues a task; the callers do, on commit.
"""

from alerts.services.deliveries import claim_delivery, retry_delivery, send_delivery
from alerts.services.examination import examine_release
from alerts.services.subscriptions import (
    TooManyRequests,
    confirm,
    end_subscriptions,
    forget_addresses,
    subscribe,
    unsubscribe,
)

__all__ = [
    "TooManyRequests",
    "claim_delivery",
    "confirm",
    "end_subscriptions",
    "examine_release",
    "forget_addresses",
    "retry_delivery",
    "send_delivery",
    "subscribe",
    "unsubscribe",
]
