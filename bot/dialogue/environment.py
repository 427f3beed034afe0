"""What Rasa's own YAML files read from the environment."""

from __future__ import annotations

import os

from bot.settings import Environment, get_settings


def export() -> Environment:
    """Set the variables that `endpoints.yml` and `credentials.yml` name; returns the settings."""
    env = get_settings().env
    env.var.mkdir(parents=True, exist_ok=True)
    os.environ.update({
        "RASA_TELEMETRY_ENABLED": "false",
        "ACTIONS_URL": f"http://127.0.0.1:{env.actions_port}/webhook",
        "BOT_INTERNAL_TOKEN": env.internal_token,
        "RASA_TRACKER_URL": env.dialogue_url,
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    })
    return env

