"""What a site's environment says about its accounts."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.roles import GROUPS
from indexsite import env
from indexsite.settings_accounts import _ROLES
from tests.accounts.people import make, sign_in

Read = Callable[..., dict[str, Any]]
PROVIDER = {
    "OIDC_ISSUER": "https://id.lab.example/",
    "OIDC_CLIENT_ID": "agi",
    "OIDC_CLIENT_SECRET": "s",
}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    """What the module of settings makes of an environment."""

    def run(**variables: str) -> dict[str, Any]:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(env.ROOT / "indexsite" / "settings_accounts.py"))

    return run


@pytest.mark.parametrize(
    ("variables", "demanded"),
    [
        ({"SITE_URL": "https://index.example"}, True),
        ({"SITE_URL": ""}, False),
        ({"SITE_URL": "", "MFA_REQUIRED": "true"}, True),
    ],
)
def test_two_steps_are_demanded_where_others_can_reach_the_site(
    read: Read, variables: dict[str, str], demanded: bool
) -> None:
    found = read(**variables)
    assert found["MFA_REQUIRED"] is demanded and found["ACCOUNTS_OPEN"] is True
    assert found["SOCIALACCOUNT_PROVIDERS"] == {}


def test_it_knows_the_roles_that_a_group_can_bring() -> None:
    assert set(_ROLES) == set(GROUPS)


def test_it_takes_a_provider_and_its_groups(read: Read) -> None:
    found = read(**PROVIDER, OIDC_GROUPS="editors=steward, data = importer")
    (app,) = found["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"]
    assert app["settings"]["server_url"] == found["OIDC_ISSUER"] == "https://id.lab.example"
    assert found["OIDC_GROUPS"] == {"editors": "steward", "data": "importer"}


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({**PROVIDER, "OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET must be set too"),
        ({**PROVIDER, "OIDC_ISSUER": "http://id.lab.example"}, "use an https:// address"),
        ({**PROVIDER, "OIDC_GROUPS": "editors"}, "use theirs=ours"),
        ({"OIDC_GROUPS": "a=steward,a=admin"}, "OIDC_GROUPS names a twice"),
        ({"OIDC_GROUPS": "a=king"}, "OIDC_GROUPS names the role king"),
    ],
    ids=["partly", "plain", "form", "twice", "role"],
)
def test_it_refuses_what_cannot_be_meant(
    read: Read, variables: dict[str, str], reason: str
) -> None:
    with pytest.raises(env.SettingError, match=reason):
        read(**variables)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/evals/", "/releases/", "/robots.txt", "/api/v1/evals"])
def test_public_pages_read_no_session_of_whoever_is_signed_in(client: Client, path: str) -> None:
    make()
    sign_in(client)
    answer = client.get(path)
    assert "Cookie" not in answer.get("Vary", "") and not answer.cookies
    assert not answer.wsgi_request.session.accessed
