"""Which authorities the portal trusts when it checks a digital signature."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.text.errors import Refusal

from .. import trust_files
from ..models import TrustRoot
from ..trust_files import Authority

FIELD = "upload"
MAX_BYTES = trust_files.MAX_BYTES


def authorities_in(data: bytes) -> list[Authority]:
    """The authorities in a pasted text or an uploaded file that are not trusted yet. One query. Raises Refusal."""
    try:
        found = trust_files.read(data)
    except trust_files.NotCertificates:
        raise Refusal(
            "not_certificates",
            _("Không đọc được chứng thư nào. Hãy dán nội dung PEM, hoặc chọn tệp .cer, .crt, .pem, .p7b."),
            field=FIELD,
        ) from None
    fit = [one for one in found if one.is_authority]
    if not fit:
        raise Refusal(
            "not_an_authority",
            _("“%(name)s” là chứng thư của người ký. Hãy lấy chứng thư của tổ chức chứng thực đã cấp chứng thư đó.")
            % {"name": found[0].name},
            field=FIELD,
        )
    known = set(
        TrustRoot.objects.filter(fingerprint__in=[one.fingerprint for one in fit]).values_list("fingerprint", flat=True)
    )
    fresh = [one for one in fit if one.fingerprint not in known]
    if not fresh:
        raise Refusal("already_trusted", _("Cổng đã có chứng thư “%(name)s”.") % {"name": fit[0].name}, field=FIELD)
    return fresh


@transaction.atomic
def trust(*, authorities: Iterable[Authority], note: str, actor: Any) -> list[TrustRoot]:
    """Trust authorities between the days that their certificates name."""
    rows = []
    for one in authorities:
        row = TrustRoot.objects.create(
            name=one.name,
            pem=one.pem,
            fingerprint=one.fingerprint,
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            note=note,
        )
        record(
            actor=actor,
            action="trust_root.added",
            sentence=_("Tin cậy tổ chức chứng thực “%(name)s”.") % {"name": one.name},
            subject=row,
            data={"fingerprint": one.fingerprint},
        )
        rows.append(row)
    return rows


@transaction.atomic
def update_root(*, root: TrustRoot, changed: Iterable[str], actor: Any) -> TrustRoot:
    """Write the days between which an authority counts, its shown name and the note."""
    names = list(changed)
    if not names:
        return root
    if root.valid_to and root.valid_to < root.valid_from:
        raise Refusal("out_of_order", _("Ngày kết thúc không được trước ngày bắt đầu."), field="valid_to")
    root.save(update_fields=names)
    record(
        actor=actor,
        action="trust_root.changed",
        sentence=_("Sửa tổ chức chứng thực “%(name)s”.") % {"name": root.name},
        subject=root,
        data={name: str(getattr(root, name)) for name in names},
    )
    return root
