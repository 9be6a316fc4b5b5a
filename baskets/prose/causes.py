"""Why a release was made, in the reader's language.

A release stores its causes as they arose, in English and for good; a sentence of a known form is
said in the reader's language, any other stays as it was stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.utils.translation import gettext as _

FORMS: tuple[tuple[re.Pattern[str], Callable[[], str]], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"First release of this installation", lambda: _("First release of this installation")),
        (r"Asked for by the operator", lambda: _("Asked for by the operator")),
        (
            r"(?P<count>\d+) new scores from (?P<source>.+)",
            lambda: _("%(count)s new scores from %(source)s"),
        ),
        (r"(?P<count>\d+) held scores resolved", lambda: _("%(count)s held scores resolved")),
        (
            r"a held score of (?P<system>.+?) accepted: (?P<reason>.+)",
            lambda: _("a held score of %(system)s accepted: %(reason)s"),
        ),
        (
            r"import (?P<run>\d+) withdrawn: (?P<reason>.+)",
            lambda: _("import %(run)s withdrawn: %(reason)s"),
        ),
        (
            r"import (?P<run>\d+) reinstated: (?P<reason>.+)",
            lambda: _("import %(run)s reinstated: %(reason)s"),
        ),
        (r"facts of (?P<subject>.+) corrected", lambda: _("facts of %(subject)s corrected")),
        (
            r"Basket version (?P<number>\d+) published",
            lambda: _("Basket version %(number)s published"),
        ),
        (r"(?P<count>\d+) more", lambda: _("%(count)s more causes")),
    )
)


def cause_words(cause: str) -> str:
    """The causes of a release, each in the reader's language where its form is known."""
    return _("; ").join(map(_one, cause.split("; ")))


def _one(cause: str) -> str:
    for pattern, words in FORMS:
        if found := pattern.fullmatch(cause):
            return words() % found.groupdict()
    return cause
