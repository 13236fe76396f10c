"""The declaration a member signs before the first dossier opens; a newer one replaces it, the old one is kept."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from facilities import taxcode
from facilities.models import Facility
from portal.audit.services import record
from portal.text.errors import Refusal
from portal.text.folding import name_key, normalise

from ..enums import InterestKind
from ..models import Declaration, DeclaredInterest, Round, Seat
from .conflicts import OVER, Recusal
from .detection import detect

INTERESTS_AT_MOST = 30
STATEMENT = (
    "Tôi chấm điểm và cho ý kiến trung thực, độc lập, theo đúng bộ tiêu chí và quy chế của kỳ bình chọn.\n"
    "Tôi giữ kín hồ sơ, điểm chấm và ý kiến của các thành viên cho đến khi có kết quả được công bố.\n"
    "Tôi không nhận tiền, quà hay lợi ích khác của cơ sở tham gia bình chọn.\n"
    "Tôi đã khai đủ nơi làm việc và các quan hệ lợi ích của chính tôi với cơ sở, doanh nghiệp."
    " Khi có quan hệ mới, tôi khai lại ngay và không chấm hồ sơ liên quan."
)


@dataclass(frozen=True)
class Interest:
    """One tie of the member's own: to a facility of the register, or to what was typed."""

    kind: str
    facility: Facility | None = None
    name: str = ""
    tax_code: str = ""
    address: str = ""


@dataclass(frozen=True)
class Signed:
    """A declaration in force, and the conflicts that it gave away."""

    declaration: Declaration
    found: tuple[Recusal, ...]


@transaction.atomic
def sign(
    *,
    round_: Round,
    user: Any,
    signed_name: str,
    now: dt.datetime,
    employer: str = "",
    employer_tax_code: str = "",
    employer_address: str = "",
    interests: Sequence[Interest] = (),
) -> Signed:
    """Sign the declaration of a round, for the first time or anew. The one before is kept, marked as replaced.
    What it gives away is entered as conflicts in the same moment, so that no dossier opens in between.

    Raises Refusal "not_seated", "round_over", "name_differs", "interest_empty", "too_many_interests".
    """
    locked = Round.objects.select_for_update(no_key=True, of=("self",)).select_related("territory").get(pk=round_.pk)
    _refuse(locked, user, signed_name, interests)
    before = Declaration.objects.filter(round=locked, user=user, replaced_at__isnull=True).first()
    if before:
        before.replaced_at = now
        before.save(update_fields=["replaced_at"])
    made = Declaration.objects.create(
        round=locked,
        user=user,
        statement=STATEMENT,
        employer=normalise(employer)[:200],
        employer_tax_code=taxcode.normalise(employer_tax_code)[:20],
        employer_address=normalise(employer_address)[:250],
        signed_name=normalise(signed_name),
        signed_at=now,
    )
    DeclaredInterest.objects.bulk_create([_row(made, interest) for interest in interests])
    record(
        actor=user,
        action="declaration.sign",
        sentence=_("Ký bản cam kết.") if before is None else _("Ký lại bản cam kết."),
        subject=made,
        territory=locked.territory,
        data={"interests": len(interests)},
    )
    return Signed(made, tuple(detect(locked, now=now, users=[user.pk])))


def _refuse(round_: Round, user: Any, signed_name: str, interests: Sequence[Interest]) -> None:
    if not Seat.objects.filter(round=round_, user=user, until__isnull=True).exists():
        raise Refusal("not_seated", _("Chỉ thành viên đương nhiệm của kỳ này ký bản cam kết."))
    if round_.state in OVER:
        raise Refusal("round_over", _("Kỳ này đã có quyết định hoặc đã kết thúc nên bản cam kết không đổi được nữa."))
    if name_key(signed_name) != name_key(str(user)):
        raise Refusal(
            "name_differs",
            _("Hãy gõ đúng họ và tên của bạn như trong tài khoản: %(name)s.") % {"name": user},
            field="signed_name",
        )
    if len(interests) > INTERESTS_AT_MOST:
        raise Refusal(
            "too_many_interests",
            _("Bản cam kết ghi nhiều nhất %(count)d quan hệ.") % {"count": INTERESTS_AT_MOST},
        )


def _row(declaration: Declaration, interest: Interest) -> DeclaredInterest:
    if interest.kind not in InterestKind.values:
        raise Refusal("interest_kind", _("Hãy chọn quan hệ của bạn với cơ sở."))
    row = DeclaredInterest(
        declaration=declaration,
        kind=interest.kind,
        facility=interest.facility,
        name=normalise(interest.name)[:200],
        tax_code=taxcode.normalise(interest.tax_code)[:20],
        address=normalise(interest.address)[:250],
    )
    if row.facility is None and not (row.name or row.tax_code or row.address):
        raise Refusal("interest_empty", _("Hãy chọn cơ sở, hoặc ghi tên, mã số thuế hay địa chỉ."))
    return row
