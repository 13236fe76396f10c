from typing import Any

from celery import shared_task
from django.utils import timezone

from .models import ExchangePackage
from .services import exchange, exchange_client, forgetting, nudging


@shared_task(name="rounds.tasks.remind_late_judges")
def remind_late_judges() -> dict[str, int]:
    """What beat runs every ten minutes: judges whose deadline comes near are told what is missing."""
    return {"told": nudging.remind_all(now=timezone.now())}


@shared_task(name="rounds.tasks.forget_saves")
def forget_saves() -> dict[str, int]:
    """What beat runs at night: keys of saves that nobody can send again any more."""
    return {"forgotten": forgetting.forget_saves(now=timezone.now())}


@shared_task(
    name="rounds.tasks.send_package",
    autoretry_for=(exchange_client.Unreachable,),
    retry_backoff=30,
    retry_backoff_max=3600,
    max_retries=8,
)
def send_package(package_id: int) -> str:
    """One package over the network, tried again with longer and longer pauses; what gives up is swept by beat."""
    package = ExchangePackage.objects.select_related("peer").get(pk=package_id)
    return exchange_client.deliver(package=package, actor=None, now=timezone.now()).state


@shared_task(name="rounds.tasks.exchange_packages")
def exchange_packages() -> dict[str, Any]:
    """What beat runs every ten minutes: answers that are due, packages that wait to go, answers that wait elsewhere."""
    now = timezone.now()
    prepared = exchange.prepare_due(now=now)
    return {
        "prepared": prepared,
        **exchange_client.deliver_waiting(now=now),
        "came": exchange_client.collect_waiting(now=now),
    }
