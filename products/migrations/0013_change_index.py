from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("products", "0012_public_portal"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="registerchange",
            index=models.Index(fields=["product_id", "number"], name="register_change_product"),
        ),
    ]
