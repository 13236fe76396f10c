from celery import shared_task
from django.utils import timezone

from . import running


@shared_task(name="portal.imports.tasks.carry_out_import", reject_on_worker_lost=True)
def carry_out_import(pk: int) -> str:
    """Write or undo one list that a person has asked for. A worker that dies leaves nothing; the next one begins anew."""
    return running.carry_out(pk=pk, now=timezone.now())
