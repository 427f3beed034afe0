"""The staff desk."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "bot.desk"
    label = "desk"

    def ready(self) -> None:
        from bot.desk import erasure
        from bot.records.erase import forgotten

        forgotten.connect(erasure.forget_notes)
