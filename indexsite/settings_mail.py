"""Settings of the mail: by which server it goes, or into which files.

`indexsite.settings` takes over every name in capitals.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from indexsite import env

env.read_dotenv()
_HOST = urlsplit(env.site_url()).hostname

try:
    _MAIL = environ.Env.email_url_config(env.text("EMAIL_URL", "consolemail://"))
except (ImproperlyConfigured, ValueError) as _error:
    raise env.SettingError(
        f"EMAIL_URL cannot be read: {_error}; use for example smtp+tls://user:password@host:587."
    ) from None
EMAIL_TO_FILES = not env.text("EMAIL_URL")
EMAIL_BACKEND = (
    "django.core.mail.backends.filebased.EmailBackend" if EMAIL_TO_FILES else _MAIL["EMAIL_BACKEND"]
)
EMAIL_FILE_PATH = str(env.data_dir() / "mail")
EMAIL_HOST = _MAIL.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _MAIL.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _MAIL.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _MAIL.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = bool(_MAIL.get("EMAIL_USE_TLS", False))
EMAIL_USE_SSL = bool(_MAIL.get("EMAIL_USE_SSL", False))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", f"AGI Index <alerts@{_HOST or 'localhost'}>")
# Where mail that comes back goes, as name@host; the mail server hands it to `take_bounces`.
EMAIL_BOUNCES = env.text("EMAIL_BOUNCES")
# Receivers of alerts that may be reached although they are in a private network, as host:port.
ALERTS_ALLOW_PRIVATE = env.words("ALERTS_ALLOW_PRIVATE")
# Days after which sent, failed and dropped messages are deleted; fewer than 8 count as 8.
ALERTS_KEEP_DAYS = env.number("ALERTS_KEEP_DAYS", 90, most=36_500)
