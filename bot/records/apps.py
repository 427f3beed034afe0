"""The clinic's records: what was said, what was screened, who was told."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "bot.records"
    label = "records"
