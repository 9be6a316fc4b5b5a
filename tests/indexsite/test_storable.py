"""Addresses with a NUL in them."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/admin/evals/eval/?name=%00",
        "/admin/evals/eval/?q=a%00b",
        "/admin/evals/eval/a%00b/change/",
        "/zh-hant/admin/evals/system/?q=%00",
    ],
)
def test_it_is_a_bad_request_in_the_admin(admin_client: Client, address: str) -> None:
    assert admin_client.get(address).status_code == 400


@pytest.mark.django_db
def test_a_percent_sign_that_is_meant_is_let_through(admin_client: Client) -> None:
    assert admin_client.get("/admin/evals/eval/?q=%2500").status_code == 200
