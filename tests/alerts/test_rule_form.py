"""Every condition of a rule in its form, in words, and back again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from alerts import rule_words, tokens
from alerts.models import Subscription
from alerts.rule_form import RuleForm, initial_of
from alerts.rules import Terms
from baskets.models import Basket
from evals.models import Eval, System
from tests.alerts.conftest import subscription

pytestmark = pytest.mark.django_db

INNER = "safety/misuse/jailbreak robustness"
FULL: dict[str, Any] = {
    "kind": ["frontier", "rank"],
    "series": ["capability", "safety"],
    "subdomain": [INNER],
    "min": "2.5",
    "system": "GPT-6.1 Sol, old",
    "developer": "maker",
    "eval": "safety-1",
    "cause": ["new_score", "revision"],
    "level": ["alert", "recovered"],
    "alert": "7",
    "significant": "on",
    "p": "97.5",
    "coverage": "60",
    "cooldown": "14",
}
MEANT = Terms(
    kinds=frozenset({"frontier", "rank"}),
    series=frozenset({"capability", "safety", INNER}),
    systems=frozenset({"sol", "old"}),
    developers=frozenset({"maker"}),
    evals=frozenset({"safety-1"}),
    causes=frozenset({"new_score", "revision"}),
    levels=frozenset({"alert", "recovered"}),
    minimum=2.5,
    alert_from=7.0,
    significant=True,
    probability=0.975,
    coverage=0.6,
    cooldown=14,
)


@pytest.fixture(autouse=True)
def inner(world: Basket) -> None:
    """One eval is in a subdomain whose name has a slash in it."""
    Eval.objects.filter(slug="safety-1").update(subdomain="misuse/jailbreak robustness")


def test_it_asks_for_every_condition_and_fills_itself_in_again() -> None:
    form = RuleForm(FULL)
    assert form.is_valid() and form.terms == MEANT
    again = RuleForm(initial_of(form.terms))
    assert again.is_valid() and again.terms == MEANT
    assert RuleForm(initial=initial_of(MEANT)).more_is_used
    assert not RuleForm().more_is_used and not RuleForm(initial=initial_of(Terms())).more_is_used
    assert {
        name: field.help_text for name, field in form.fields.items() if not field.help_text
    } == {}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"system": "old, Nobody 9"}, "No system is called “Nobody 9”."),
        ({"developer": "nobody"}, "No developer is called “nobody”."),
        ({"eval": "<b>"}, "No eval is called “&lt;b&gt;”."),
        ({"system": ", ".join(f"s{n}" for n in range(51))}, "Name at most 50."),
        ({"alert": "2"}, "cannot be less than the smallest move"),
        ({"p": "0.95"}, "from 50 to 100"),
        ({"p": "nan"}, "from 50 to 100"),
        ({"coverage": "101"}, "from 0 to 100"),
        ({"cooldown": "366"}, "The longest silence is 365 days."),
        ({"cause": "luck"}, "luck is not one of the available choices"),
        ({"level": "grave"}, "grave is not one of the available choices"),
        ({"system": "Twin"}, "“Twin” is the name of several: write old or sol instead."),
        ({"series": "headline", "subdomain": [], "kind": "baseline"}, "happens there"),
        ({"subdomain": [INNER], "series": [], "kind": "rank"}, "happens there"),
        ({"p": "95", "series": []}, "The noise of a subdomain"),
        ({"significant": "on", "series": []}, "The noise of a subdomain"),
        ({"developer": "maker", "kind": ["published", "gap"]}, "names a system"),
        ({"level": ["warn", "recovered"], "alert": ""}, "There are warnings only where"),
        ({"level": "warn", "kind": "gap"}, "is ever a warning"),
        ({"level": "recovered", "kind": ["moved"]}, "has a recovery"),
        ({"subdomain": "safety/none"}, "safety/none is not one of the available choices"),
    ],
)
def test_it_says_what_is_wrong_beside_the_field(
    client: Client, wrong: dict[str, Any], said: str
) -> None:
    if "Twin" in said:
        System.objects.filter(slug__in=("old", "sol")).update(name="Twin")
    answer = client.post("/alerts/", {**FULL, "email": "reader@example.org", **wrong})
    text = answer.content.decode()
    name = next(iter(wrong))
    assert answer.status_code == 400 and said in text and f'id="id_{name}_error"' in text
    assert "<details open>" in text and not Subscription.objects.exists()


def test_it_says_every_condition_before_it_is_asked_for(client: Client) -> None:
    text = client.post("/alerts/", {**FULL, "email": "", "preview": "1"}).content.decode()
    assert escape(rule_words.terms_in_words(MEANT)) in text and "would have sent" in text
    assert "Series: capability index; safety index; misuse/jailbreak robustness index." in text
    (query,) = {part.split('"')[0] for part in text.split("feed.atom?")[1:]}
    feed = client.get("/alerts/feed.json?" + query.replace("&amp;", "&")).json()
    assert feed["description"] == rule_words.terms_in_words(MEANT)


def test_it_changes_a_standing_rule_in_the_same_form(client: Client) -> None:
    mine, same = subscription(series="safety", minimum=2.0), subscription()
    theirs = subscription("other@example.org")
    page = f"/alerts/manage/{tokens.manage_token(mine.recipient_id)}/"
    shown = client.get(f"{page}?rule={mine.pk}").content.decode()
    assert "Change the rule" in shown and 'value="2.0"' in shown
    given = {"do": "change", "id": mine.pk, "way": "site", "kind": "frontier", "min": "1"}
    client.post(page, {**given, "series": "capability", "preview": "1"})
    assert Subscription.objects.get(pk=mine.pk).rule.terms["series"] == ["safety"]
    assert b"The rule was changed." in client.post(
        page, {**given, "series": "capability", "way": "email"}, follow=True
    ).content  # fmt: skip
    # It asks for what the other one did, which ends.
    assert Subscription.objects.standing().filter(recipient=mine.recipient).get().pk == mine.pk
    assert Subscription.objects.get(pk=mine.pk).rule.terms == same.rule.terms
    for other in (theirs.pk, 10**17):
        assert client.get(f"{page}?rule={other}").status_code == 404
        assert client.post(page, {**given, "id": other}).status_code == 404


def test_it_widens_no_rule_whose_subdomain_is_gone_and_prefers_slugs_to_names() -> None:
    Eval.objects.update(subdomain="")
    System.objects.filter(slug="base").update(name="sol")
    terms = Terms(series=frozenset({INNER}), systems=frozenset({"sol"}), minimum=2.125)
    kept = {name: value for name, value in initial_of(terms).items() if value is not None}
    form = RuleForm(kept, initial=initial_of(terms))
    assert form.is_valid() and form.terms == terms
    assert not RuleForm(kept).is_valid()
    assert "Smallest move: 2.125 points." in rule_words.terms_in_words(terms)


def test_it_takes_the_default_form_with_a_gap_ticked() -> None:
    series = RuleForm().fields["series"].initial
    form = RuleForm({"kind": ["frontier", "gap"], "series": series, "min": "1"})
    assert form.is_valid()
    said = rule_words.terms_in_words(form.terms)
    assert "Safety gaps and generations: of safety and alignment." in said
