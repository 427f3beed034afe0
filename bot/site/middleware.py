"""Sessions, CSRF and sign-in for the desk only; the patients' paths stay bare and fast."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

DESK_PATHS = ("/desk/", "/static/")
GetResponse = Callable[[HttpRequest], Awaitable[HttpResponse]]


def desk_stack(get_response: Any) -> Any:
    """Return a handler that sends `/desk/` through Django's usual middleware and the rest straight on."""
    if not iscoroutinefunction(get_response):
        stack = get_response
        for name in reversed(settings.DESK_MIDDLEWARE):
            stack = import_string(name)(stack)

        def handle(request: HttpRequest) -> HttpResponse:
            return stack(request) if request.path.startswith(DESK_PATHS) else get_response(request)

        return handle

    def to_view(request: HttpRequest) -> HttpResponse:
        from asgiref.sync import async_to_sync

        return async_to_sync(get_response)(request)

    stack = to_view
    for name in reversed(settings.DESK_MIDDLEWARE):
        stack = import_string(name)(stack)
    in_thread = sync_to_async(_with_fresh_connections(stack), thread_sensitive=True)

    async def handle_async(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(DESK_PATHS):
            return await in_thread(request)
        return await get_response(request)

    markcoroutinefunction(handle_async)
    return handle_async


def _with_fresh_connections(stack: Any) -> Any:
    """Drop connections that the database has closed, before and after a request of the desk."""
    def handle(request: HttpRequest) -> HttpResponse:
        close_old_connections()
        try:
            return stack(request)  # type: ignore[no-any-return]
        finally:
            close_old_connections()

    return handle


desk_stack.sync_capable = True  # type: ignore[attr-defined]
desk_stack.async_capable = True  # type: ignore[attr-defined]
