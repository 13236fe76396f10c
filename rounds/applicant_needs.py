"""What still stands between an applicant and handing in, in sentences that lead to a step. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.text.formats import lowered

from .completeness import PHOTOS, Requirement
from .enums import Addressee, DocumentKind
from .statement import STATEMENT_PARTS

K = DocumentKind
# The steps of a dossier, in order, as they stand in the address.
PRODUCT, STATEMENT, PICTURES, PAPERS, CHECK, HAND_IN = "san-pham", "thuyet-minh", "anh", "giay-to", "kiem-tra", "nop"
# The portal writes these from what was typed, unless a signed copy is sent.
WRITTEN_HERE = (K.REGISTRATION_FORM, K.STATEMENT)
# The last head of the score sheet ("một số tiêu chí khác") asks for what a product may not have.
REQUIRED_PARTS = tuple(STATEMENT_PARTS)[:3]
# On a paper of which the facility says that it comes on paper; whoever receives it confirms.
ANNOUNCED = "Cơ sở báo nộp bản giấy, chờ nơi nhận hồ sơ xác nhận."


@dataclass(frozen=True)
class Need:
    """One thing: what to do, at which step, and whether handing in waits for it."""

    step: str
    sentence: str
    blocks: bool = True


def needs(
    *, rows: Iterable[Requirement], parts: Mapping[str, str], labels: Mapping[str, str], members: int | None
) -> tuple[Need, ...]:
    """Everything still open, in the order of the steps.

    `parts` are the statement's texts by field, `labels` their names; `members` is the number of products in a
    set, None for a single product. What another office owes is said, and waits for nobody here.
    """
    found = []
    if members == 0:
        found.append(Need(PRODUCT, _("Bộ sản phẩm chưa có tên các sản phẩm trong bộ.")))
    found += [
        Need(STATEMENT, _("Chưa viết phần “%(part)s” của bản thuyết minh.") % {"part": labels[part]})
        for part in REQUIRED_PARTS
        if not parts[part].strip()
    ]
    open_rows = [row for row in rows if not row.ok]
    found += [_of(row, PICTURES) for row in open_rows if row.kind in PHOTOS]
    found += [need for row in open_rows if row.kind not in PHOTOS and (need := _paper(row)) is not None]
    return tuple(found)


def is_announced(row: Requirement) -> bool:
    return row.needs_fix and row.remark == ANNOUNCED


def _paper(row: Requirement) -> Need | None:
    if row.kind in WRITTEN_HERE:
        return _rewritten(row) if row.needs_fix else None
    # Without the authorisation nobody but the facility itself may hand in, so whoever files for it waits for it.
    if row.owed_by != Addressee.FACILITY and row.kind != K.AUTHORISATION:
        return Need(
            PAPERS, _("%(paper)s do cơ quan khác gửi, bạn không phải nộp.") % {"paper": row.label}, blocks=False
        )
    if is_announced(row):
        return Need(PAPERS, _("%(paper)s: nhớ mang bản giấy đến nơi nhận hồ sơ.") % {"paper": row.label}, blocks=False)
    return _of(row, PAPERS)


def _rewritten(row: Requirement) -> Need:
    """The portal writes the form anew when the dossier is handed in again; what to change is said."""
    facts = {"paper": row.label, "remark": row.remark}
    return Need(STATEMENT, _("%(paper)s cần sửa: %(remark)s Khi nộp lại, cổng lập bản mới.") % facts, blocks=False)


def _of(row: Requirement, step: str) -> Need:
    if row.present:
        return Need(step, _("%(paper)s cần sửa: %(remark)s") % {"paper": row.label, "remark": row.remark})
    return Need(step, _("Chưa có %(paper)s.") % {"paper": lowered(row.label)})
