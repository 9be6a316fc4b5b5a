"""Settings of the accounts: who may sign up, how people prove who they are, what is limited.

`indexsite.settings` takes over every name in capitals.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from indexsite import env

env.read_dotenv()
_SITE_URL = env.site_url()
_HTTPS = _SITE_URL.startswith("https://")

ACCOUNTS_OPEN = env.flag("ACCOUNTS_OPEN", True)
# A site on one machine must be easy to begin with; one on the internet must not be easy to take.
MFA_REQUIRED = env.flag("MFA_REQUIRED", _HTTPS)

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backend.SignInBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "imports:runs"

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "accounts.entry_forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_USERNAME_BLACKLIST = ["admin", "administrator", "root", "system", "agi-index"]
ACCOUNT_USERNAME_MIN_LENGTH = 2
ACCOUNT_USERNAME_VALIDATORS = "accounts.forms.username_validators"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if _HTTPS else "http"
# Guesses are counted for each network and for each account, whichever of its names is tried.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,60/h/ip,5/5m/key,20/h/key",
    "signup": "10/m/ip,30/h/ip",
    "reset_password": "10/m/ip,3/15m/key",
    "reset_password_from_key": "10/m/ip",
    "confirm_email": "1/3m/key",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
    "reauthenticate": "10/m/user",
}

MFA_ADAPTER = "accounts.two_step.TwoStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "AGI Index"
# A code may be half a minute early or late, and is taken once (accounts.entry_forms).
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "accounts.entry_forms.SecondStepForm",
    "reauthenticate": "accounts.entry_forms.IsItYouForm",
}
# Nobody signs in before an address is confirmed, so an address may be changed later as well.
MFA_ALLOW_UNVERIFIED_EMAIL = True

OIDC_NAME = env.text("OIDC_NAME", "OpenID Connect")
OIDC_ISSUER = env.text("OIDC_ISSUER").rstrip("/")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env.text("OIDC_CLIENT_SECRET")
OIDC_GROUPS_CLAIM = env.text("OIDC_GROUPS_CLAIM")
OIDC_GROUPS = env.pairs("OIDC_GROUPS")
OIDC_PROVIDER = "sso"
_ROLES = ("viewer", "importer", "steward", "approver", "admin")
if _odd := sorted(set(OIDC_GROUPS.values()) - set(_ROLES)):
    raise env.SettingError(
        f"OIDC_GROUPS names the role {_odd[0]}; use one of: {', '.join(_ROLES)}."
    )


def _provider() -> dict[str, Any]:
    """The one provider of the environment; SettingError where only a part of it is set."""
    given = {
        "OIDC_ISSUER": OIDC_ISSUER,
        "OIDC_CLIENT_ID": OIDC_CLIENT_ID,
        "OIDC_CLIENT_SECRET": OIDC_CLIENT_SECRET,
    }
    missing = [name for name, value in given.items() if not value]
    if len(missing) == len(given):
        return {}
    if missing:
        raise env.SettingError(f"{' and '.join(missing)} must be set too, or none of the OIDC_*.")
    parts = urlsplit(OIDC_ISSUER)
    if parts.scheme != "https" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise env.SettingError(f"OIDC_ISSUER is {OIDC_ISSUER!r}; use an https:// address.")
    app = {
        "provider_id": OIDC_PROVIDER,
        "name": OIDC_NAME,
        "client_id": OIDC_CLIENT_ID,
        "secret": OIDC_CLIENT_SECRET,
        "settings": {"server_url": OIDC_ISSUER, "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


SOCIALACCOUNT_ADAPTER = "accounts.oidc.OidcAdapter"
SOCIALACCOUNT_PROVIDERS = _provider()
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_STORE_TOKENS = False
# Only an address that the provider and this site have both confirmed leads to an existing account.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
