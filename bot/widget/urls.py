"""Addresses of the widget and the demo page."""

from django.urls import path

from bot.widget import views

urlpatterns = [
    path("widget.js", views.script, name="widget_script"),
    path("demo/", views.demo, name="demo"),
    *(path(f"demo/{name}", views.demo_asset, {"name": name}) for name in views.ASSETS),
]
