"""The gateway as an ASGI application: `uvicorn bot.site.asgi:application`."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bot.site.settings")

from django.core.asgi import get_asgi_application

application = get_asgi_application()
