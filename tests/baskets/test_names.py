"""How names stand in headings."""

from __future__ import annotations

from baskets.templatetags.name_tags import whole


def test_it_keeps_short_names_whole_and_lets_long_words_break() -> None:
    assert whole("With GPT-5, up") == 'With <span class="nowrap">GPT-5,</span> up'
    assert whole("gpt-oss-120b") == '<span class="nowrap">gpt-oss-120b</span>'
    assert whole("a-name-that-is-far-too-long") == "a-name-that-is-far-too-long"
    assert whole("憑藉GPT-5達到612") == '憑藉<span class="nowrap">GPT-5</span>達到612'


def test_it_escapes_what_it_is_given() -> None:
    assert whole("<b>x-1</b> & −3") == (
        '<span class="nowrap">&lt;b&gt;x-1&lt;/b&gt;</span> &amp; −3'
    )
