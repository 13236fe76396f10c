from celery import shared_task
from django.utils import timezone

from .services import forgetting, nudging


@shared_task(name="rounds.tasks.remind_late_judges")
def remind_late_judges() -> dict[str, int]:
    """What beat runs every ten minutes: judges whose deadline comes near are told what is missing."""
    return {"told": nudging.remind_all(now=timezone.now())}


@shared_task(name="rounds.tasks.forget_saves")
def forget_saves() -> dict[str, int]:
    """What beat runs at night: keys of saves that nobody can send again any more."""
    return {"forgotten": forgetting.forget_saves(now=timezone.now())}
