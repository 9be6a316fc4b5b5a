"""Alerts in the admin: read-only, but for ending, muting and sending again."""

from __future__ import annotations

import datetime as dt
from functools import partial

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from alerts import archive, rule_words, services, tasks, wording
from alerts.models import (
    Circuit,
    Delivery,
    Endpoint,
    Event,
    Examination,
    Recipient,
    Subscription,
)
from alerts.rules import Cause, Kind
from evals.admin import RecordAdmin

MUTED_FOR = dt.timedelta(days=30)


def masked(email: str) -> str:
    """Enough of an address to know it by, not enough to write to it: "a…@e….org"."""
    local, _at, domain = email.rpartition("@")
    host, _dot, top = domain.rpartition(".")
    return f"{local[:1]}…@{host[:1]}….{top}"


@admin.register(Examination)
class ExaminationAdmin(RecordAdmin):
    """Which releases were looked at, and with what outcome."""

    list_display = ["release_number", "outcome", "at"]
    list_filter = ["outcome"]
    list_select_related = ["release"]
    fields = ["release_number", "outcome", "at"]

    @admin.display(description=_("release"), ordering="release__number")
    def release_number(self, examination: Examination) -> int:
        return examination.release.number


@admin.register(Event)
class EventAdmin(RecordAdmin):
    """What happened, each in one line as readers meet it."""

    list_display = ["title", "kind_in_words", "cause_in_words", "on", "move", "created_at"]
    list_filter = ["kind", "cause", "series"]
    search_fields = ["system__name", "system__slug", "eval__name", "eval__slug"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        """With the names that a line asks for."""
        return archive.with_names(super().get_queryset(request))

    @admin.display(description=_("Event"))
    def title(self, event: Event) -> str:
        return wording.title(event)

    @admin.display(description=_("Kind"), ordering="kind")
    def kind_in_words(self, event: Event) -> str:
        return str(rule_words.KINDS[Kind(event.kind)])

    @admin.display(description=_("Cause"), ordering="cause")
    def cause_in_words(self, event: Event) -> str:
        return str(rule_words.CAUSES[Cause(event.cause)])


@admin.register(Recipient)
class RecipientAdmin(RecordAdmin):
    """To whom mail goes. Addresses are masked, and no search would put one in a URL."""

    list_display = ["id", "address", "language", "created_at", "bounced_at", "bounce"]
    list_filter = [("bounced_at", admin.EmptyFieldListFilter), "language"]
    fields = ["address", "language", "created_at", "bounces", "bounced_at", "bounce"]

    @admin.display(description=_("address"))
    def address(self, recipient: Recipient) -> str:
        return masked(recipient.email)


@admin.register(Endpoint)
class EndpointAdmin(RecordAdmin):
    """Receivers on the web; what follows the host in their addresses may be a secret."""

    list_display = ["id", "kind", "host", "created_at", "disabled_at", "disabled_reason"]
    list_filter = ["kind", ("disabled_at", admin.EmptyFieldListFilter)]
    fields = ["kind", "host", "created_at", "disabled_at", "disabled_reason"]


@admin.register(Circuit)
class CircuitAdmin(RecordAdmin):
    """Servers that failed in a row, and until when they are left alone."""

    list_display = ["name", "failures", "open_until", "reason"]


@admin.register(Subscription)
class SubscriptionAdmin(RecordAdmin):
    """Who asked for what."""

    list_display = [
        *("id", "address", "rule_in_words", "channel", "cadence"),
        *("confirmed_at", "muted_until", "ended_at"),
    ]
    list_filter = ["channel", "cadence", ("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["recipient", "rule__basket", "rule__own"]
    fields = [
        *("address", "rule_in_words", "channel", "cadence", "created_at"),
        *("confirmed_at", "muted_until", "ended_at"),
    ]
    actions = ["end", "mute", "unmute"]

    @admin.display(description=_("address"))
    def address(self, subscription: Subscription) -> str:
        return masked(subscription.recipient.email)

    @admin.display(description=_("rule"))
    def rule_in_words(self, subscription: Subscription) -> str:
        return rule_words.in_words(subscription.rule)

    @admin.action(description=_("End the chosen subscriptions"), permissions=["end"])
    def end(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        count = services.end_subscriptions(queryset)
        text = ngettext("%(n)d subscription was ended.", "%(n)d subscriptions were ended.", count)
        self.message_user(request, text % {"n": count})

    @admin.action(description=_("Mute the chosen subscriptions for 30 days"), permissions=["end"])
    def mute(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        count = services.mute_subscriptions(queryset, until=timezone.now() + MUTED_FOR)
        text = ngettext("%(n)d subscription is muted.", "%(n)d subscriptions are muted.", count)
        self.message_user(request, text % {"n": count})

    @admin.action(description=_("Let the chosen subscriptions speak again"), permissions=["end"])
    def unmute(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        count = services.mute_subscriptions(queryset, until=None)
        text = ngettext("%(n)d subscription speaks.", "%(n)d subscriptions speak.", count)
        self.message_user(request, text % {"n": count})

    def has_end_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("alerts.change_subscription")


@admin.register(Delivery)
class DeliveryAdmin(RecordAdmin):
    """Messages with their state; one that has ended can be sent again, with its old id."""

    list_display = [
        *("id", "kind", "channel", "address", "state", "attempts"),
        *("due_at", "sent_at", "error"),
    ]
    list_filter = ["state", "kind", "channel"]
    list_select_related = ["recipient"]
    fields = [
        *("kind", "channel", "address", "occasion", "event_ids", "state", "attempts"),
        *("due_at", "lease_until", "created_at", "sent_at", "error"),
    ]
    actions = ["retry"]

    @admin.display(description=_("address"))
    def address(self, delivery: Delivery) -> str:
        return masked(delivery.recipient.email)

    @admin.action(description=_("Send the chosen deliveries again"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        due = services.redeliver(queryset)
        for channel in sorted({delivery.channel for delivery in due}):
            transaction.on_commit(partial(tasks.hint, channel))
        text = ngettext("%(n)d delivery is due again.", "%(n)d deliveries are due again.", len(due))
        self.message_user(request, text % {"n": len(due)})

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("alerts.change_delivery")
