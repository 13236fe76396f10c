"""Extensions and kept sheets get a name of their own, so that each can be the subject of a notice.

Both tables were laid by the migration before this one and are empty: no two rows can share the default.
"""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rounds", "0007_jury_and_council")]

    operations = [
        migrations.AddField(
            model_name="deadlineextension",
            name="uuid",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AddField(
            model_name="sheetversion",
            name="uuid",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
    ]
