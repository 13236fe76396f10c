"""What must hold of dossiers and scores whoever writes, by the portal or by hand: the database refuses the rest.

Locks on PostgreSQL: a conflict holds its dossier against a sheet being opened at the same moment, a score
holds its sheet against being handed in. A plain save never waits for the dossier, so that no two wait in a ring.
"""

from portal.audit.triggers import Guard, register

SHEET, SCORE, CONFLICT = "rounds_scoresheet", "rounds_score", "rounds_conflict"
DOSSIER, VERSION = "rounds_dossier", "rounds_dossierversion"

_STANDING_CONFLICT = (
    "NEW.state <> 'voided' AND EXISTS (SELECT 1 FROM rounds_conflict c WHERE c.dossier_id = NEW.dossier_id"
    " AND c.user_id = NEW.judge_id AND c.withdrawn_at IS NULL)"
)
_IDENTITY_CHANGED = (
    "NEW.uuid <> OLD.uuid OR NEW.judge_id <> OLD.judge_id OR NEW.dossier_id <> OLD.dossier_id"
    " OR NEW.dossier_version <> OLD.dossier_version OR NEW.total IS DISTINCT FROM OLD.total"
    " OR NEW.submitted_at IS DISTINCT FROM OLD.submitted_at OR NEW.remark <> OLD.remark"
    " OR NEW.cannot_assess_reason <> OLD.cannot_assess_reason"
)
_CONFLICTED = "Người này đã khai xung đột lợi ích với hồ sơ nên không có phiếu chấm."
_SEALED_SCORE = "Phiếu đã khóa: không thêm, sửa hay xóa điểm được."


# The names put into these two are columns, written in this file.
def _not_a_draft(*sheets: str) -> str:
    return f"EXISTS (SELECT 1 FROM rounds_scoresheet s WHERE s.id IN ({', '.join(sheets)}) AND s.state <> 'draft')"  # noqa: S608


def _hold_sheet(*sheets: str) -> str:
    return f"SELECT 1 FROM rounds_scoresheet WHERE id IN ({', '.join(sheets)}) ORDER BY id FOR SHARE"  # noqa: S608


register(
    Guard(
        name="sheet_opened_without_conflict",
        table=SHEET,
        events=("INSERT",),
        message=_CONFLICTED,
        when=_STANDING_CONFLICT,
        lock="SELECT 1 FROM rounds_dossier WHERE id = NEW.dossier_id FOR SHARE",
    )
)
register(
    Guard(
        name="sheet_kept_without_conflict",
        table=SHEET,
        events=("UPDATE",),
        message=_CONFLICTED,
        when=_STANDING_CONFLICT,
        lock=(
            "SELECT 1 FROM rounds_dossier WHERE id = NEW.dossier_id AND (OLD.state = 'voided'"
            " OR OLD.judge_id <> NEW.judge_id OR OLD.dossier_id <> NEW.dossier_id) FOR SHARE"
        ),
    )
)
register(
    Guard(
        name="conflict_without_live_sheet",
        table=CONFLICT,
        events=("INSERT", "UPDATE"),
        message="Người này còn phiếu chấm hồ sơ: phiếu phải bỏ trước khi ghi xung đột lợi ích.",
        when=(
            "NEW.withdrawn_at IS NULL AND EXISTS (SELECT 1 FROM rounds_scoresheet s WHERE"
            " s.dossier_id = NEW.dossier_id AND s.judge_id = NEW.user_id AND s.state <> 'voided')"
        ),
        lock="SELECT 1 FROM rounds_dossier WHERE id = NEW.dossier_id FOR NO KEY UPDATE",
    )
)
register(
    Guard(
        name="score_added_to_draft",
        table=SCORE,
        events=("INSERT",),
        message=_SEALED_SCORE,
        when=_not_a_draft("NEW.sheet_id"),
        lock=_hold_sheet("NEW.sheet_id"),
    )
)
register(
    Guard(
        name="score_changed_in_draft",
        table=SCORE,
        events=("UPDATE",),
        message=_SEALED_SCORE,
        when=_not_a_draft("NEW.sheet_id", "OLD.sheet_id"),
        lock=_hold_sheet("NEW.sheet_id", "OLD.sheet_id"),
    )
)
register(
    Guard(
        name="score_removed_from_draft",
        table=SCORE,
        events=("DELETE",),
        message=_SEALED_SCORE,
        when=_not_a_draft("OLD.sheet_id"),
        lock=_hold_sheet("OLD.sheet_id"),
    )
)
register(
    Guard(
        name="sheet_sealed",
        table=SHEET,
        events=("UPDATE",),
        message="Phiếu đã nộp và đã khóa: chỉ được đánh dấu không tính, kèm lý do.",
        when=(
            f"OLD.state IN ('submitted', 'cannot_assess') AND ({_IDENTITY_CHANGED}"
            " OR NEW.state NOT IN (OLD.state, 'voided') OR (NEW.state = 'voided' AND NEW.voided_reason = ''))"
        ),
    )
)
register(
    Guard(
        name="sheet_voided_as_it_was",
        table=SHEET,
        events=("UPDATE",),
        message="Phiếu không tính chỉ được khôi phục đúng như trước khi bỏ.",
        when=(
            f"OLD.state = 'voided' AND ({_IDENTITY_CHANGED} OR (NEW.state = 'draft' AND OLD.submitted_at IS NOT NULL)"
            " OR (NEW.state IN ('submitted', 'cannot_assess') AND OLD.submitted_at IS NULL))"
        ),
    )
)
register(
    Guard(
        name="sheet_never_removed",
        table=SHEET,
        events=("DELETE",),
        message="Phiếu đã nộp hoặc đã bỏ được giữ lại, không xóa.",
        when="OLD.state <> 'draft'",
    )
)

