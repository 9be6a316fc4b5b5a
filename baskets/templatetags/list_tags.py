"""The pages of a list in templates."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.core.paginator import Page
from django.template import Context

register = template.Library()
SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")


@register.inclusion_tag("baskets/list_pages.html", takes_context=True)
def list_pages(context: Context, part: Page[Any]) -> dict[str, Any]:
    """Links to the pages of a list: the first, the last and those around this one."""
    paginator = part.paginator
    numbers = paginator.get_elided_page_range(part.number, on_each_side=2, on_ends=1)
    return {"part": part, "pages": list(numbers), "request": context["request"]}


@register.filter
def first_sentences(text: str, characters: int) -> str:
    """The sentences of a text that fit into so many characters, and the first in any case."""
    first, *others = SENTENCE.split(text.strip())
    for sentence in others:
        if len(first) + len(sentence) >= characters:
            break
        first = f"{first} {sentence}"
    return first
