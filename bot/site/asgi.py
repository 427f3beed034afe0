"""The gateway as an ASGI application: `uvicorn bot.site.asgi:application`."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bot.site.settings")

from django.core.asgi import get_asgi_application

_django = get_asgi_application()

from bot.site.direct import direct  # noqa: E402 - needs Django's applications to be there

application = direct(_django)
