"""Every address of the gateway."""

from django.urls import include, path

urlpatterns = [
    path("", include("bot.channels.urls")),
    path("", include("bot.widget.urls")),
    path("desk/", include("bot.desk.urls")),
    path("desk/", include("bot.desk.calendar_urls")),
]
