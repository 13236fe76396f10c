from django.db import migrations

from portal.text.folding import fold

CHUNK = 500
LONGEST = 300


def fill(apps, schema_editor):
    """Write the folded names of products entered before the column was there."""
    Product = apps.get_model("products", "Product")
    rows = []
    for row in Product.objects.filter(folded="").only("pk", "name").iterator(CHUNK):
        row.folded = fold(row.name)[:LONGEST]
        rows.append(row)
        if len(rows) == CHUNK:
            Product.objects.bulk_update(rows, ["folded"])
            rows = []
    Product.objects.bulk_update(rows, ["folded"])


class Migration(migrations.Migration):
    dependencies = [("products", "0006_folded_names_and_measures")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
