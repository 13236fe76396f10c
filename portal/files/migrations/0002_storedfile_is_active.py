from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="storedfile",
            name="is_active",
            field=models.BooleanField(default=False, verbose_name="có phần tự chạy, chỉ tải về"),
        ),
    ]
