"""A trigram index for search on PostgreSQL, and the register's mark."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

INDEX = "product_search_trigram"


def create_index(apps, schema_editor):
    # SQLite has no trigram index; there a table scan answers.
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"CREATE INDEX {INDEX} ON products_product USING gin (search_text gin_trgm_ops)")


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {INDEX}")


class Migration(migrations.Migration):
    dependencies = [("products", "0001_initial")]

    operations = [
        TrigramExtension(),
        migrations.RunPython(create_index, drop_index),
        migrations.CreateModel(
            name="RegisterMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=32, verbose_name="dấu của sổ công nhận")),
            ],
            options={
                "verbose_name": "dấu của sổ công nhận",
                "verbose_name_plural": "dấu của sổ công nhận",
            },
        ),
    ]
