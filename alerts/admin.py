"""Alerts in the admin: everything is read-only but ending a subscription and retrying a mail."""

from __future__ import annotations

from functools import partial

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from alerts import services, tasks
from alerts.models import Delivery, Event, Examination, Subscription
from evals.admin import RecordAdmin


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
    """What moved a frontier."""

    list_display = ["system", "series", "move", "after", "previous_system", "created_at"]
    list_filter = ["series"]
    list_select_related = ["system", "previous_system"]
    search_fields = ["system__name", "system__slug"]


@admin.register(Subscription)
class SubscriptionAdmin(RecordAdmin):
    """Who asked for mail. Addresses are masked, and no search would put one in a URL."""

    list_display = ["id", "address", "series", "threshold", "confirmed_at", "ended_at"]
    list_filter = ["series", ("ended_at", admin.EmptyFieldListFilter)]
    fields = ["address", "series", "threshold", "created_at", "confirmed_at", "ended_at"]
    actions = ["end"]

    @admin.display(description=_("address"))
    def address(self, subscription: Subscription) -> str:
        return masked(subscription.email)

    @admin.action(description=_("End the chosen subscriptions"), permissions=["end"])
    def end(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        count = services.end_subscriptions(queryset)
        text = ngettext("%(n)d subscription was ended.", "%(n)d subscriptions were ended.", count)
        self.message_user(request, text % {"n": count})

    def has_end_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("alerts.change_subscription")


@admin.register(Delivery)
class DeliveryAdmin(RecordAdmin):
    """Mails with their state; a failed one can be sent again."""

    list_display = ["id", "kind", "address", "state", "attempts", "due_at", "sent_at", "error"]
    list_filter = ["state", "kind"]
    list_select_related = ["subscription"]
    fields = [
        *("kind", "address", "series", "state", "attempts", "due_at", "lease_until"),
        *("created_at", "sent_at", "error"),
    ]
    actions = ["retry"]

    @admin.display(description=_("address"))
    def address(self, delivery: Delivery) -> str:
        return masked(delivery.subscription.email)

    @admin.display(description=_("series"))
    def series(self, delivery: Delivery) -> str:
        return delivery.subscription.get_series_display()

    @admin.action(description=_("Send the chosen failed deliveries again"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        due = [pk for pk in queryset.values_list("pk", flat=True) if services.retry_delivery(pk)]
        for pk in due:
            transaction.on_commit(partial(tasks.hint, pk))
        text = ngettext("%(n)d delivery is due again.", "%(n)d deliveries are due again.", len(due))
        self.message_user(request, text % {"n": len(due)})

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("alerts.change_delivery")
