"""What a commune's officer does for a facility: file in its name, or ask for it to be entered first."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.models import Facility
from portal.accounts.enums import Role
from portal.accounts.models import Grant
from portal.audit.services import record
from portal.files.models import StoredFile
from portal.notices.services import Letter, plan_many, post_soon
from portal.territory.models import Commune
from portal.territory.queries import family_ids
from portal.text.errors import Refusal
from portal.text.folding import name_key, normalise
from products.models import Product

from ..models import Dossier, Round
from . import applying
from .nil_returns import require_officer

FACILITY_WANTED = "facility_wanted"


@transaction.atomic
def file_for(
    *,
    commune: Commune,
    facility: Facility,
    round_: Round,
    actor: Any,
    now: dt.datetime,
    product: Product | None = None,
    new: applying.ProductFacts | None = None,
    authorisation: StoredFile | None = None,
    on_paper: bool = False,
) -> Dossier:
    """Open a dossier for a facility of the commune with the facility's authorisation, in a file or on paper.

    Raises Refusal `not_your_commune`, `facility_elsewhere`, and what `applying.start` raises.
    """
    require_officer(actor, commune)
    if facility.commune_id != commune.pk or facility.merged_into_id is not None:
        raise Refusal("facility_elsewhere", _("Cơ sở này không thuộc xã. Hãy chọn cơ sở khác."))
    return applying.start(
        round_=round_,
        facility=facility,
        actor=actor,
        now=now,
        product=product,
        new=new,
        authorisation=authorisation,
        authorised_on_paper=on_paper,
    )


@transaction.atomic
def ask_for_facility(
    *, commune: Commune, name: str, address: str, kind: str, phone: str, actor: Any, now: dt.datetime
) -> int:
    """Ask the province's officers to enter a facility that the register lacks; returns how many are told.

    Asked again for the same name on the same day tells nobody twice. Raises Refusal `not_your_commune`, `name_missing`.
    """
    require_officer(actor, commune)
    tidy = normalise(name)
    if not tidy:
        raise Refusal("name_missing", _("Hãy ghi tên cơ sở như trong giấy đăng ký kinh doanh."), field="name")
    facts = {
        "commune": str(commune),
        "name": tidy,
        "kind": kind,
        "address": normalise(address) or _("chưa ghi"),
        "phone": normalise(phone) or _("chưa ghi"),
        "person": str(actor),
    }
    asked = plan_many(list(_letters(commune, facts, now)), on=timezone.localdate(now))
    if asked:
        post_soon()
        record(
            actor=actor,
            action="commune.facility_wanted",
            sentence=_("%(commune)s đề nghị ghi thêm cơ sở %(name)s.") % facts,
            subject=commune,
            territory=commune.territory,
        )
    return asked


def _letters(commune: Commune, facts: dict[str, str], now: dt.datetime) -> Iterator[Letter]:
    body = _(
        "%(commune)s đề nghị Sở ghi thêm một cơ sở vào danh bạ để nộp hồ sơ thay.\n\n"
        "Tên cơ sở: %(name)s\nLoại hình: %(kind)s\nĐịa chỉ: %(address)s\nĐiện thoại của cơ sở: %(phone)s\n"
        "Người đề nghị: %(person)s\n\n"
        "Việc cần làm: tìm trong danh bạ xem cơ sở đã có chưa; chưa có thì ghi mới, nhớ chọn xã, phường."
    )
    for user_id in _officers(commune, timezone.localdate(now)):
        yield Letter(
            kind=FACILITY_WANTED,
            subject_type=Commune._meta.label_lower,
            subject_id=uuid5(NAMESPACE_URL, f"commune:{commune.pk}:{name_key(facts['name'])}"),
            recipient="",
            user_id=user_id,
            due_on=timezone.localdate(now),
            title=(_("%(commune)s đề nghị ghi thêm cơ sở: %(name)s") % facts)[:300],
            body=body % facts,
            territory_id=commune.territory_id,
        )


def _officers(commune: Commune, on: dt.date) -> list[int]:
    grants = Grant.objects.active(on).filter(role=Role.OFFICER, territory__in=family_ids(commune.territory_id))
    return list(grants.order_by("user_id").values_list("user_id", flat=True).distinct())
