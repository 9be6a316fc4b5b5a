"""What happened: events, and that a release was looked at for them. Rows are only ever added."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baskets.models import BasketVersion, OwnBasket, OwnRelease, Release
from evals.models import Eval, Feed, System


class Series(models.TextChoices):
    """The series that every basket has; subdomains are named "domain/subdomain" beside them."""

    HEADLINE = "headline", _("headline index")
    BALANCED = "balanced", _("balanced headline")
    CAPABILITY = "capability", _("capability index")
    SAFETY = "safety", _("safety index")
    ALIGNMENT = "alignment", _("alignment index")


class Examination(models.Model):
    """That a release has been looked at for events, once in each edition of the rules.

    Only the first look at a release tells anybody; a later edition adds the events that earlier
    ones did not know, for the archive and for back-tests.
    """

    append_only = True

    class Outcome(models.TextChoices):
        RECONSTRUCTED = "reconstructed", _("reconstructed history, never told")
        FIRST = "first", _("first release, nothing to compare it with")
        REMEASURED = "remeasured", _("weights, links or method changed, not told as progress")
        QUIET = "quiet", _("nothing happened")
        MOVED = "moved", _("something happened")

    release = models.ForeignKey(Release, models.PROTECT, related_name="examinations")
    edition = models.PositiveSmallIntegerField(default=1, db_default=1)
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=20, choices=Outcome)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "edition"], name="examination_once"),
        ]

    def __str__(self) -> str:
        return f"{self.release_id}: {self.outcome}"


class OwnExamination(models.Model):
    """That a release of a reader's own basket was looked at for events; it goes with the basket.

    Only those that somebody's rule asks about are looked at.
    """

    append_only = True

    # The database's own cascade deletes it: the application's role deletes nothing here.
    own_release = models.OneToOneField(
        OwnRelease, models.DO_NOTHING, db_constraint=False, related_name="examination"
    )
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=20, choices=Examination.Outcome)

    def __str__(self) -> str:
        return f"{self.own_release_id}: {self.outcome}"


class PublicEvents(models.Manager["Event"]):
    """The events of the site's own baskets and feeds; those of readers' baskets are not listed."""

    def get_queryset(self) -> models.QuerySet[Event]:
        """Without the events of readers' baskets."""
        return super().get_queryset().filter(own__isnull=True)


class Event(models.Model):
    """Something that happened in a release, or to a feed: `kind` says what, `cause` says why.

    `before`, `after` and `move` are in the unit of the kind (`alerts.rules.kinds`), index points
    for a series; `move` is the part of `after` - `before` that the cause made. `low` and `high` are
    the 95% interval of `after`, `move_low` and `move_high` that of the move; `probability` is that
    of the move having its sign. `contributions` are its largest drivers as
    `[{"eval", "name", "points"}]`, with `"estimated": true` where a fill stands for a score;
    `facts` is what only this kind has, `since` when a feed was last heard. `recovered` marks the
    return from a state that an earlier event told of, and a lead that a revision took back. An
    event of reconstructed history is never told. An event with `own` is what a reader's own basket
    makes of the release: only whoever has the address of that basket finds it, and it goes with
    the basket.
    """

    append_only = True

    release = models.ForeignKey(Release, models.PROTECT, null=True, related_name="events")
    own = models.ForeignKey(
        OwnBasket,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    feed = models.ForeignKey(Feed, models.PROTECT, null=True, related_name="+")
    on = models.DateField()
    since = models.DateTimeField(null=True)
    reconstructed = models.BooleanField(default=False, db_default=False)
    kind = models.CharField(max_length=40)
    cause = models.CharField(max_length=20)
    series = models.CharField(max_length=140, blank=True)
    system = models.ForeignKey(System, models.PROTECT, null=True, related_name="events")
    previous_system = models.ForeignKey(System, models.PROTECT, null=True, related_name="+")
    eval = models.ForeignKey(Eval, models.PROTECT, null=True, related_name="+")
    version = models.ForeignKey(BasketVersion, models.PROTECT, null=True, related_name="+")
    before = models.FloatField(null=True)
    after = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    move = models.FloatField(null=True)
    move_low = models.FloatField(null=True)
    move_high = models.FloatField(null=True)
    probability = models.FloatField(null=True)
    coverage = models.FloatField(null=True)
    official = models.BooleanField(default=True, db_default=True)
    recovered = models.BooleanField(default=False, db_default=False)
    contributions = models.JSONField(default=list)
    facts = models.JSONField(default=dict, db_default={})
    created_at = models.DateTimeField(default=timezone.now)

    # The first one is Django's default: a page that forgets readers' baskets shows none of them.
    objects = PublicEvents()
    every = models.Manager["Event"]()

    class Meta:
        ordering = ["-on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "own", "kind", "series", "system", "eval", "version"],
                name="event_once",
                condition=Q(release__isnull=False),
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=["feed", "kind", "since", "recovered"],
                name="event_of_feed_once",
                condition=Q(feed__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(release__isnull=True) ^ Q(feed__isnull=True), name="event_has_place"
            ),
        ]
        indexes = [
            models.Index(fields=["-on", "-id"], name="event_newest"),
            models.Index(fields=["own"], name="event_by_own", condition=Q(own__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.series} {self.system_id}"
