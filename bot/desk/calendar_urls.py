"""The calendar's addresses, under `/desk/`; a separate list, as it is a room of its own at the desk."""

from django.urls import path

from bot.desk.views import calendar, visits

app_name = "calendar"

urlpatterns = [
    path("calendar/", calendar.week, name="week"),
    path("calendar/day/", calendar.day, name="day"),
    path("calendar/find/", calendar.find, name="find"),
    path("calendar/book/", calendar.book, name="book"),
    path("calendar/block/", calendar.block, name="block"),
    path("calendar/block/<int:pk>/free/", calendar.unblock, name="unblock"),
    path("visits/<int:pk>/", visits.page, name="visit"),
    path("visits/<int:pk>/move/", visits.move, name="move"),
    path("visits/<int:pk>/cancel/", visits.cancel, name="cancel"),
    path("visits/<int:pk>/mark/", visits.mark, name="mark"),
    path("requests/", visits.requests, name="requests"),
    path("requests/<int:pk>/settle/", visits.settle, name="settle"),
]
