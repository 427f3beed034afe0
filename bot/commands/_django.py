"""Sets Django up for commands that need the records or the models' shapes."""

from __future__ import annotations

import os

from bot import logs


def setup(database: bool = False) -> None:
    """Set Django up, and bring the database up to date when it will be used."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bot.site.settings")
    import django

    django.setup()
    logs.configure("command")
    if database:
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)
