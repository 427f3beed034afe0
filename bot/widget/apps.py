"""The chat widget and the demo page."""

from django.apps import AppConfig


class WidgetConfig(AppConfig):
    name = "bot.widget"
    label = "widget"
