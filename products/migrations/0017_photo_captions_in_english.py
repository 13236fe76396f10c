from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("products", "0016_mark_of_what_is_common"),
    ]

    operations = [
        migrations.AddField(
            model_name="productphoto",
            name="caption_en",
            field=models.CharField(blank=True, max_length=200, verbose_name="chú thích bằng tiếng Anh"),
        ),
    ]
