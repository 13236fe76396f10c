from celery import shared_task

from portal.text.clock import today

from . import reminders


@shared_task(name="extension.tasks.plan_reminders")
def plan_reminders() -> dict[str, int]:
    """What beat runs every morning before the letters leave: what falls due in extension enters the ledger."""
    return {"planned": reminders.plan(today())}
