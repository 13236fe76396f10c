from django.db import migrations


class Migration(migrations.Migration):
    """The two fields are empty of meaning once the answers hold what they said; going back brings them back blank."""

    dependencies = [
        ('rounds', '0004_rural_area_as_answer'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='dossier',
            name='area_checked',
        ),
        migrations.RemoveField(
            model_name='dossier',
            name='area_reason',
        ),
        migrations.RemoveField(
            model_name='historicaldossier',
            name='area_checked',
        ),
        migrations.RemoveField(
            model_name='historicaldossier',
            name='area_reason',
        ),
    ]
