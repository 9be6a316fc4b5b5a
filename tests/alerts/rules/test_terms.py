"""What a rule asks for, as an address and as JSON."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.rules import BadTerms, Cause, Kind, Level, Terms

NAMES = st.frozensets(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True), max_size=3)
SERIES = st.frozensets(st.sampled_from(["safety", "capability/agents & computer use"]))
TERMS = st.builds(
    Terms,
    kinds=st.frozensets(st.sampled_from(list(Kind)), min_size=1),
    series=SERIES,
    systems=NAMES,
    developers=NAMES,
    evals=NAMES,
    causes=st.frozensets(st.sampled_from(list(Cause))),
    levels=st.frozensets(st.sampled_from(list(Level))),
    minimum=st.sampled_from([0.1, 1.0, 2.4567891]),
    alert_from=st.none() | st.sampled_from([3.0, 100.0]),
    significant=st.booleans(),
    probability=st.none() | st.sampled_from([0.5, 0.9512345678, 1.0]),
    coverage=st.none() | st.sampled_from([0.0, 0.6, 1.0]),
    cooldown=st.sampled_from([0, 7, 365]),
)


@settings(max_examples=40)
@given(TERMS)
def test_it_reads_back_what_it_wrote(terms: Terms) -> None:
    query: dict[str, list[str]] = {}
    for name, value in terms.to_query():
        query.setdefault(name, []).append(value)
    assert Terms.from_query(query) == terms
    assert Terms.from_json(terms.to_json()) == terms


def test_it_leaves_out_what_is_as_by_default() -> None:
    assert Terms().to_query() == [] and Terms().to_json() == {}
    assert Terms.from_query({"min": [""], "series": []}) == Terms()
    with pytest.raises(BadTerms):
        Terms.from_json({"kinds": []})


@pytest.mark.parametrize(
    ("query", "name", "reason"),
    [
        ({"kind": ["new"]}, "kind", "unknown"),
        ({"colour": ["red"]}, "colour", "unknown"),
        ({"series": ["a b"]}, "series", "unknown"),
        ({"series": ["a/b\tc"]}, "series", "unknown"),
        ({"system": ["a/b"]}, "system", "unknown"),
        ({"min": ["x"]}, "min", "number"),
        ({"min": ["nan"]}, "min", "number"),
        ({"min": ["0.01"]}, "min", "number"),
        ({"min": ["1", "2"]}, "min", "twice"),
        ({"alert": ["0.5"]}, "alert", "number"),
        ({"p": ["1.5"]}, "p", "number"),
        ({"significant": ["yes"]}, "significant", "unknown"),
        ({"system": [f"s{n}" for n in range(51)]}, "system", "many"),
    ],
)
def test_it_refuses_what_cannot_be_meant(
    query: dict[str, list[str]], name: str, reason: str
) -> None:
    with pytest.raises(BadTerms) as refused:
        Terms.from_query(query)
    assert (refused.value.name, refused.value.reason) == (name, reason)
