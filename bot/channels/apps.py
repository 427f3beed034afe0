"""The gateway and the channels that patients use."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "bot.channels"
    label = "channels"
