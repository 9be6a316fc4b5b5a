"""What sources hang on a system's name to say how it was run: effort, budget, harness, tools.

Only what never tells one system from another is taken off. Two marks are therefore needed where a
word may as well be part of a name: "Qwen3-Max", "Kimi-K2-Thinking" and "gpt-4-32k" are systems, so
"max", "thinking" and "32k" come off after "_", "@" or ":", in brackets or beside a word such as
"effort", and not after a hyphen or a space. A date never comes off: two dated names may be two
systems, so a dated name must be an alias to be known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_SUFFIXES = 4

_WORD = r"(?:none|minimal|low|medium|med|high|x-?high|extra[ -]high|max)"
_SURE = "|".join(
    (
        r"(?:reasoning[ -])?(?:none|minimal|low|high|x-?high|extra[ -]high)",
        rf"{_WORD}[ _-](?:effort|reasoning|thinking)",
        rf"(?:reasoning|thinking|effort)[ _-]{_WORD}",
        r"(?:no|non)[ _-](?:thinking|reasoning)",
        r"(?:thinking|budget)[ _-]\d{1,4}k|\d{1,4}k[ _-](?:tokens|thinking|budget)",
        r"(?:with|w/|no|without|[+]) ?(?:tools|search|browsing|python|code)",
        r"\d{1,2}[ -]?shot|pass@\d{1,4}|cons@\d{1,4}",
    )
)
_SHY = "|".join(
    (
        rf"{_WORD}|thinking|nothinking|reasoning|\d{{1,4}}k",
        r"tools|browsing|search|python|api|batch",
        r"inspect|helm|lm[ _-]eval(?:uation[ _-]harness)?|simple-evals|openrouter",
    )
)
_ANY = rf"(?:{_SURE}|{_SHY})"
_FORMS = (
    rf"(?P<rest>.*[^\s_-])[\s_-]*[(\[](?P<suffix>{_ANY}(?:\s*[,;]\s*{_ANY})*)[)\]]",
    rf"(?P<rest>.*?[^\s_@:+,-])(?:[-_@:]|\s*,\s*|\s+)(?P<suffix>{_SURE})",
    rf"(?P<rest>.*?[^\s_@:+,-])[_@:](?P<suffix>{_SHY})",
)
_PATTERNS = tuple(re.compile(form, re.IGNORECASE) for form in _FORMS)


def splits(name: str) -> Iterator[tuple[str, str]]:
    """(what is left, what was taken off), with one suffix more taken off each time.

    "o3 (high, no tools)" gives ("o3", "high, no tools"); "x_low:16K" gives ("x_low", "16K") and
    then ("x", "low, 16K").
    """
    rest, taken = name.strip(), ""
    for _ in range(MOST_SUFFIXES):
        found = next((m for pattern in _PATTERNS if (m := pattern.fullmatch(rest))), None)
        if found is None:
            return
        rest = found["rest"]
        taken = f"{found['suffix']}, {taken}" if taken else found["suffix"]
        yield rest, taken
