"""Starts the action server: `python -m bot.dialogue.actions_server [number]`. Loopback only.

Rasa's own start listens on every address, and the server asks nobody who they are.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Serve the actions of `actions/`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bot.site.settings")
    import django

    from bot import logs

    django.setup()
    from rasa_sdk.endpoint import create_app

    from bot.settings import get_settings

    number = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    app = create_app("actions")
    logs.configure("actions")
    app.run(host="127.0.0.1", port=get_settings().env.actions_port + number, workers=1, access_log=False)


if __name__ == "__main__":
    main()
