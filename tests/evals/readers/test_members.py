"""Picking members out of a JSON object that is never held whole."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.readers import _json
from evals.records import UnreadableFile

KEYS = st.text(max_size=4) | st.sampled_from(['"', "\\", "{", "}", "é", ","])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(
    whole=st.dictionaries(KEYS, VALUES, max_size=5),
    keys=st.sets(KEYS, max_size=3),
    size=st.integers(1, 40),
    indent=st.sampled_from([None, 2]),
    ascii_only=st.booleans(),
)
def test_it_finds_what_a_parser_finds_whatever_the_pieces(
    whole: dict[str, object], keys: set[str], size: int, indent: int | None, ascii_only: bool
) -> None:
    text = "\ufeff " + json.dumps(whole, indent=indent, ensure_ascii=ascii_only) + "\n"
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    wanted = keys | set(list(whole)[::2])
    found = _json.members("x.json", iter(pieces), wanted)
    assert found == {key: value for key, value in whole.items() if key in wanted}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the JSON object is cut short"),
        ('{"a": [1, 2', "the JSON object is cut short"),
        ('{"a": "1', "the JSON object is cut short"),
        ("x{}", "not one JSON object"),
        ("[{}]", "not one JSON object"),
        ("{} {}", "something follows the end of the JSON object"),
        ('{"a" 1}', "no colon follows the key 'a'"),
        ('{"a": 1 2}', "not JSON"),
        ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
        ('{"\\u0061": 1, "a": 2}', "the key 'a' stands twice"),
        ('{"a": ' + "[" * 201, "nested more than 200 levels deep"),
        ('{"a": "' + "x" * (_json.LARGEST_MEMBER + 1), "'a' is longer than"),
    ],
)
def test_it_says_why_a_text_is_no_object(text: str, why: str) -> None:
    with pytest.raises(UnreadableFile, match=why):
        _json.members("x.json", iter([text]), {"a"})


def test_it_bounds_a_key_as_it_bounds_a_member() -> None:
    text = '{"' + "x" * (_json.LARGEST_MEMBER + 1)
    with pytest.raises(UnreadableFile, match="is longer than"):
        _json.members("x.json", iter([text]), set())
