"""Indexes that answer the catalogue's facet counts by themselves."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("facilities", "0001_initial"),
        ("products", "0003_product_set_certain"),
        ("territory", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["id", "group"], name="product_facet_group"),
        ),
        migrations.AddIndex(
            model_name="recognition",
            index=models.Index(
                condition=models.Q(("published_at__isnull", False), ("stage", "recognised")),
                fields=["product", "level"],
                name="recognition_facet_level",
            ),
        ),
        migrations.AddIndex(
            model_name="recognition",
            index=models.Index(
                condition=models.Q(("published_at__isnull", False), ("stage", "recognised")),
                fields=["product", "year"],
                name="recognition_facet_year",
            ),
        ),
        migrations.AddIndex(
            model_name="recognition",
            index=models.Index(
                condition=models.Q(("published_at__isnull", False), ("stage", "recognised")),
                fields=["product", "territory"],
                name="recognition_facet_territory",
            ),
        ),
    ]
