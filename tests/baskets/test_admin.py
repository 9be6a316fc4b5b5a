"""The weight table of a draft in the admin."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from baskets.models import Basket, BasketVersion
from baskets.services.publishing import draft_from

pytestmark = pytest.mark.usefixtures("catalog_db")
SHARE = re.compile(r'<td class="field-share">\s*<p>([0-9.]+) %</p>')


def change_page(version: BasketVersion) -> str:
    """The version's page as an administrator sees it."""
    client = Client()
    ada = User.objects.filter(username="ada").first() or User.objects.create_superuser("ada")
    client.force_login(ada)
    address = reverse("admin:baskets_basketversion_change", args=[version.pk])
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def draft() -> BasketVersion:
    newest = Basket.objects.get(slug="agi").versions.get(number=3)
    return draft_from(newest, author="ada")


def test_it_shows_the_share_of_every_weight(draft: BasketVersion) -> None:
    weight = draft.weights.get(eval__slug="hle")
    weight.weight = 1.0
    weight.save()
    shares = [float(share) for share in SHARE.findall(change_page(draft))]
    assert len(shares) == draft.weights.count()
    assert sum(shares) == pytest.approx(100, abs=0.2)
    assert max(shares) > 50


def test_it_offers_no_field_of_a_published_version(draft: BasketVersion) -> None:
    page = change_page(draft.basket.versions.get(number=3))
    assert 'name="weights-0-weight"' not in page
    assert "/publish/" not in page
    assert 'name="weights-0-weight"' in change_page(draft)
