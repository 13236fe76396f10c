"""What ended or paused a recognition before there was a trace becomes rows of it, as far as it is known."""

from typing import Any

from django.db import migrations
from django.utils import timezone

UNKNOWN_BASIS = "Chưa ghi căn cứ khi nhập vào sổ"
UNKNOWN_REASON = "Chưa ghi lý do khi nhập vào sổ"


def tell_old_endings(apps: Any, schema_editor: Any) -> None:
    recognitions = apps.get_model("products", "Recognition").objects
    now = timezone.now()
    for row in recognitions.filter(suspended_from__isnull=False).iterator():
        _suspension(apps, row, now)
    for row in recognitions.filter(withdrawn_on__isnull=False).iterator():
        _event(apps, row, now, kind="withdrawn", on=row.withdrawn_on)
    for row in recognitions.filter(revoked_on__isnull=False).iterator():
        _event(apps, row, now, kind="revoked", on=row.revoked_on, decision_id=row.revocation_decision_id)


def _suspension(apps: Any, row: Any, now: Any) -> None:
    basis = UNKNOWN_BASIS
    apps.get_model("products", "Suspension").objects.get_or_create(
        recognition=row,
        begins_on=row.suspended_from,
        defaults={"ends_on": row.suspended_to, "basis": basis, "reason": row.status_reason or UNKNOWN_REASON},
    )
    _event(apps, row, now, kind="suspended", on=row.suspended_from, until=row.suspended_to, basis=basis)


def _event(apps: Any, row: Any, now: Any, *, kind: str, **facts: Any) -> None:
    events = apps.get_model("products", "RecognitionEvent").objects
    # The reason in the row is of the last act; only that one is told with it.
    last = "revoked" if row.revoked_on else "withdrawn" if row.withdrawn_on else "suspended"
    reason = row.status_reason if kind == last else ""
    if not events.filter(recognition=row, kind=kind).exists():
        events.create(recognition=row, kind=kind, reason=reason, recorded_at=now, recorded_by=None, **facts)


class Migration(migrations.Migration):
    dependencies = [("products", "0010_withdrawals_and_days")]

    # Backwards nothing is lost: the recognition itself keeps its ending.
    operations = [migrations.RunPython(tell_old_endings, migrations.RunPython.noop)]
