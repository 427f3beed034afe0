"""The clinic's records: what was said, what was screened, who was told."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RecordsConfig(AppConfig):
    name = "bot.records"
    label = "records"

    def ready(self) -> None:
        from bot.records import guards

        post_migrate.connect(guards.install, sender=self)
