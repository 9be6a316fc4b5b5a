"""What a rule would have sent, over the shipped history and over a small one."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from alerts import services
from alerts.backtests import back_test
from alerts.hindsight import said
from alerts.models import Event
from alerts.rules import Kind, Terms
from baskets.models import Basket, Release
from tests.alerts.conftest import MakeRelease

EVERYTHING = Terms(kinds=frozenset(Kind), minimum=0.1)


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.mark.usefixtures("catalog_db")
def test_it_tries_a_rule_on_the_shipped_history_in_few_statements() -> None:
    basket = Basket.objects.get(slug="agi")
    for release in Release.objects.filter(basket=basket).defer("bundle").order_by("number"):
        services.examine_release(release)
    assert not Event.objects.filter(reconstructed=False).exists()
    with CaptureQueriesContext(connection) as asked:
        tried = back_test(EVERYTHING, basket)
        render_to_string("alerts/backtest.html", {"backtest": tried})
    assert len(asked) <= 5
    assert tried.since == basket.releases.order_by("number")[0].vintage_on
    assert 10 < len(tried.messages) == tried.reconstructed
    wanted = Terms(series=frozenset({"capability"}), significant=True)
    titles = [line.title for row in said(back_test(wanted, basket)).rows for line in row.lines]
    assert "Claude Opus 4.5 moved the capability index up 18.3 points" in titles
    assert 1 < len(titles) < len(tried.messages)


def test_it_says_how_often_it_would_have_spoken_and_what_did_not_last(
    make_release: MakeRelease, world: Basket
) -> None:
    history = [{"base": 40, "old": 60}, {"base": 40, "old": 60, "sol": 90}, {"base": 40, "old": 60,
               "sol": 50}]  # fmt: skip
    for scores in history:
        services.examine_release(make_release(scores, reconstructed=True))
    tried = back_test(Terms(series=frozenset({"safety"})), world)
    # That Old leads again is no progress of Old: it is told as a lead that was taken back.
    assert [(one.message.place, one.message.level) for one in tried.messages] == [
        (2, "alert"), (3, "recovered")]  # fmt: skip
    assert tried.messages[0].all_gone and tried.gone == 1
    text = plain(render_to_string("alerts/backtest.html", {"backtest": tried}))
    assert "This rule would have sent 2 messages since November 2026." in text
    assert "1 of them said something that later releases revised away." in text
    assert "2 of them come from reconstructed releases" in text
    assert "GPT-6.1 Sol moved the safety index up 75.0 points revised away later" in text


def test_it_says_when_there_is_nothing_to_try_a_rule_on(world: Basket) -> None:
    tried = back_test(Terms(), world)
    assert said(tried).sentence == "There is no release yet on which the rule could be tried."
