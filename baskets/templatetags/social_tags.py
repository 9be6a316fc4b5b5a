"""What a page says about itself where its address is shared."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from baskets.charts.social import HEIGHT, WIDTH

register = template.Library()


@register.inclusion_tag("charts/social.html", takes_context=True)
def social(context: Context, name: str, title: str = "", **subject: object) -> dict[str, Any]:
    """The tags of a page's preview: its title, its own address and its picture.

    `name` and `subject` are those of the picture's address; the past date goes with them.
    """
    request = context.get("request")
    query = {**subject, **(context.get("kept") or {})}
    path = reverse("baskets:social", args=[name])
    return {
        "title": title or _("AGI Index"),
        "page": settings.SITE_URL + (request.get_full_path() if request is not None else "/"),
        "image": settings.SITE_URL + path + (f"?{urlencode(query)}" if query else ""),
        "width": WIDTH,
        "height": HEIGHT,
    }
