from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("rounds", "0012_seals_of_rounds")]

    operations = [
        migrations.RemoveField("historicalround", "manifest_hash"),
        migrations.RemoveField("round", "manifest"),
        migrations.RemoveField("round", "manifest_hash"),
    ]
