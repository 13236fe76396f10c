"""Steps that the acts on a recognition share: lock and check, and the audit row."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.text.errors import Refusal
from portal.text.folding import normalise
from portal.text.formats import day

from ..enums import Stage
from ..models import Recognition
from .shared import level_words, locked, require_reason


def locked_in_force(recognition: Recognition, *, on: dt.date, reason: str) -> Recognition:
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
    begun = row.begins_on
    if on < begun:
        raise Refusal(
            "before_issue",
            _("Giấy chứng nhận cấp ngày %(day)s. Hãy chọn ngày từ hôm đó trở đi.") % {"day": day(begun)}
            if row.issued_on
            else _("Công nhận có từ %(day)s. Hãy chọn ngày từ hôm đó trở đi.") % {"day": day(begun)},
            field="on",
        )
    return row


def require_within_term(row: Recognition, *, on: dt.date) -> None:
    """What has run out by itself is not ended again."""
    if row.expires_on and on > row.expires_on:
        raise Refusal(
            "after_end",
            _("Công nhận này hết hiệu lực sau %(day)s. Hãy chọn ngày đến hôm đó.") % {"day": day(row.expires_on)},
            field="on",
        )


def noted(row: Recognition, *, actor: Any, act: str, sentence: str, on: dt.date, reason: str) -> Recognition:
    """Write the audit row of an act."""
    record(
        actor=actor,
        action=f"recognition.{act}",
        sentence=sentence % {"product": row.product.name, "level": level_words(row), "day": day(on)},
        subject=row,
        territory=row.territory,
        reason=normalise(reason),
    )
    return row
