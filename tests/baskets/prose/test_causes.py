"""The causes of a release, said again in the reader's language."""

from __future__ import annotations

import pytest
from django.utils import translation

from baskets.prose.causes import cause_words

STORED = [
    "First release of this installation",
    "Asked for by the operator",
    "12 new scores from epoch",
    "3 held scores resolved",
    "a held score of GPT-5 accepted: read again",
    "import 7 withdrawn: wrong file",
    "import 7 reinstated: right after all",
    "facts of GPQA Diamond corrected",
    "Basket version 4 published",
]


@pytest.mark.parametrize("cause", STORED)
def test_it_says_a_stored_cause_unchanged_in_english(cause: str) -> None:
    assert cause_words(cause) == cause


@pytest.mark.parametrize("cause", STORED)
def test_it_says_every_stored_cause_in_chinese(cause: str) -> None:
    with translation.override("zh-hant"):
        assert cause_words(cause) != cause


def test_it_keeps_names_numbers_and_unknown_words() -> None:
    with translation.override("zh-hans"):
        said = cause_words("12 new scores from epoch; something else; 2 more")
    assert "12" in said
    assert "epoch" in said
    assert "something else" in said
