"""What happens to a recognition afterwards: revoked, given back, suspended, its paper re-issued."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.text.errors import Refusal
from portal.text.folding import normalise
from portal.text.formats import day

from ..enums import Stage
from ..models import Certificate, Decision, Recognition
from .shared import issue_certificate, level_words, locked, require_reason


@transaction.atomic
def revoke(
    *, recognition: Recognition, on: dt.date, reason: str, actor: Any, decision: Decision | None = None
) -> Recognition:
    """Thu hồi from a day on. Final: what is revoked stays revoked."""
    row = _locked_in_force(recognition, on=on, reason=reason)
    row.revoked_on = on
    row.revocation_decision = decision
    row.status_reason = normalise(reason)
    row.save()
    return _ended(
        row, actor=actor, act="revoke", sentence=_("Thu hồi công nhận “%(product)s” %(level)s từ %(day)s."), on=on
    )


@transaction.atomic
def withdraw(*, recognition: Recognition, on: dt.date, reason: str, actor: Any) -> Recognition:
    """The facility gives the recognition back from a day on."""
    row = _locked_in_force(recognition, on=on, reason=reason)
    row.withdrawn_on = on
    row.status_reason = normalise(reason)
    row.save()
    return _ended(
        row,
        actor=actor,
        act="withdraw",
        sentence=_("Cơ sở xin rút công nhận “%(product)s” %(level)s từ %(day)s."),
        on=on,
    )


@transaction.atomic
def suspend(
    *, recognition: Recognition, on: dt.date, reason: str, actor: Any, until: dt.date | None = None
) -> Recognition:
    """Tạm dừng from a day on, to the end of `until` or until further notice."""
    row = _locked_in_force(recognition, on=on, reason=reason)
    if until and until < on:
        raise Refusal(
            "suspension_out_of_order", _("Ngày kết thúc tạm dừng không được trước ngày bắt đầu."), field="until"
        )
    row.suspended_from, row.suspended_to = on, until
    row.status_reason = normalise(reason)
    row.save()
    return _ended(
        row, actor=actor, act="suspend", sentence=_("Tạm dừng công nhận “%(product)s” %(level)s từ %(day)s."), on=on
    )


@transaction.atomic
def resume(*, recognition: Recognition, on: dt.date, reason: str, actor: Any) -> Recognition:
    """End a suspension: from the given day on the recognition counts again."""
    row = locked(recognition)
    if row.suspended_from is None or (row.suspended_to and row.suspended_to < on):
        raise Refusal("not_suspended", _("Công nhận này không bị tạm dừng nên không có gì để khôi phục."))
    require_reason(reason)
    if on <= row.suspended_from:
        row.suspended_from = row.suspended_to = None
        row.status_reason = ""
    else:
        row.suspended_to = on - dt.timedelta(days=1)
    row.save()
    return _ended(
        row,
        actor=actor,
        act="resume",
        sentence=_("Khôi phục công nhận “%(product)s” %(level)s từ %(day)s."),
        on=on,
        reason=normalise(reason),
    )


@transaction.atomic
def reissue_certificate(
    *, recognition: Recognition, on: dt.date, reason: str, actor: Any, official_number: str = ""
) -> Certificate:
    """Replace the certificate in use by a new one with its own code; validity does not change."""
    row = _locked_in_force(recognition, on=on, reason=reason)
    for old in row.certificates.select_for_update().filter(superseded_on=None):
        old.superseded_on, old.superseded_reason = on, normalise(reason)
        old.save()
    new = issue_certificate(recognition=row, issued_on=on, official_number=official_number)
    record(
        actor=actor,
        action="certificate.reissue",
        sentence=_("Cấp lại giấy chứng nhận của “%(product)s” %(level)s.")
        % {"product": row.product.name, "level": level_words(row)},
        subject=new,
        territory=row.territory,
        reason=normalise(reason),
    )
    return new


def _locked_in_force(recognition: Recognition, *, on: dt.date, reason: str) -> Recognition:
    """The locked row, refused when it is only proposed, already ended, or no reason is given."""
    row = locked(recognition)
    if row.stage == Stage.PROPOSED:
        raise Refusal("not_recognised", _("Sản phẩm mới được đề nghị, chưa có công nhận để thay đổi."))
    if row.revoked_on:
        raise Refusal("already_revoked", _("Công nhận này đã bị thu hồi từ %(day)s.") % {"day": day(row.revoked_on)})
    if row.withdrawn_on:
        raise Refusal(
            "already_withdrawn", _("Cơ sở đã xin rút công nhận này từ %(day)s.") % {"day": day(row.withdrawn_on)}
        )
    require_reason(reason)
    if row.issued_on and on < row.issued_on:
        raise Refusal(
            "before_issue",
            _("Giấy chứng nhận cấp ngày %(day)s. Hãy chọn ngày từ hôm đó trở đi.") % {"day": day(row.issued_on)},
            field="on",
        )
    return row


def _ended(
    row: Recognition, *, actor: Any, act: str, sentence: str, on: dt.date, reason: str | None = None
) -> Recognition:
    record(
        actor=actor,
        action=f"recognition.{act}",
        sentence=sentence % {"product": row.product.name, "level": level_words(row), "day": day(on)},
        subject=row,
        territory=row.territory,
        reason=row.status_reason if reason is None else reason,
    )
    return row


@transaction.atomic
def number_certificate(*, certificate: Certificate, official_number: str, actor: Any) -> Certificate:
    """Write the number that stands on the paper."""
    row = (
        Certificate.objects.select_for_update(of=("self",))
        .select_related("recognition__territory")
        .get(pk=certificate.pk)
    )
    row.official_number = normalise(official_number)
    row.save()
    record(
        actor=actor,
        action="certificate.number",
        sentence=_("Ghi số giấy chứng nhận %(number)s.") % {"number": row.official_number or _("để trống")},
        subject=row,
        territory=row.recognition.territory,
    )
    return row
