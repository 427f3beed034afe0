"""Where the tests run: loaded before Django reads its settings (`addopts` in pyproject.toml).

Tests never touch the clinic's own data. `TEST_ON=postgresql` runs them on a PostgreSQL and a Redis of
their own instead of SQLite alone.
"""

from __future__ import annotations

import os

from tests import servers

ROOT = servers.ROOT
os.environ["BOT_VAR"] = os.environ.get("BOT_TEST_VAR", str(ROOT / "var" / "test"))
os.environ.update(servers.surroundings())
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["BOT_CACHE_DIR"] = str(ROOT / "var" / "cache")
for name in ("TWILIO_ACCOUNT_SID", "PUBLIC_URL", "CLINIC_FILE"):
    os.environ.pop(name, None)
