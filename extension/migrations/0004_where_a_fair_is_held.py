import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('extension', '0003_programme_of_work'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='fair',
            name='host_territory',
            field=models.ForeignKey(blank=True, help_text='Hội chợ trong tỉnh và ngoài tỉnh có mức chi khác nhau. Ở nước ngoài thì để trống.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='fairs_hosted', to='territory.territory', verbose_name='tỉnh nơi tổ chức'),
        ),
        migrations.AddField(
            model_name='historicalfair',
            name='host_territory',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='Hội chợ trong tỉnh và ngoài tỉnh có mức chi khác nhau. Ở nước ngoài thì để trống.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='territory.territory', verbose_name='tỉnh nơi tổ chức'),
        ),
        migrations.AddConstraint(
            model_name='fair',
            constraint=models.CheckConstraint(condition=models.Q(('is_abroad', False), ('host_territory__isnull', True), _connector='OR'), name='fair_abroad_in_no_province', violation_error_message='Hội chợ ở nước ngoài không ở tỉnh nào. Hãy để trống tỉnh nơi tổ chức, hoặc bỏ chọn “ở nước ngoài”.'),
        ),
    ]
