"""The releases of a reader's own basket as an Atom feed."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from baskets.models import OwnBasket, OwnRelease
from baskets.prose.own import said_of
from baskets.selectors.catalog import system_names
from baskets.selectors.own import standings_of


def own_feed(own: OwnBasket, found: Sequence[OwnRelease], *, site: str, address: str) -> str:
    """The feed of these releases, newest first.

    site: the scheme and host that addresses begin with. address: where the feed itself is.
    """
    home = site + reverse("baskets:own-basket", args=[own.public_id])
    facts = {"name": own.name, "basket": own.basket.name}
    feed = Atom1Feed(
        title=_("Own basket “%(name)s”") % facts,
        link=home,
        description=_("A reader's weights on the evals of %(basket)s, not the project's.") % facts,
        language=get_language(),
        author_name=_("a reader"),
        feed_url=site + address,
        feed_guid=home,
    )
    names = system_names()
    for stored in found:
        number = stored.release.number
        if stored.refusal:
            text = _("There is no index with these weights in this release.")
        else:
            text = said_of(standings_of(stored.summary, stored.release), "headline", names)
        feed.add_item(
            title=_("Own basket “%(name)s”, release %(number)s") % {**facts, "number": number},
            link=f"{home}?release={number}",
            description=escape(text),
            pubdate=stored.created_at,
            updateddate=stored.created_at,
            unique_id=f"{home}?release={number}#{stored.sha256[:16]}",
        )
    return feed.writeString("utf-8")
