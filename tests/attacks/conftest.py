"""The service as the public meets it: a public address, and nginx with our example configuration in front."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.attacks.front import Nginx
from tests.tools import ROOT, Service

HOST = "chat.clinic.example"


@dataclass
class House:
    """The service and the proxy before it."""

    service: Service
    nginx: Nginx

    @property
    def database(self) -> Path:
        """Where the records are."""
        return Path(self.service.environment["BOT_VAR"]) / "bot.sqlite3"


@pytest.fixture(scope="session")
def house(trained: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Start both."""
    if shutil.which("nginx") is None and Path("/usr/sbin/nginx").exists() is False:
        pytest.fail("nginx is not installed (apt-get install nginx)")
    folder = tmp_path_factory.mktemp("house")
    text = (ROOT / "clinic.yml").read_text().replace("allow_public: false", "allow_public: true")
    (folder / "clinic.yml").write_text(text)
    with Service(folder, CLINIC_FILE=str(folder / "clinic.yml"), PUBLIC_URL=f"https://{HOST}",
                 TWILIO_AUTH_TOKEN="7b1e4a3a9d530a2b3d1f4c608d1a0c55") as service, \
            Nginx(folder / "nginx", HOST, int(service.base.rpartition(":")[2])) as nginx:
        yield House(service, nginx)
