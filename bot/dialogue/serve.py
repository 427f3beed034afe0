"""Starts Rasa for the service: `python -m bot.dialogue.serve [number]`. Loopback only, no HTTP API."""

from __future__ import annotations

import os
import sys

from bot.dialogue.archive import checked_archive
from bot.dialogue.environment import export
from bot.sums import AlteredFile, check_pin

# A start of Rasa takes a processor for half a minute, and danger is answered by the web process without it.
BEHIND_WEB = 5


def main() -> None:
    """Serve the model; ends with one line when there is none, or when it is not the one that was trained."""
    os.nice(BEHIND_WEB)
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    env = export(number)
    try:
        check_pin(env.models, env.models_sha256)
        model = checked_archive(env.models, env.var / f"model-{env.rasa_port + number}")
    except (FileNotFoundError, AlteredFile) as error:
        sys.exit(f"error: {error}")
    from bot.dialogue import quiet, shared, speed

    quiet.install()
    speed.apply()
    shared.warm_up()
    from rasa.__main__ import main as rasa

    sys.argv = ["rasa", "run", "--interface", "127.0.0.1", "--port", str(env.rasa_port + number),
                "--model", str(model), "--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
    rasa()


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main()
