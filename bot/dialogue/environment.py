"""What Rasa's own YAML files read from the environment."""

from __future__ import annotations

import os

from bot.settings import Environment, get_settings


def export(number: int = 0) -> Environment:
    """Set the variables that `endpoints.yml` and `credentials.yml` name, for the Rasa process of this number."""
    env = get_settings().env
    env.var.mkdir(parents=True, exist_ok=True)
    os.environ.update({
        "RASA_TELEMETRY_ENABLED": "false",
        "ACTIONS_URL": f"{env.actions_urls[number % len(env.actions_urls)]}/webhook",
        "RASA_LOCKS_URL": env.redis_url or "none",
        "BOT_INTERNAL_TOKEN": env.internal_token,
        "RASA_TRACKER_URL": env.dialogue_url,
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    })
    return env