_ITS_SET = (
    "SELECT 1 FROM rounds_dossier d JOIN products_product s ON s.id = d.product_id"
    " JOIN products_product p ON p.id = NEW.product_id WHERE d.id = NEW.gathered_into_id"
    " AND d.round_id = NEW.round_id AND d.gathered_into_id IS NULL AND s.is_set AND s.facility_id = p.facility_id"
)
register(
    Guard(
        name="gathered_into_a_set",
        table=DOSSIER,
        events=("INSERT", "UPDATE"),
        message="Hồ sơ chỉ gộp được vào hồ sơ bộ của cùng cơ sở, trong cùng kỳ bình chọn.",
        when=f"NEW.gathered_into_id IS NOT NULL AND NOT EXISTS ({_ITS_SET})",
    )
)
register(
    Guard(
        name="gathered_unscored",
        table=DOSSIER,
        events=("UPDATE",),
        message="Hồ sơ đã có phiếu chấm nên không gộp vào bộ được.",
        when=(
            "NEW.state = 'gathered' AND EXISTS (SELECT 1 FROM rounds_scoresheet s WHERE s.dossier_id = NEW.id"
            " AND s.state <> 'voided')"
        ),
    )
)
register(
    Guard(
        name="version_frozen",
        table=VERSION,
        events=("UPDATE",),
        message="Phiên bản hồ sơ đã khóa: không sửa, không xóa.",
    )
)
register(
    Guard(
        name="version_kept",
        table=VERSION,
        events=("DELETE",),
        message="Phiên bản hồ sơ đã khóa: không sửa, không xóa.",
        # A whole dossier that nobody has worked on may be taken back, as a draft, by the undo of its import.
        when="EXISTS (SELECT 1 FROM rounds_dossier d WHERE d.id = OLD.dossier_id AND d.state <> 'draft')",
    )
)
register(
    Guard(
        name="complaint_answered_by_another",
        table="rounds_complaint",
        events=("INSERT", "UPDATE"),
        message="Người đã chấm hồ sơ không trả lời kiến nghị về hồ sơ đó.",
        when=(
            "NEW.answerer_id IS NOT NULL AND NEW.state <> 'answered' AND EXISTS (SELECT 1 FROM rounds_scoresheet s"
            " WHERE s.dossier_id = NEW.dossier_id AND s.judge_id = NEW.answerer_id)"
        ),
        lock="SELECT 1 FROM rounds_dossier WHERE id = NEW.dossier_id FOR SHARE",
    )
)
