"""Django's settings, derived from `clinic.yml` and the environment."""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

import dj_database_url

from bot.settings import ROOT, SettingsError, get_settings

try:
    _settings = get_settings()
except SettingsError as error:  # one line, no traceback: whoever starts a process by hand reads this
    sys.exit(f"error: {error}")
_env = _settings.env

BASE_DIR = ROOT
SECRET_KEY = _env.secret_key
DEBUG = _env.debug
ALLOWED_HOSTS = list({"127.0.0.1", "localhost", "[::1]", urlsplit(_env.public_url).hostname or "localhost"})
CSRF_TRUSTED_ORIGINS = [_env.public_url]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_tasks",
    "django_tasks_db",
    "django_htmx",  # for the copy of htmx that it carries
    "bot.records",
    "bot.channels",
    "bot.desk",
    "bot.widget",
]

# The patients' paths carry no session and no cookie, so they skip what the desk needs.
MIDDLEWARE = ["bot.site.middleware.desk_stack"]
DESK_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "bot.site.urls"
ASGI_APPLICATION = "bot.site.asgi.application"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]

DATABASES = {"default": dj_database_url.parse(_env.database_url, conn_max_age=None, conn_health_checks=True)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
    DATABASES["default"]["OPTIONS"] = {
        # Writers queue for up to 20 s instead of failing; a reader never waits for a writer.
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                        # What is erased is overwritten, not only let go of.
                        "PRAGMA secure_delete=ON;",
    }
    # Tests use several threads, and they need a file: a shared database in memory locks whole tables.
    DATABASES["default"]["TEST"] = {"NAME": str(_env.var / "test.sqlite3")}
else:
    # A database that does not answer is noticed within seconds, and a machine that dies lets go of its rows.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 3, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3,
        "tcp_user_timeout": 10_000, "options": "-c lock_timeout=15s -c idle_in_transaction_session_timeout=30s",
        **DATABASES["default"].get("OPTIONS", {})}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "bot.desk.passwords.NotLeaked"},
]
LOGIN_URL = "/desk/login/"
LOGIN_REDIRECT_URL = "/desk/"
SESSION_COOKIE_AGE = 60 * 60 * 8
SESSION_COOKIE_PATH = "/desk/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _env.public_url.startswith("https://")
CSRF_COOKIE_PATH = "/desk/"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

LANGUAGE_CODE = "en-us"
TIME_ZONE = _settings.clinic.time_zone
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = _env.var / "static"
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
if _env.email_url:
    _mail = urlsplit(_env.email_url)
    EMAIL_HOST = _mail.hostname or "localhost"
    EMAIL_PORT = _mail.port or 25
    EMAIL_HOST_USER = _mail.username or ""
    EMAIL_HOST_PASSWORD = _mail.password or ""
    EMAIL_USE_TLS = _mail.scheme == "smtps"
else:  # nothing is sent anywhere until a server is named
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = _env.var / "mail"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = _settings.clinic.email or "assistant@localhost"

# Every process sets its own logs up: see `bot/logs.py`.
LOGGING_CONFIG = None
