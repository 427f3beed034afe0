"""Encrypts the numbers that were stored plain, and takes them out of the outbox's keys."""

from django.db import migrations

FIELDS = (("Conversation", "phone"), ("PhoneConsent", "phone"), ("Outbox", "to"))


def encrypt_what_is_there(apps, schema_editor):
    """Write every number once more; reading takes both kinds, writing encrypts."""
    for name, field in FIELDS:
        model = apps.get_model("records", name)
        changed = []
        for row in model.objects.only("pk", field).iterator(2000):
            changed.append(row)
            if len(changed) == 2000:
                model.objects.bulk_update(changed, [field])
                changed = []
        model.objects.bulk_update(changed, [field])
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("UPDATE records_outbox SET key = 'before:' || id WHERE key LIKE 'alert:%'")


class Migration(migrations.Migration):

    dependencies = [("records", "0600_texts")]
    operations = [migrations.RunPython(encrypt_what_is_there, migrations.RunPython.noop)]
