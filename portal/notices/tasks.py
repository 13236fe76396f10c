from celery import shared_task
from django.utils import timezone

from portal.text.clock import today

from . import digests, services


@shared_task(name="portal.notices.tasks.send_letters")
def send_letters() -> dict[str, int]:
    """What is to leave at once, and what failed and may be tried again by now."""
    counts = services.send_due(now=timezone.now())
    return {"sent": counts.sent, "failed": counts.failed}


@shared_task(name="portal.notices.tasks.send_digests")
def send_digests() -> dict[str, int]:
    """What beat runs at the end of the working day: everyone's one letter of the day."""
    gathered = digests.gather(on=today())
    counts = services.send_due(now=timezone.now())
    return {"gathered": gathered, "sent": counts.sent, "failed": counts.failed}
