"""Why the site itself took or refused a step: a code and its facts, worded for whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from baskets.models.versions import BasketVersion

Facts = Mapping[str, Any]

EDITED, CHANGED, GIVEN_UP, BOUND_WIDER = "edited", "changed", "given-up", "bound-wider"
NOT_POSITIVE, OTHER_RULE, UNCOMPUTED = "not-positive", "other-rule", "uncomputed"
NUMBER_PASSED, DATE_PASSED, OTHER_LINK = "number-passed", "date-passed", "other-link"
UNKNOWN_OVERLAP = "unknown-overlap"

TEXTS: dict[str, Promise] = {
    EDITED: gettext_lazy("Edited after it was proposed; it has to be proposed again."),
    CHANGED: gettext_lazy("What was approved has changed since; it has to be proposed again."),
    GIVEN_UP: gettext_lazy("It could not be published; the attempts were given up."),
    BOUND_WIDER: gettext_lazy(
        "An approval now also holds for the base system and for what each eval is; this one did "
        "not, so it has to be proposed again."
    ),
    NUMBER_PASSED: gettext_lazy(
        "Version %(newest)s is published; the next one needs a higher number."
    ),
    DATE_PASSED: gettext_lazy(
        "The effective date must be later than that of version %(newest)s, %(date)s."
    ),
    OTHER_LINK: gettext_lazy(
        "All versions of a basket are linked in one way; the published ones use %(link)s."
    ),
    NOT_POSITIVE: gettext_lazy("The weight of %(eval)s must be positive."),
    OTHER_RULE: gettext_lazy(
        "%(eval)s was counted by another selection rule or protocol before; "
        "what changes the level is another eval."
    ),
    UNCOMPUTED: gettext_lazy("The index cannot be computed with this version: %(detail)s"),
    UNKNOWN_OVERLAP: gettext_lazy("%(basket)s, version %(number)s: unknown overlap system"),
}

# Refusals of the engine by their names; others are told in the engine's own English.
OF_ENGINE: dict[str, Promise] = {
    "EmptyBasket": gettext_lazy("no eval has a weight."),
    "BaseMissing": gettext_lazy("the base system was measured on none of its evals."),
    "BaseTooLow": gettext_lazy("the base system has too few points to stand for 100."),
    "OverlapTooSmall": gettext_lazy(
        "too few systems were measured on both of two versions to link them."
    ),
}


def worded(code: str, facts: Facts) -> str:
    """The sentence of a code in the reader's language; an unknown code stands for itself."""
    text = TEXTS.get(code)
    if text is None:
        return code
    told = dict(facts)
    if code == OTHER_LINK:
        told["link"] = BasketVersion.LinkMethod(facts["link"]).label
    if code == UNCOMPUTED and facts.get("error") in OF_ENGINE:
        told["detail"] = _("%(why)s (%(detail)s)") % {
            "why": OF_ENGINE[facts["error"]],
            "detail": facts["detail"],
        }
    return str(text) % told


def in_english(code: str, facts: Facts) -> str:
    """The sentence for records that are kept in one language."""
    with override("en"):
        return worded(code, facts) if code else ""
