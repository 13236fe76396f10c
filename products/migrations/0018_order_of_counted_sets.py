import re

from django.db import migrations

from portal.text.folding import sort_key

CHUNK = 500
LONGEST = 240
# "Bộ 3 sản phẩm …"; those without a number have stood in their order before.
COUNTED = re.compile(r"bộ\s+(?:\d+|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười)\s+sản phẩm[\s:,\-–]*", re.IGNORECASE)


def order_by_what_follows(apps, schema_editor):
    """Give sets that tell their number the place in the alphabet that "Bộ sản phẩm …" has."""
    Product = apps.get_model("products", "Product")
    rows = []
    for row in Product.objects.filter(folded__startswith="bo ").only("pk", "name").iterator(CHUNK):
        if begun := COUNTED.match(row.name):
            row.sort_key = sort_key(row.name[begun.end() :])[:LONGEST]
            rows.append(row)
    Product.objects.bulk_update(rows, ["sort_key"], batch_size=CHUNK)


class Migration(migrations.Migration):
    dependencies = [("products", "0017_photo_captions_in_english")]

    operations = [migrations.RunPython(order_by_what_follows, migrations.RunPython.noop)]
