"""Names of systems in the headings of templates."""

from __future__ import annotations

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
LONGEST = 20
NAME = re.compile(r"([!-~]*[A-Za-z0-9]-[A-Za-z0-9][!-~]*)")


@register.filter
def whole(text: str) -> SafeString:
    """A plain text as HTML in which no line ends at the hyphen of a name, as in GPT-5.

    What is marked stays plain to searches and to the clipboard, which a special hyphen would not.
    A word of more than `LONGEST` characters keeps its breaks: it may not fit into a phone's line.
    """
    parts = NAME.split(str(text))
    shown = (_kept(part) if at % 2 else part for at, part in enumerate(parts))
    return format_html_join("", "{}", ((part,) for part in shown))


def _kept(word: str) -> str:
    return format_html('<span class="nowrap">{}</span>', word) if len(word) <= LONGEST else word
