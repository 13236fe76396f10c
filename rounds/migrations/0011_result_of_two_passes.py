from django.db import migrations, models
from django.db.models import F

TIE_BREAK = [
    ("1", "Điểm tiêu chí 1 cao hơn"),
    ("2", "Điểm tiêu chí 2 cao hơn"),
    ("3", "Điểm tiêu chí 3 cao hơn"),
    ("4", "Điểm tiêu chí 4 cao hơn"),
    ("lowest", "Phiếu thấp nhất cao hơn"),
    ("draw", "Bốc thăm theo mã đã công bố"),
]


def divide_by_the_sheets(apps, schema_editor):
    """What was counted before had one pass and dropped nothing."""
    apps.get_model("rounds", "Result").objects.update(divisor=F("sheets"))


class Migration(migrations.Migration):
    dependencies = [("rounds", "0010_set_proposal_group")]

    operations = [
        migrations.AlterField(
            "result",
            "points",
            models.DecimalField(decimal_places=2, max_digits=12, verbose_name="tổng điểm được tính"),
        ),
        migrations.AddField(
            "result",
            "divisor",
            models.PositiveIntegerField(default=0, verbose_name="số chia"),
            preserve_default=False,
        ),
        migrations.AddField(
            "result",
            "decided_by",
            models.CharField(
                blank=True, choices=TIE_BREAK, default="", max_length=6, verbose_name="xếp khi bằng điểm theo"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "result",
            "spread",
            models.DecimalField(
                blank=True, decimal_places=2, max_digits=5, null=True, verbose_name="độ lệch giữa các phiếu"
            ),
        ),
        migrations.RunPython(divide_by_the_sheets, migrations.RunPython.noop),
    ]
