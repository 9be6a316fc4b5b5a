"""Django settings: safe by default, what differs between sites is read from the environment.

The variables are listed in `.env.example`; `indexsite.env` reads them and refuses bad values.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
import environ
import pghistory
import plotly
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from indexsite import embedded, env
from indexsite.settings_accounts import *  # noqa: F403
from indexsite.settings_mail import *  # noqa: F403

django_stubs_ext.monkeypatch()
env.read_dotenv()

# Read by NumPy's linear algebra when it loads, which is later than this. The engine's matrices are
# small: a second thread makes nothing faster and keeps another processor busy with waiting.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

BASE_DIR = env.ROOT
DATA_DIR = env.data_dir()
DEBUG = env.flag("DEBUG")
SECRET_KEY = env.secret_key(DATA_DIR)
BIND = env.bind()
PORT = env.port()
SITE_URL = env.site_url()
RELEASE_POLICY = env.choice("RELEASE_POLICY", env.RELEASE_POLICIES, "immediate")
METRICS_TOKEN = env.text("METRICS_TOKEN")

# Bytes, and seconds for a posted body to come.
LARGEST_UPLOAD = env.number("UPLOAD_MEGABYTES", 200, most=100_000) << 20
LARGEST_POST = env.number("POST_MEGABYTES", 100, most=10_000) << 20
POST_SECONDS = 60.0
API_REQUESTS_PER_MINUTE = env.number("API_REQUESTS_PER_MINUTE", 6000, most=1_000_000)
API_READS_PER_MINUTE = env.number("API_READS_PER_MINUTE", 1200, most=1_000_000)
WATCH_FOLDERS = env.folders("WATCH_FOLDERS")
WATCH_DATES = env.dates("WATCH_DATES", WATCH_FOLDERS)
WATCH_SYSTEMS = env.by_source("WATCH_SYSTEMS", WATCH_FOLDERS)
# One person may then approve what they wrote themselves, and every public page says so.
SINGLE_STEWARD = env.flag("SINGLE_STEWARD")
PROPOSALS_PUBLIC = env.flag("PROPOSALS_PUBLIC", True)
# Readers' own baskets: how many a person may have, and how often change them within a day.
OWN_BASKETS_PER_PERSON = env.number("OWN_BASKETS_PER_PERSON", 20, most=1000)
OWN_CHANGES_PER_DAY = env.number("OWN_CHANGES_PER_DAY", 50, most=10_000)
# For tests with a server of their own; addresses of the local network are never fetched.
FEEDS_MAY_REACH_LOOPBACK = False

_site = urlsplit(SITE_URL)
HTTPS = _site.scheme == "https"
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or sorted(
    {_site.hostname or "localhost", "localhost", "127.0.0.1", "[::1]", BIND} - {"0.0.0.0"}  # noqa: S104
)
CSRF_TRUSTED_ORIGINS = [SITE_URL] if HTTPS else []

INSTALLED_APPS = [
    "indexsite",
    # Before accounts, which tidies what they put into the admin.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "accounts",
    "evals",
    "baskets",
    "alerts",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "ninja",
    "pgtrigger",
    "pghistory",
]

MIDDLEWARE = [
    "indexsite.health.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "indexsite.languages.LanguageMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "indexsite.body_cap.BodyCapMiddleware",
    "indexsite.storable.StorableMiddleware",
    "indexsite.api_door.ApiDoorMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "indexsite.page_cache.PageCacheMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SeenMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.audit.AuditMiddleware",
    "accounts.middleware.TwoStepMiddleware",
]

ROOT_URLCONF = "indexsite.urls"
WSGI_APPLICATION = "indexsite.wsgi.application"
ASGI_APPLICATION = "indexsite.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "indexsite.context.site",
                "accounts.context.accounts",
            ],
        },
    },
]


def _database(url: str) -> dict[str, Any]:
    try:
        config = environ.Env.db_url_config(url)
    except ValueError as error:
        # The address may hold a password: only the reason is told.
        raise env.SettingError(f"DATABASE_URL cannot be read: {error}.") from None
    if config.get("ENGINE") != "django.db.backends.postgresql":
        raise env.SettingError("DATABASE_URL must begin with postgres:// (PostgreSQL is required).")
    # A host that never answers must not hold a probe or a page for minutes.
    options = {"connect_timeout": 5, **config.get("OPTIONS", {})}
    return {**config, "OPTIONS": options, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


# Without addresses: those of the site that `make run` keeps running on this data, if it is.
_RUNNING = None if env.text("DATABASE_URL") else embedded.running(DATA_DIR)
_DATABASE_URL = env.text(
    "DATABASE_URL", _RUNNING.database if _RUNNING else "postgres://agi_app@127.0.0.1:5432/agi"
)
_OWNER_URL = env.text("DATABASE_OWNER_URL", _RUNNING.database_owner if _RUNNING else _DATABASE_URL)
DATABASES = {"default": _database(_DATABASE_URL), "owner": _database(_OWNER_URL)}
DATABASE_ROUTERS = ["indexsite.roles.OwnerMigrates"]
# The audit: what was done in which request, task or command stands in each of its rows, which the
# application's role can only add.
PGHISTORY_CONTEXT_FIELD = pghistory.ContextJSONField()
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(related_name="+")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL", _RUNNING.redis if _RUNNING else "redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A page must not wait for a Redis that is away: what it hints at is found by the sweep.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 3600
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_TASK_ROUTES = {
    "evals.tasks.*": {"queue": "imports"},
    # Readers' own baskets wait for whatever else there is.
    "baskets.tasks.run_own": {"queue": "own"},
    "baskets.tasks.*": {"queue": "index"},
    "alerts.tasks.*": {"queue": "alerts"},
    "indexsite.tasks.*": {"queue": "index"},
}
CELERY_BEAT_SCHEDULE = {
    # A message is only a hint: the sweep finds every row of work that nobody holds.
    "sweep": {
        "task": "indexsite.tasks.sweep",
        "schedule": 10.0,
        "options": {"expires": 30},
    },
    "look": {
        "task": "evals.tasks.look",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
}

CACHES = {
    # Pages are cached in each process, keyed by the release: readers need neither Redis nor worker.
    # What counts guesses is in Redis, because the processes must count together.
    "default": {
        "BACKEND": "indexsite.split_cache.SplitCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"MAX_ENTRIES": 500},
    },
    # PNGs under the hash of what they show: about 0.2 MB and half a second of work each.
    "pictures": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pictures",
        "TIMEOUT": 24 * 3600,
        "OPTIONS": {"MAX_ENTRIES": 64},
    },
}

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("zh-hant", _("Traditional Chinese")),
    ("zh-hans", _("Simplified Chinese")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = ["indexsite.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("plotly", Path(plotly.__file__).parent / "package_data"),
]
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "indexsite.stylesheets.JoinedStaticFilesStorage",
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("jpg", "png", "gif", "woff2", "gz", "br", "map")

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^metrics$"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # Plotly draws its image export from a blob and its cursor from a data address.
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
    },
    "handlers": {"stream": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stream"], "level": "INFO"},
    "loggers": {"django": {"handlers": ["stream"], "level": "INFO", "propagate": False}},
}
