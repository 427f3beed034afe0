"""The gateway as an ASGI application: `uvicorn bot.site.asgi:application`."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bot.site.settings")

from django.core.asgi import get_asgi_application

_django = get_asgi_application()

from bot import logs  # noqa: E402 - what follows needs Django's applications to be there
from bot.channels.new_models import follow  # noqa: E402
from bot.site.direct import direct  # noqa: E402
from bot.site.requests import with_request  # noqa: E402

logs.configure("web")
application = with_request(direct(_django))
follow()
