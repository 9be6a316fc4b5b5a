"""Where alerts go: an address of mail, kept once, and its owner's addresses of the web."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class RecipientQuerySet(models.QuerySet["Recipient"]):
    """Finding people by what they typed."""

    def at(self, email: str) -> RecipientQuerySet:
        """Whoever has this address, however its letters are written."""
        return self.filter(email__iexact=email)


class Recipient(models.Model):
    """A person's address, stored here and nowhere else in the room; deleting it deletes all of it.

    `language` is the one in which they asked, until they choose another. `bounced_at` is set where
    mail to the address came back for good: nothing is sent there until its owner confirms it anew.
    `bounce` says why, without the address.
    """

    email = models.EmailField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    language = models.CharField(max_length=10, default="en", db_default="en")
    created_at = models.DateTimeField(default=timezone.now)
    bounces = models.PositiveSmallIntegerField(default=0, db_default=0)
    bounced_at = models.DateTimeField(null=True, blank=True)
    bounce = models.CharField(max_length=300, blank=True, db_default="")

    objects = RecipientQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            # Upper, because that is how `email__iexact` asks and so finds the index.
            models.UniqueConstraint(Upper("email"), name="recipient_once"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class Endpoint(models.Model):
    """An address of the web that takes messages; whoever knows it can write there.

    `secret` signs webhooks. Those before it sign too for a while: `old_secrets` holds them, the
    newest first, as `{"secret", "until"}` with a time in ISO 8601.
    A receiver that says that it is gone is disabled, with the reason.
    """

    class Kind(models.TextChoices):
        WEBHOOK = "webhook", _("webhook")
        SLACK = "slack", _("Slack")
        DISCORD = "discord", _("Discord")

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="endpoints")
    kind = models.CharField(max_length=20, choices=Kind)
    url = models.CharField(max_length=2000)
    secret = models.CharField(max_length=100, blank=True)
    old_secrets = models.JSONField(default=list, db_default=[], blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.pk}: {self.kind}"

    def secrets(self, *, now: dt.datetime) -> list[str]:
        """The secrets that sign a message now, newest first."""
        return [self.secret, *(old["secret"] for old in self.old_secrets_at(now))]

    def old_secrets_at(self, now: dt.datetime) -> list[dict[str, str]]:
        """Those of before that still sign, newest first."""
        return [old for old in self.old_secrets if now < dt.datetime.fromisoformat(old["until"])]

    @property
    def host(self) -> str:
        """Enough of the address to know it by: what follows may be a secret."""
        return self.url.split("/")[2] if self.url.count("/") >= 2 else ""


class Circuit(models.Model):
    """Whether a server is asked at all: after failures in a row it is left alone for a while.

    `name` is `mail`, or `endpoint:<id>`.
    """

    MAIL = "mail"
    ENDPOINT = "endpoint:"

    name = models.CharField(max_length=60, unique=True)
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
