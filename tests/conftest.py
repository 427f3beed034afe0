"""Fixtures over the real parts: the trained models, and the whole service on free ports."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator

import pytest

from tests.tools import initdb


@pytest.fixture(scope="session")
def trained() -> None:
    """Train what is stale, once."""
    from bot.commands import train
    from tests.tools import arguments

    assert train.run(arguments(force=False, quiet=True)) == 0


@pytest.fixture(scope="session")
def live_service(trained: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """Start the whole service with a database of its own, for a clinic whose site stands on another port."""
    from tests.tools import Service, clinic_with_site

    folder = tmp_path_factory.mktemp("service")
    clinic, site = clinic_with_site(folder)
    with Service(folder, CLINIC_FILE=str(clinic)) as service:
        service.site = site
        yield service


@pytest.fixture(scope="session")
def live_gateway(live_service: object) -> str:
    """Return the base address of the whole service."""
    return str(live_service.base)  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def screen_and_replies() -> tuple[object, object]:
    """Return the real screen and the real replies."""
    from bot.channels.service import embedder_or_none, replies_for, screen_for
    from bot.settings import get_settings

    settings = get_settings()
    return screen_for(settings.env.models, embedder_or_none()), replies_for(settings.clinic.country)


@pytest.fixture(autouse=True, scope="session")
def _tests_may_empty_the_audit() -> None:
    """Lift the database's guard over the audit while a test with real transactions empties its tables."""
    from django.test import TransactionTestCase

    from bot.records import guards

    empty = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def lifted(case: TransactionTestCase) -> None:
        guards.lift_audit_guard()
        try:
            empty(case)
        finally:
            guards.install()

    TransactionTestCase._fixture_teardown = lifted  # type: ignore[attr-defined]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine lacks, with a line that says so; in CI nothing is skipped."""
    if os.environ.get("CI"):
        return
    lacking = {}
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        lacking["browser"] = "Chromium and its driver are not installed (apt-get install chromium chromium-driver)"
    if not initdb():
        lacking["postgresql"] = "PostgreSQL is not installed (apt-get install postgresql)"
    for item in items:
        for keyword in lacking.keys() & set(item.keywords):
            item.add_marker(pytest.mark.skip(reason=lacking[keyword]))
    if sys.platform == "win32":
        pytest.exit("Windows is not supported")
