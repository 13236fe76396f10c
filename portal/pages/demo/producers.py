"""The demo's producers: one whom the province has approved, with a dossier half filled, and one who waits."""

import datetime as dt

from django.utils.translation import gettext as _

from facilities.enums import FacilityKind
from facilities.models import Facility, Representative
from facilities.registration import Claim, approve, claim_facility
from products.enums import ProductGroup
from rounds.enums import Origin, RoundState
from rounds.models import Dossier, Round
from rounds.services import applying

from . import accounts
from .makers import PREFIX
from .stage import Stage

APPROVED, WAITING = "coso.tancuong", "cosomoi.thainguyen"
FACILITY = f"{PREFIX}Hợp tác xã chè hữu cơ Tân Cương"
PHONE = "0900000000"


def load(stage: Stage) -> None:
    """What exists is kept: a person who registered before registers no more."""
    facility = Facility.objects.filter(name=FACILITY, territory=stage.province).first()
    if facility is not None and _registers(stage, APPROVED, facility.name, stage.at(-20)):
        claim = Representative.objects.get(user=stage.people[APPROVED])
        officer = stage.people["canbo.thainguyen"]
        approve(representative=claim, facility=facility, actor=officer, now=stage.at(-19))
        _begin_dossier(stage, facility)
    _registers(stage, WAITING, f"{PREFIX}Hợp tác xã trà và mứt Tân Cương", stage.at(-1))


def _registers(stage: Stage, username: str, name: str, now: dt.datetime) -> bool:
    user = stage.people[username]
    if Representative.objects.filter(user=user).exists():
        return False
    claim = Claim(
        name=name,
        kind=FacilityKind.COOPERATIVE,
        territory=stage.province,
        commune=accounts.COMMUNE,
        phone=PHONE,
        position=_("Giám đốc"),
    )
    claim_facility(user=user, claim=claim, now=now)
    stage.counts["producers"] += 1
    return True


def _begin_dossier(stage: Stage, facility: Facility) -> None:
    """A draft in the round that receives, with its first step done."""
    round_ = (
        Round.objects.filter(state=RoundState.RECEIVING, territory=stage.province, is_illustrative=True)
        .order_by("pk")
        .first()
    )
    if round_ is None or not round_.receiving_open(stage.now):
        return
    if Dossier.objects.filter(round=round_, origin=Origin.ONLINE, product__facility=facility).exists():
        return
    user = stage.people[APPROVED]
    new = applying.ProductFacts(
        name=_("Trà shan tuyết ép bánh 100 g"), group=ProductGroup.PROCESSING, materials=_("Búp chè shan tuyết")
    )
    dossier = applying.start(round_=round_, facility=facility, actor=user, now=stage.now, new=new)
    Dossier.objects.filter(pk=dossier.pk).update(is_illustrative=True)
    applying.save_statement(
        dossier=dossier,
        actor=user,
        statement_market=_(
            "Bán tại cửa hàng của hợp tác xã và hai sàn thương mại điện tử, mỗi tháng khoảng 400 bánh (số liệu mẫu)."
        ),
    )
