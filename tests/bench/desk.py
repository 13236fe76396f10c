"""The officer's desk at 10 and at 10,000 dossiers: the same queries, and how much longer they take."""

import datetime as dt
import sys
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.enums import Role
from portal.territory.models import Territory
from products.models import Product
from rounds.enums import DocumentKind, DossierState, RoundState
from rounds.models import Dossier, DossierDocument, Round
from tests import factories

from .measure import caught, medians_ms, replay

FEW, MANY = 10, 10_000
BATCH = 5000
STATES = (DossierState.SUBMITTED, DossierState.SUBMITTED, DossierState.NEEDS_SUPPLEMENT, DossierState.ELIGIBLE)
PAPERS = (DocumentKind.REGISTRATION_FORM, DocumentKind.STATEMENT, DocumentKind.PHOTO_FRONT)


def desk(bare: float) -> None:
    """Times the first page, the list by commune, and one dossier, with few and with many dossiers in the round."""
    round_, client = _open()
    counted: dict[str, int] = {}
    for number in (FEW, MANY):
        _enter(round_, number)
        dossier = Dossier.objects.filter(round=round_).order_by("pk").first()
        assert dossier is not None
        for name, url in {
            "first page": reverse("admin:index"),
            "intake by commune": reverse("admin:rounds_round_intake", args=[round_.pk]),
            "dossier": reverse("admin:rounds_dossier_change", args=[dossier.pk]),
        }.items():
            queries = _timed(f"desk: {name}, {number} dossiers", url, client, bare)
            if counted.setdefault(name, queries) != queries:
                sys.exit(f"{name}: {counted[name]} queries with {FEW} dossiers, {queries} with {number}.")


def _open() -> tuple[Round, Client]:
    province = Territory.objects.get(slug="thai-nguyen")
    officer = factories.staff(Role.OFFICER, province)
    round_ = factories.RoundFactory(
        territory=province,
        year=2026,
        ordinal=9,
        state=RoundState.RECEIVING,
        slug="do-ban-lam-viec",
        receiving_until=timezone.now() + dt.timedelta(days=9),
    )
    client = Client()
    client.force_login(officer)
    return round_, client


def _enter(round_: Round, number: int) -> None:
    """Dossiers up to that number, in every state of intake, each with three papers."""
    had = Dossier.objects.filter(round=round_).count()
    now = timezone.now()
    products = Product.objects.order_by("-pk").values_list("pk", flat=True)[had:number]
    made = Dossier.objects.bulk_create(
        [
            Dossier(
                round=round_,
                product_id=product,
                entry_code=f"{place:05d}",
                state=STATES[place % len(STATES)],
                submitted_at=now,
                supplement_until=now + dt.timedelta(days=place % 9 - 3),
            )
            for place, product in enumerate(products, start=had)
        ],
        batch_size=BATCH,
    )
    DossierDocument.objects.bulk_create(
        [DossierDocument(dossier=dossier, kind=kind, on_paper=True) for dossier in made for kind in PAPERS],
        batch_size=BATCH,
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _timed(name: str, url: str, client: Client, bare: float) -> int:
    def fetch() -> Any:
        answer = client.get(url)
        if answer.status_code != 200:
            sys.exit(f"{url} answered {answer.status_code}.")
        return answer

    cache.clear()
    fetch()
    with caught() as seen:
        fetch()
    page, sql = medians_ms(fetch, replay(seen.statements))
    print(f"{name:<34}{page:9.2f}{page / bare:9.1f} ×{len(seen.statements):9}{sql:10.2f}{page / sql:8.2f} ×")
    return len(seen.statements)
