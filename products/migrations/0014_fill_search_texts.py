from django.db import migrations
from django.db.models import Q

from portal.text.folding import fold

CHUNK = 500
LONGEST_EXTRA, LONGEST_TEXT = 300, 1000


def further(texts, known):
    said = set(known)
    return [word for word in dict.fromkeys(w for text in texts for w in fold(text).split()) if word not in said]


def fill(apps, schema_editor):
    """Let products be found by their members' names and by English names, which were not in the column before."""
    Product = apps.get_model("products", "Product")
    affected = Product.objects.filter(~Q(name_en="") | ~Q(facility__name_en="") | Q(members__isnull=False)).distinct()
    rows = []
    for row in affected.select_related("facility", "territory").prefetch_related("members").iterator(CHUNK):
        own = fold(row.name).split()
        members = [name for member in row.members.all() for name in (member.name, member.name_en)]
        row.search_extra = " ".join(further(members, own))[:LONGEST_EXTRA]
        maker = [row.facility.name, row.facility.name_en] if row.facility else []
        others = [row.name_en, *maker, row.territory.name, row.search_extra]
        row.search_text = " ".join([fold(row.name), *further(others, own)])[:LONGEST_TEXT]
        rows.append(row)
        if len(rows) == CHUNK:
            Product.objects.bulk_update(rows, ["search_extra", "search_text"])
            rows = []
    Product.objects.bulk_update(rows, ["search_extra", "search_text"])


class Migration(migrations.Migration):
    dependencies = [("products", "0013_change_index")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
