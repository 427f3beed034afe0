"""The gateway and the channels that patients use."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "bot.channels"
    label = "channels"

    def ready(self) -> None:
        """Spare the patients' calls two hops to another thread at each start of a request.

        The gateway's own threads look after their connections, and so does the desk's stack.
        """
        from django.core import signals
        from django.db import close_old_connections, reset_queries

        signals.request_started.disconnect(reset_queries)
        signals.request_started.disconnect(close_old_connections)
        signals.request_finished.disconnect(close_old_connections)
