"""A whole service in one of its two forms, on a disk and a clock of its own, with what is around it that can fail."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests import servers
from tests.tools import ROOT, Service

ON_CALL = "+12125550188"
KINDS = ("WEB", "RASA", "ACTIONS", "WORKER")


class Place:
    """A service in one of its two forms, and what is around it that can fail."""

    def __init__(self, form: str, folder: Path, disk: str) -> None:
        self.form, self.folder = form, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.cut = False
        self.proxy: servers.Proxy | None = None
        self.postgresql: servers.PostgreSQL | None = None
        self.redis: servers.Redis | None = None
        self.clock = folder / "clock"
        self.small = folder / "small"
        self.clock.write_text("0\n")
        self.shifts = shutil.which("cc") is not None
        environment = {"BOT_VAR": str(self._small_disk(disk))}
        if self.shifts:
            shim = folder / "clock.so"
            subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(shim), str(ROOT / "bench" / "clock.c"), "-ldl"],
                           check=True)
            environment |= {"LD_PRELOAD": str(shim), "CLOCK_SHIFT": str(self.clock)}
        if form == "grown-up":
            self.postgresql, self.redis = servers.PostgreSQL(durable=True), servers.Redis()
            environment |= {"DATABASE_URL": self.postgresql.database(), "REDIS_URL": self.redis.url}
            environment |= {f"{kind}_PROCESSES": "2" for kind in KINDS}
        else:
            environment |= {"DATABASE_URL": "", "REDIS_URL": ""}
        clinic = folder / "clinic.yml"
        clinic.write_text((ROOT / "clinic.yml").read_text().replace("  phones: []", f'  phones: ["{ON_CALL}"]', 1))
        environment["CLINIC_FILE"] = str(clinic)
        self.service = Service(folder, **environment)

    def __enter__(self) -> Place:
        try:
            self.service.__enter__()
        except BaseException:
            self.__exit__()
            raise
        if self.form == "grown-up":
            first = int(self.service.base.rsplit(":", 1)[1])
            self.proxy = servers.Proxy([first, first + 1])
        return self

    def __exit__(self, *args: object) -> None:
        self.service.__exit__()
        for each in (self.proxy, self.postgresql, self.redis):
            if each is not None:
                each.end()
        if self.small.is_mount():
            subprocess.run(["umount", "-l", str(self.small)], check=False)

    @property
    def base(self) -> str:
        """Where patients find it."""
        return self.proxy.base if self.proxy else self.service.base

    def _small_disk(self, size: str) -> Path:
        """Return a folder on a small disk of its own, where this machine lets us make one."""
        self.small.mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(self.small)], check=False,
                       stderr=subprocess.DEVNULL)
        return self.small / "var"
