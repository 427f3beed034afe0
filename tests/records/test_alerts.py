"""One alert for one thing, found without looking through the whole clinic's."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bot.records import store
from bot.records.alerts import raise_alert
from bot.records.models import Alert, Outbox
from bot.settings import Alerts, get_settings

pytestmark = pytest.mark.django_db


def test_only_something_more_urgent_is_told_again():
    clinic = get_settings().clinic.copy(update={"alerts": Alerts(emails=("desk@clinic.example",))})
    conversation = store.open_conversation("web")
    for level in ("P2", "P2", "P1", "P1", "P2"):
        raise_alert(clinic, conversation, None, level, "crisis.suicide")
    assert sorted(Alert.objects.values_list("priority", flat=True)) == ["P1", "P2"]
    assert Outbox.objects.count() == 2
    Alert.objects.update(acknowledged_at="2026-01-01T00:00:00Z")
    raise_alert(clinic, conversation, None, "P1", "crisis.suicide")
    assert Alert.objects.count() == 3
    assert Outbox.objects.count() == 3


def test_an_open_alert_is_looked_for_in_its_own_conversation():
    if connection.vendor != "sqlite":
        pytest.skip("the plan of SQLite")
    with CaptureQueriesContext(connection) as queries:
        raise_alert(get_settings().clinic, store.open_conversation("web"), None, "P1", "crisis.suicide")
    looked = next(query["sql"] for query in queries if query["sql"].startswith("SELECT priority"))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {looked}")
        assert "conversation_id=?" in cursor.fetchone()[3]
