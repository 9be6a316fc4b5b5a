"""Pages that take no files take no large bodies."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from indexsite.body_cap import LARGE

LARGEST_FORM = {"x": "y"}
HUGE = {"Content-Length": str(300 << 20)}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/accounts/login/", "/", "/nowhere/"])
def test_it_refuses_a_large_body_before_reading_it(address: str) -> None:
    answer = Client().post(address, LARGEST_FORM, headers=HUGE)
    assert answer.status_code == 413


@pytest.mark.django_db
def test_it_lets_small_bodies_through() -> None:
    assert Client().post("/accounts/login/", LARGEST_FORM).status_code == 200


def test_it_leaves_the_addresses_that_take_files_to_themselves() -> None:
    assert {reverse("imports:upload"), "/api/v1/results"} == set(LARGE)
