from dataclasses import asdict

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from portal.text.clock import today

from . import register, reminders, services
from .services import inquiries, papers, ratings


@shared_task(name="products.tasks.send_reminders")
def send_reminders() -> dict[str, int]:
    """What beat runs every morning; returns the counts for the worker's log."""
    outcome = reminders.run(on=today(), now=timezone.now())
    return {
        "planned": outcome.planned,
        "dropped": outcome.dropped,
        "sent": outcome.sent,
        "failed": outcome.failed,
        "calls": outcome.calls,
    }


@shared_task(name="products.tasks.withhold_due")
def withhold_due() -> int:
    """What beat runs just after midnight; returns how many recognitions left public view."""
    return services.withhold_due(now=timezone.now())


@shared_task(name="products.tasks.recheck_papers")
def recheck_papers() -> dict[str, int]:
    """Judge every signed file anew after the trusted authorities changed; returns the counts."""
    return asdict(papers.recheck_papers(now=timezone.now()))


@shared_task(name="products.tasks.erase_letters")
def erase_letters() -> dict[str, int]:
    """What beat runs every night: senders' data and readers' remarks leave after their time; returns the counts."""
    now, months = timezone.now(), settings.INQUIRY_KEEP_MONTHS
    return {
        "letters": inquiries.erase_old(now=now, keep_months=months),
        "comments": ratings.erase_old(now=now, keep_months=months),
    }


@shared_task(name="products.tasks.forget_old_changes")
def forget_old_changes() -> int:
    """What beat runs every night; returns how many entries of the change feed nobody follows any more."""
    return register.forget_old_changes(now=timezone.now())
