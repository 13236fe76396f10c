from celery import shared_task
from django.utils import timezone

from portal.text.clock import today

from . import reminders


@shared_task(name="products.tasks.send_reminders")
def send_reminders() -> dict[str, int]:
    """What beat runs every morning; returns the counts for the worker's log."""
    outcome = reminders.run(on=today(), now=timezone.now())
    return {
        "planned": outcome.planned,
        "dropped": outcome.dropped,
        "sent": outcome.sent,
        "failed": outcome.failed,
    }
