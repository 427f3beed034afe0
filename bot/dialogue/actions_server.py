"""Starts the action server: `python -m bot.dialogue.actions_server`. Loopback only.

Rasa's own start listens on every address, and the server asks nobody who they are.
"""

from __future__ import annotations

import os


def main() -> None:
    """Serve the actions of `actions/`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bot.site.settings")
    import django

    from bot.dialogue import quiet

    django.setup()
    quiet.install()
    from rasa_sdk.endpoint import create_app

    from bot.settings import get_settings

    app = create_app("actions")
    app.run(host="127.0.0.1", port=get_settings().env.actions_port, workers=1, access_log=False)


if __name__ == "__main__":
    main()
