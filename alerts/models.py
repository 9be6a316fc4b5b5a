"""Who is told what. An event is stored first and delivered after."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baskets.models import Release
from evals.models import System


class Series(models.TextChoices):
    """The series whose frontier is watched and can be subscribed to."""

    HEADLINE = "headline", _("headline index")
    BALANCED = "balanced", _("balanced headline")
    CAPABILITY = "capability", _("capability index")
    SAFETY = "safety", _("safety index")
    ALIGNMENT = "alignment", _("alignment index")


class Examination(models.Model):
    """That a release has been looked at for events, once, and with what outcome."""

    append_only = True

    class Outcome(models.TextChoices):
        RECONSTRUCTED = "reconstructed", _("reconstructed history, never told")
        FIRST = "first", _("first release, nothing to compare it with")
        REMEASURED = "remeasured", _("weights, links or method changed, not told as progress")
        QUIET = "quiet", _("no frontier moved by new evidence")
        MOVED = "moved", _("a frontier moved")

    release = models.OneToOneField(Release, models.PROTECT, related_name="examination")
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=20, choices=Outcome)

    def __str__(self) -> str:
        return f"{self.release_id}: {self.outcome}"


class Event(models.Model):
    """A system entered and moved the frontier of a series in one release.

    `before` is the frontier of the release before, `after` that of this one and `move` their
    difference, in index points; `low` and `high` are the 95% interval of `after`, `rise_low` and
    `rise_high` that of the distance to `previous_system` on paired replicates. `contributions` are
    the largest drivers of that distance as `[{"eval", "name", "points"}]`.
    """

    append_only = True

    release = models.ForeignKey(Release, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=40)
    series = models.CharField(max_length=140, choices=Series)
    system = models.ForeignKey(System, models.PROTECT, related_name="events")
    before = models.FloatField()
    after = models.FloatField()
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    move = models.FloatField()
    rise_low = models.FloatField(null=True)
    rise_high = models.FloatField(null=True)
    previous_system = models.ForeignKey(System, models.PROTECT, related_name="+")
    contributions = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "kind", "series", "system"], name="event_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.series} {self.system_id}"


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Which subscriptions are in force."""

    def active(self) -> SubscriptionQuerySet:
        """Confirmed and not ended."""
        return self.filter(confirmed_at__isnull=False, ended_at__isnull=True)


class Subscription(models.Model):
    """An address that asked for mail about one series, and confirmed it.

    Mail is sent for moves of at least `threshold` index points.
    """

    email = models.EmailField()
    series = models.CharField(max_length=140, choices=Series)
    threshold = models.FloatField(
        default=1.0, validators=[MinValueValidator(0.1), MaxValueValidator(1000)]
    )
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                # Upper, because that is how `email__iexact` asks and so finds the index.
                Upper("email"),
                "series",
                name="subscription_once",
                violation_error_message=_("This address already has a subscription here."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.series}"

    @property
    def active(self) -> bool:
        """Whether it is confirmed and not ended."""
        return self.confirmed_at is not None and self.ended_at is None


class SubscribeRequest(models.Model):
    """One use of the subscribe form, counted to limit it; `client` is a keyed hash, no address."""

    client = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["client", "at"], name="subscribe_request_recent")]

    def __str__(self) -> str:
        return f"{self.pk}"


class Delivery(models.Model):
    """One message to one subscription: a row of work with a state and a lease.

    An alert is about one `release`; a confirmation asks whether the subscription should stand with
    `threshold`, so that nobody changes another person's subscription by filling in a form.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        DROPPED = "dropped", _("no longer wanted")

    class Kind(models.TextChoices):
        CONFIRM = "confirm", _("confirmation")
        ALERT = "alert", _("alert")

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=10, choices=Kind)
    release = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="+")
    threshold = models.FloatField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "release"],
                name="delivery_once",
                condition=models.Q(kind="alert"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "due_at"],
                name="delivery_work",
                condition=models.Q(state__in=["pending", "sending"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.kind}"
