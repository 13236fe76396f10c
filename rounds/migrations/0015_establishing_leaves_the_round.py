from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("rounds", "0014_establishing_decisions")]

    operations = [
        migrations.RemoveField(model_name="historicalround", name="establishing_decision"),
        migrations.RemoveField(model_name="round", name="establishing_decision"),
    ]
