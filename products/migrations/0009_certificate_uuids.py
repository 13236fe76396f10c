import uuid

from django.db import migrations, models

BATCH = 1000


def fill(apps, schema_editor):
    Certificate = apps.get_model("products", "Certificate")
    batch = []
    for certificate in Certificate.objects.only("pk", "uuid").order_by("pk").iterator(BATCH):
        # The column was added with one value for every row.
        certificate.uuid = uuid.uuid4()
        batch.append(certificate)
        if len(batch) == BATCH:
            Certificate.objects.bulk_update(batch, ["uuid"])
            batch = []
    Certificate.objects.bulk_update(batch, ["uuid"])


class Migration(migrations.Migration):
    # Rows are written and the column is altered: on PostgreSQL not in one transaction.
    atomic = False

    dependencies = [("products", "0008_life_of_a_recognition")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="certificate",
            name="uuid",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AlterField(
            model_name="historicalcertificate",
            name="uuid",
            field=models.UUIDField(db_index=True, default=uuid.uuid4, editable=False),
        ),
    ]
