from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("products", "0002_search_index_and_mark")]

    operations = [
        migrations.AddField(
            model_name=model,
            name="set_certain",
            field=models.BooleanField(default=True, verbose_name="đã rõ là sản phẩm đơn hay bộ"),
        )
        for model in ("historicalproduct", "product")
    ]
