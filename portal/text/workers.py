"""Asking a worker, where the person who waits must not suffer from there being none."""

import time
from typing import Any

import structlog
from celery import Task
from django.conf import settings
from kombu.exceptions import OperationalError as BrokerError

log = structlog.get_logger(__name__)
# After the broker did not answer, what is only wanted is not even asked for: each try costs the reader half a second.
QUIET_SECONDS = 30.0
_quiet_until = 0.0


def hand_over(task: Task, *args: Any) -> bool:
    """Whether the task was taken. Where no worker is configured it is carried out here and now."""
    try:
        task.apply_async(args, retry=False)
    except BrokerError as error:
        log.warning("broker_unreachable", task=task.name, error=str(error))
        return False
    return True


def wish(task: Task, *args: Any) -> None:
    """Ask for what may as well not be done. Not where it would be carried out here and now."""
    global _quiet_until  # noqa: PLW0603  one for the process is the point
    if settings.CELERY_TASK_ALWAYS_EAGER or time.monotonic() < _quiet_until:
        return
    if not hand_over(task, *args):
        _quiet_until = time.monotonic() + QUIET_SECONDS
