"""Who is to hear of events: every rule is asked once for each distinct set of terms."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Sequence

from alerts import archive, rules
from alerts.models import Event, Rule, Subscription
from alerts.services import outbox
from baskets.models import OwnRelease, Release

logger = logging.getLogger(__name__)

PER_UPDATE = 5000


def tell(
    release: Release | None, event_ids: Sequence[int], *, own: OwnRelease | None = None
) -> int:
    """Store an alert for every subscription whose rule asks for some of the events; how many.

    Called inside the transaction that stores the events. All of one release is one message to a
    rule; events without a release, which concern every basket, are told one by one by the caller.
    Of what a reader's own basket makes of a release only rules about that basket are told, which
    stood when it was made.
    """
    if not event_ids:
        return 0
    events = archive.heard(Event.every.filter(pk__in=event_ids))
    asked = Subscription.objects.active().filter(rule__isnull=False).select_related("rule")
    if own is not None:
        asked = asked.filter(rule__own=own.own, confirmed_at__lte=own.created_at)
    else:
        asked = asked.filter(rule__own__isnull=True)
    if release is not None:
        asked = asked.filter(rule__basket=release.basket_id)
    verdicts = _Verdicts(events)
    matches: list[tuple[Subscription, Sequence[int]]] = []
    told: dict[str, list[int]] = defaultdict(list)
    for subscription in asked.iterator(chunk_size=2000):
        said = verdicts.on(subscription.rule)
        if said is not None:
            matches.append((subscription, [event.id for event in said.events]))
            told[said.level].append(subscription.rule.pk)
    _note(told, events)
    outbox.store_alerts(release, matches)
    return len(matches)


class _Verdicts:
    """What rules say of one occasion; those that ask for the same are asked once."""

    def __init__(self, events: Sequence[rules.Heard]) -> None:
        self.events = events
        self._terms: dict[str, rules.Terms | None] = {}
        self._kept: dict[tuple[str, rules.Told | None], rules.Message | None] = {}

    def on(self, rule: Rule) -> rules.Message | None:
        """The message of a rule; None where it stays silent."""
        text = json.dumps(rule.terms, sort_keys=True)
        if text not in self._terms:
            self._terms[text] = _read(rule)
        terms = self._terms[text]
        if terms is None:
            return None
        last = None
        if terms.cooldown and rule.told_on and rule.told_level:
            last = rules.Told(rule.told_on, rules.Level(rule.told_level))
        key = (text, last)
        if key not in self._kept:
            self._kept[key] = rules.message(terms, self.events, told=last)
        return self._kept[key]


def _read(rule: Rule) -> rules.Terms | None:
    try:
        return rules.Terms.from_json(rule.terms)
    except rules.BadTerms as error:
        logger.warning("Rule %s cannot be read: %s", rule.pk, error)
        return None


def _note(told: dict[str, list[int]], events: Sequence[rules.Heard]) -> None:
    day = max(event.on for event in events)
    for level, ids in told.items():
        for start in range(0, len(ids), PER_UPDATE):
            some = Rule.objects.filter(pk__in=ids[start : start + PER_UPDATE])
            some.update(told_on=day, told_level=level)
