"""One deployment as a process of its own: `python -m tests.services.exchange_deployment WHAT [ARGUMENTS]`.

Which database, files and key it has is in its environment. What it has to say is one line of JSON.
"""

import json
import sys
from typing import Any

import django

django.setup()

from django.utils import timezone  # noqa: E402 - Django first

from facilities.models import Facility  # noqa: E402
from portal.accounts.models import User  # noqa: E402
from rounds.enums import ConflictChoice  # noqa: E402
from rounds.models import Dossier, ExchangePackage, NominationList, Peer, Round  # noqa: E402
from rounds.services import exchange, exchange_client  # noqa: E402
from tests.rounds import exchange_world as world  # noqa: E402


def province(centre: str) -> dict[str, Any]:
    """The province with its list sent, and the centre at that address among its partners."""
    at = world.build_province(address=centre)
    return {"list": str(at.row.uuid)}


def centre() -> dict[str, Any]:
    """The centre, which holds one facility of the province under another name."""
    at = world.build_centre()
    Facility.objects.create(name="Công ty Chè Xanh", slug="che-xanh", territory=at.unit, tax_code=world.TAX_CODE)
    return {"round": at.round.pk}


def send() -> dict[str, Any]:
    """Pack the list and try to deliver it once."""
    now = timezone.now()
    package = exchange.pack(
        nomination_list=NominationList.objects.get(), peer=Peer.objects.get(), actor=None, now=now, by_api=True
    )
    counts = exchange_client.deliver_waiting(now=now)
    package.refresh_from_db()
    return {**counts, "state": package.state, "said": [row["sentence"] for row in package.findings]}


def again() -> dict[str, Any]:
    """Send a package that has arrived once more, as after an answer that was lost."""
    ExchangePackage.objects.filter(incoming=False).update(state="prepared")
    return send()


def waiting() -> dict[str, Any]:
    packages = ExchangePackage.objects.filter(incoming=True)
    return {
        "packages": [[row.kind, row.state] for row in packages],
        "conflicts": [[row.field, row.ours, row.theirs] for row in packages.get().conflicts.all()],
        "lists": NominationList.objects.count(),
    }


def settle() -> dict[str, Any]:
    """Ours holds; then all of it is written, and the receipt waits to be fetched."""
    now, agency = timezone.now(), User.objects.filter(grants__role="agency_regional").get()
    package = ExchangePackage.objects.get(incoming=True)
    for row in package.conflicts.all():
        exchange.settle(conflict=row, choice=ConflictChoice.OURS, reason="Đã hỏi Sở.", actor=agency, now=now)
    row = exchange.apply(package=package, actor=agency, now=now)
    return {"state": row.state, "dossiers": Dossier.objects.count(), "due": exchange.prepare_due(now=now)}


def announce() -> dict[str, Any]:
    """The round has its result; the answer waits to be fetched."""
    from tests.rounds.test_exchange import announce as announced

    unit, agency = Round.objects.get(), User.objects.filter(grants__role="agency_regional").get()
    at = world.Centre(Peer.objects.get().territory, agency, agency, unit, Peer.objects.get())
    announced(at, NominationList.objects.get())
    return {"due": exchange.prepare_due(now=timezone.now())}


def collect() -> dict[str, Any]:
    """Fetch what waits at the centre."""
    said = exchange_client.collect(peer=Peer.objects.get(), now=timezone.now())
    row = NominationList.objects.get()
    return {
        "came": len(said),
        "list": row.state,
        "outcomes": {line.product.name: line.outcome.get("code") for line in row.nominations.filter(chosen=True)},
        "held": [
            [one.product.name, one.year, one.published_at is not None, one.certificates.get().code]
            for line in row.nominations.all()
            for one in line.product.recognitions.filter(level="region")
        ],
    }


def codes() -> dict[str, Any]:
    return {"codes": [one.recognition.certificates.get().code for one in Dossier.objects.exclude(recognition=None)]}


ACTS = {act.__name__: act for act in (province, centre, send, again, waiting, settle, announce, collect, codes)}
if __name__ == "__main__":
    sys.stdout.write(json.dumps(ACTS[sys.argv[1]](*sys.argv[2:]), ensure_ascii=False))
