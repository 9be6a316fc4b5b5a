"""The audit of baskets: an event for every change of a version, its weights and its other parts.

Triggers write the events in the transaction of the change, whoever makes it, and the application's
role can only add them.
"""

from __future__ import annotations

import pghistory
from django.utils.translation import gettext_lazy as _

from baskets.models.challenges import Challenge
from baskets.models.own import OwnBasket
from baskets.models.versions import Basket, BasketVersion, Departure, Weight

EVERY_CHANGE = (pghistory.InsertEvent, pghistory.UpdateEvent, pghistory.DeleteEvent)
RECORD = {"append_only": True, "__module__": __name__}


class Overlap(BasketVersion.overlap.through):  # type: ignore[name-defined,misc]
    """A system in a version's overlap, for the audit."""

    class Meta:
        proxy = True
        verbose_name = _("overlap of a basket version")


BasketEvent, VersionEvent, WeightEvent, DepartureEvent = (
    pghistory.create_event_model(
        model,
        *(kind() for kind in EVERY_CHANGE),
        model_name=f"{name}Event",
        abstract=False,
        attrs=RECORD,
    )
    for model, name in (
        (Basket, "Basket"),
        (BasketVersion, "Version"),
        (Weight, "Weight"),
        (Departure, "Departure"),
    )
)
# Without the asker's name: what stands here can never be taken back.
ChallengeEvent = pghistory.create_event_model(
    Challenge,
    *(kind() for kind in EVERY_CHANGE),
    exclude=["name"],
    model_name="ChallengeEvent",
    abstract=False,
    attrs=RECORD,
)
# Of a reader's own basket only what a steward does to it: the rest is the reader's, and can go.
OwnBasketEvent = pghistory.create_event_model(
    OwnBasket,
    pghistory.UpdateEvent(condition=pghistory.AnyChange("hidden_at", "hidden_reason")),
    fields=["public_id", "hidden_reason", "hidden_at", "hidden_by"],
    model_name="OwnBasketEvent",
    abstract=False,
    attrs=RECORD,
)
OverlapEvent = pghistory.create_event_model(
    Overlap,
    pghistory.InsertEvent(),
    pghistory.DeleteEvent(),
    model_name="OverlapEvent",
    obj_field=None,  # type: ignore[arg-type]
    abstract=False,
    attrs=RECORD,
)
