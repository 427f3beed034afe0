"""Starts Rasa for the service: `python -m bot.dialogue.serve [number]`. Loopback only, no HTTP API."""

from __future__ import annotations

import os
import sys

from bot.dialogue.environment import export


def main() -> None:
    """Serve the newest model; ends with one line when there is none."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    env = export(number)
    models = env.models / "rasa"
    if not any(models.glob("*.tar.gz")):
        sys.exit(f"error: no model in {models}: run `python -m bot train`")
    from bot.dialogue import quiet, shared, speed

    quiet.install()
    speed.apply()
    shared.warm_up()
    from rasa.__main__ import main as rasa

    sys.argv = ["rasa", "run", "--interface", "127.0.0.1", "--port", str(env.rasa_port + number),
                "--model", str(models), "--endpoints", "endpoints.yml", "--credentials", "credentials.yml",
                "--log-file", str(env.var / "log" / f"rasa-server{number or ''}.log")]
    rasa()


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main()
