"""The desk alone, so that its tests need no gateway."""

from django.urls import include, path

urlpatterns = [path("desk/", include("bot.desk.urls")), path("desk/", include("bot.desk.calendar_urls"))]
