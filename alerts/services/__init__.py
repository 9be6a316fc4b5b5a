"""What the alerts room does: examine releases, keep subscriptions, send deliveries.

Nothing here enqueues a task; the callers do, on commit.
"""

from alerts.services.deliveries import claim_deliveries, redeliver, send_delivery, send_due
from alerts.services.examination import examine_release
from alerts.services.forgetting import (
    forget_addresses,
    forget_messages,
    forget_recipient,
    kept_for,
)
from alerts.services.orphans import end_orphans
from alerts.services.own_examination import examine_own_release
from alerts.services.subscriptions import (
    TooManyRequests,
    TooManyRules,
    add_rule,
    ask_to_manage,
    change_rule,
    confirm,
    count_request,
    end_subscriptions,
    mute_subscriptions,
    recipient_of,
    speak,
    subscribe,
    unsubscribe,
)

__all__ = [
    "TooManyRequests",
    "TooManyRules",
    "add_rule",
    "ask_to_manage",
    "change_rule",
    "claim_deliveries",
    "confirm",
    "count_request",
    "end_orphans",
    "end_subscriptions",
    "examine_own_release",
    "examine_release",
    "forget_addresses",
    "forget_messages",
    "forget_recipient",
    "kept_for",
    "mute_subscriptions",
    "recipient_of",
    "redeliver",
    "send_delivery",
    "send_due",
    "speak",
    "subscribe",
    "unsubscribe",
]
