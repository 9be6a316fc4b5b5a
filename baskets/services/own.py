"""Readers' own baskets: saved, renamed, weighed anew, deleted; hidden by a steward.

Every change leaves a row that is counted, and the limits are those of the settings. The releases
are the work of `own_releases`.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import because
from accounts.models import User
from accounts.roles import EDIT_BASKETS
from baskets.models import OwnBasket, OwnChange, OwnVersion, Release
from baskets.models.own import LONGEST_NAME
from baskets.services.own_releases import ask_for_history
from baskets.services.refusals import NotAllowed, Refused

A_DAY = dt.timedelta(days=1)
# Other letters (marks that stack, controls, what turns the writing round) make names that mislead.
MISLEADING = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
MOST_MARKS = 2
# A chart would read them as markup or as a colour.
MARKUP = ("<", ">", "var(--")
OFFICIAL = ("agiindex", "officialindex")


class BadName(Refused):
    """The name cannot be shown as that of an own basket."""


class TooMany(Refused):
    """A limit of the settings is reached; nothing was stored."""


def checked_name(text: str) -> str:
    """A name as it is stored: composed, with single spaces. Raises BadName."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name or not any(letter.isalnum() for letter in name):
        raise BadName(_("Give the basket a name with a letter or a figure in it."))
    if len(name) > LONGEST_NAME:
        raise BadName(
            ngettext(
                "The name may have %(n)d character.", "The name may have %(n)d characters.",
                LONGEST_NAME,
            ) % {"n": LONGEST_NAME}
        )  # fmt: skip
    marks = 0
    for letter in name:
        marks = marks + 1 if unicodedata.category(letter) in {"Mn", "Me"} else 0
        if unicodedata.category(letter) in MISLEADING or marks > MOST_MARKS:
            raise BadName(_("The name has characters that are not shown or that hide others."))
    if any(sign in name for sign in MARKUP):
        raise BadName(_("Leave signs of markup such as < and > out of the name."))
    plain = unicodedata.normalize("NFKC", name).casefold()
    if any(word in "".join(filter(str.isalnum, plain)) for word in OFFICIAL):
        raise BadName(_("Only the index of this site may be called so. Choose another name."))
    return name


@transaction.atomic
def save_own(
    *,
    owner: User,
    name: str,
    release: Release,
    adjustments: Mapping[str, str],
    forked_from: OwnBasket | None = None,
) -> OwnBasket:
    """A new own basket with its first version, and the request for its whole history.

    release: the one of the parent in which the weights were chosen. Raises BadName and TooMany.
    """
    name = checked_name(name)
    now = _count(owner)
    if owner.own_baskets.count() >= settings.OWN_BASKETS_PER_PERSON:
        raise TooMany(
            ngettext(
                "You have %(n)d own basket, which is as many as one person may have. Delete it "
                "first.",
                "You have %(n)d own baskets, which are as many as one person may have. Delete one "
                "first.",
                settings.OWN_BASKETS_PER_PERSON,
            )
            % {"n": settings.OWN_BASKETS_PER_PERSON}
        )
    own = OwnBasket.objects.create(
        name=name,
        owner=owner,
        basket_id=release.basket_id,
        forked_from=forked_from,
        created_at=now,
    )
    _add_version(own, 1, release, adjustments, now)
    ask_for_history(own)
    return own


@transaction.atomic
def weigh_anew(
    own: OwnBasket, *, by: User, release: Release, adjustments: Mapping[str, str]
) -> OwnVersion:
    """A further version, which counts from the next release on; the same weights add none.

    Raises NotAllowed and TooMany.
    """
    _only_owner(own, by)
    _hold(by)
    newest = own.versions.latest("number")
    if newest.adjustments == dict(adjustments):
        return newest
    now = _count(by)
    return _add_version(own, newest.number + 1, release, adjustments, now)


@transaction.atomic
def rename(own: OwnBasket, *, by: User, name: str) -> None:
    """Another name. Raises NotAllowed, BadName and TooMany."""
    _only_owner(own, by)
    own.name = checked_name(name)
    _count(by)
    # One that was deleted meanwhile is not there to be renamed.
    OwnBasket.objects.filter(pk=own.pk).update(name=own.name)


@transaction.atomic
def delete_own(own: OwnBasket, *, by: User) -> None:
    """Delete an own basket with its versions and releases, for good. Raises NotAllowed."""
    _only_owner(own, by)
    own.delete()


@transaction.atomic
def forget_person(user: User) -> None:
    """Delete every own basket of somebody whose account ends."""
    OwnBasket.objects.filter(owner=user).delete()
    OwnChange.objects.filter(owner=user).delete()


@transaction.atomic
def hide(own: OwnBasket, *, by: User, reason: str) -> None:
    """Show it to nobody, for a reason that its owner reads; show it again with an empty one."""
    if not by.has_perm(EDIT_BASKETS):
        raise NotAllowed(_("Only stewards hide own baskets of readers."))
    own.hidden_reason = reason.strip()
    hidden = bool(own.hidden_reason)
    own.hidden_at = timezone.now() if hidden else None
    own.hidden_by = by if hidden else None
    with because(own.hidden_reason, by=by):
        own.save(update_fields=["hidden_reason", "hidden_at", "hidden_by"])


def _add_version(
    own: OwnBasket,
    number: int,
    release: Release,
    adjustments: Mapping[str, str],
    now: dt.datetime,
) -> OwnVersion:
    # A release may be dated by a clock that was ahead: no version begins before what it was
    # chosen in, nor before the version that it follows.
    last = own.versions.aggregate(last=Max("effective_on"))["last"]
    days = [now.date(), release.vintage_on, *([last] if last else [])]
    return OwnVersion.objects.create(
        own=own,
        number=number,
        adjustments=dict(adjustments),
        anchor=release,
        effective_on=max(days),
        created_at=now,
    )


def _only_owner(own: OwnBasket, by: User) -> None:
    if own.owner_id != by.pk:
        raise NotAllowed(_("Only its owner changes an own basket."))


def _count(owner: User) -> dt.datetime:
    """Count a change of an owner's baskets; the time. Raises NotAllowed and TooMany."""
    _hold(owner)
    now = timezone.now()
    most = settings.OWN_CHANGES_PER_DAY
    recent = OwnChange.objects.filter(owner=owner, at__gt=now - A_DAY)
    if recent.count() >= most:
        raise TooMany(
            ngettext(
                "You have made %(n)d change to own baskets within a day, which is the limit. "
                "Please go on tomorrow.",
                "You have made %(n)d changes to own baskets within a day, which is the limit. "
                "Please go on tomorrow.",
                most,
            )
            % {"n": most}
        )
    OwnChange.objects.filter(at__lte=now - A_DAY).delete()
    OwnChange.objects.create(owner=owner, at=now)
    return now


def _hold(owner: User) -> None:
    """Let the changes of one owner come one after the other, and none after the account's end.

    Before any basket is locked, so that two of them never wait for each other.
    """
    if not User.objects.select_for_update(no_key=True).get(pk=owner.pk).is_active:
        raise NotAllowed(_("This account has ended."))
