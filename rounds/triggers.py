"""What must hold of dossiers and scores whoever writes, by the portal or by hand: the database refuses the rest.

Locks on PostgreSQL: a conflict holds its dossier against a sheet being opened at the same moment, a score
holds its sheet against being handed in. A plain save never waits for the dossier, so that no two wait in a ring.
"""

from portal.audit.triggers import Guard, register

from . import council_triggers, nomination_triggers  # noqa: F401

SHEET, SCORE, CONFLICT = "rounds_scoresheet", "rounds_score", "rounds_conflict"
DOSSIER, VERSION = "rounds_dossier", "rounds_dossierversion"

# Declared or found, and not withdrawn; or the province has approved the person to speak for the facility.
# The same as rounds/standing.py says in queries.
_STANDING_CONFLICT = (
    "NEW.state <> 'voided' AND (EXISTS (SELECT 1 FROM rounds_conflict c WHERE c.dossier_id = NEW.dossier_id"
    " AND c.user_id = NEW.judge_id AND c.withdrawn_at IS NULL)"
    " OR EXISTS (SELECT 1 FROM facilities_representative f JOIN accounts_user u ON u.id = f.user_id AND u.is_active"
    " JOIN products_product p ON p.facility_id = f.facility_id JOIN rounds_dossier d ON d.product_id = p.id"
    " WHERE d.id = NEW.dossier_id AND f.user_id = NEW.judge_id AND f.state = 'approved'))"
)
# Once the points are sealed, a conflict is still written down; the sheet that was counted stays as the seal has it.
_BEFORE_SEAL = (
    "EXISTS (SELECT 1 FROM rounds_dossier d JOIN rounds_round r ON r.id = d.round_id WHERE d.id = NEW.dossier_id"
    " AND r.state IN ('draft', 'receiving', 'screening', 'scoring'))"
)
_CONTENT_CHANGED = (
    "NEW.uuid <> OLD.uuid OR NEW.judge_id <> OLD.judge_id OR NEW.dossier_id <> OLD.dossier_id"
    " OR NEW.scoring_pass <> OLD.scoring_pass OR NEW.edition <> OLD.edition"
    " OR NEW.dossier_version <> OLD.dossier_version OR NEW.total IS DISTINCT FROM OLD.total"
    " OR NEW.remark <> OLD.remark OR NEW.cannot_assess_reason <> OLD.cannot_assess_reason"
    " OR NEW.entered_by_id IS DISTINCT FROM OLD.entered_by_id OR NEW.entered_at IS DISTINCT FROM OLD.entered_at"
    " OR NEW.paper_scan_id IS DISTINCT FROM OLD.paper_scan_id"
)
_IDENTITY_CHANGED = f"{_CONTENT_CHANGED} OR NEW.submitted_at IS DISTINCT FROM OLD.submitted_at"
# The one way back from a sealed sheet: to the next edition as a draft, what was handed in being kept, while scoring.
_REOPENED = (
    "OLD.state IN ('submitted', 'cannot_assess') AND NEW.state = 'draft' AND NEW.edition = OLD.edition + 1"
    " AND NEW.submitted_at IS NULL AND NEW.total IS NULL AND NEW.dossier_version = OLD.dossier_version"
    " AND NEW.uuid = OLD.uuid AND NEW.judge_id = OLD.judge_id AND NEW.dossier_id = OLD.dossier_id"
    " AND NEW.scoring_pass = OLD.scoring_pass AND NEW.remark = OLD.remark"
    " AND EXISTS (SELECT 1 FROM rounds_sheetversion v WHERE v.sheet_id = OLD.id"
    " AND v.number = OLD.edition) AND EXISTS (SELECT 1 FROM rounds_dossier d JOIN rounds_round r ON r.id = d.round_id"
    " WHERE d.id = OLD.dossier_id AND r.state = 'scoring')"
)
_CONFLICTED = "Người này có xung đột lợi ích với hồ sơ nên không có phiếu chấm."
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
            "NEW.withdrawn_at IS NULL AND EXISTS (SELECT 1 FROM rounds_scoresheet s WHERE"  # noqa: S608
            " s.dossier_id = NEW.dossier_id AND s.judge_id = NEW.user_id AND s.state <> 'voided'"
            f" AND (s.state IN ('draft', 'entered') OR {_BEFORE_SEAL}))"
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
        message="Phiếu đã nộp và đã khóa: chỉ được đánh dấu không tính kèm lý do, hoặc mở lại khi bản cũ đã được giữ.",
        when=(
            f"OLD.state IN ('submitted', 'cannot_assess') AND NOT ({_REOPENED}) AND ({_IDENTITY_CHANGED}"
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
            " OR (NEW.state = 'draft' AND OLD.total IS NOT NULL)"
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
        when="OLD.state <> 'draft' OR OLD.edition > 1",
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
        message="Hồ sơ đã có phiếu chấm chỉ gộp được khi hội đồng đang xét, và khi đã đạt điểm.",
        # Scored entries become a set only after the seal, and only those that passed by themselves.
        when=(
            "NEW.state = 'gathered' AND OLD.gathered_into_id IS DISTINCT FROM NEW.gathered_into_id"
            " AND EXISTS (SELECT 1 FROM rounds_scoresheet s WHERE s.dossier_id = NEW.id AND s.state <> 'voided')"
            " AND NOT EXISTS (SELECT 1 FROM rounds_dossier w JOIN rounds_round r ON r.id = w.round_id"
            " JOIN rounds_result p ON p.dossier_id = NEW.id WHERE w.id = NEW.gathered_into_id AND w.gathered_late"
            " AND p.passed AND r.state = 'deliberation')"
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
_ANSWERER_SCORED = (
    "NEW.answerer_id IS NOT NULL AND EXISTS (SELECT 1 FROM rounds_scoresheet s"
    " WHERE s.dossier_id = NEW.dossier_id AND s.judge_id = NEW.answerer_id)"
)
register(
    Guard(
        name="complaint_given_to_another",
        table="rounds_complaint",
        events=("INSERT",),
        message="Người đã chấm hồ sơ không trả lời kiến nghị về hồ sơ đó.",
        when=_ANSWERER_SCORED,
        lock="SELECT 1 FROM rounds_dossier WHERE id = NEW.dossier_id FOR SHARE",
    )
)
register(
    Guard(
        name="complaint_answered_by_another",
        table="rounds_complaint",
        events=("UPDATE",),
        message="Người đã chấm hồ sơ không trả lời kiến nghị về hồ sơ đó.",
        # An answer that stands is kept, whatever its author scores in a later session.
        when=(
            f"{_ANSWERER_SCORED} AND (OLD.state <> 'answered' OR NEW.state <> 'answered'"
            " OR NEW.answerer_id IS DISTINCT FROM OLD.answerer_id OR NEW.dossier_id IS DISTINCT FROM OLD.dossier_id)"
        ),
        lock="SELECT 1 FROM rounds_dossier WHERE id = NEW.dossier_id FOR SHARE",
    )
)

CRITERIA, CRITERION = "rounds_criteriaset", "rounds_criterion"
_ROW_STANDS = "Bộ tiêu chí đã trình hoặc đã duyệt: không thêm, sửa hay xóa mục được."


# The names put into these two are columns, written in this file.
def _set_stands(*sets: str) -> str:
    """Handed in for approval, approved for a round, or frozen. Templates, which belong to no round, may change."""
    return (
        f"EXISTS (SELECT 1 FROM rounds_criteriaset c WHERE c.id IN ({', '.join(sets)})"  # noqa: S608
        " AND (c.frozen_at IS NOT NULL OR (c.round_id IS NOT NULL AND c.state <> 'draft')))"
    )


def _hold_set(*sets: str) -> str:
    return f"SELECT 1 FROM rounds_criteriaset WHERE id IN ({', '.join(sets)}) ORDER BY id FOR SHARE"  # noqa: S608


register(
    Guard(
        name="criterion_added_to_draft",
        table=CRITERION,
        events=("INSERT",),
        message=_ROW_STANDS,
        when=_set_stands("NEW.criteria_set_id"),
        lock=_hold_set("NEW.criteria_set_id"),
    )
)
register(
    Guard(
        name="criterion_changed_in_draft",
        table=CRITERION,
        events=("UPDATE",),
        message=_ROW_STANDS,
        when=_set_stands("NEW.criteria_set_id", "OLD.criteria_set_id"),
        lock=_hold_set("NEW.criteria_set_id", "OLD.criteria_set_id"),
    )
)
register(
    Guard(
        name="criterion_removed_from_draft",
        table=CRITERION,
        events=("DELETE",),
        message=_ROW_STANDS,
        when=_set_stands("OLD.criteria_set_id"),
        lock=_hold_set("OLD.criteria_set_id"),
    )
)
register(
    Guard(
        name="criteria_stand",
        table=CRITERIA,
        events=("UPDATE",),
        message="Bộ tiêu chí đã duyệt thì không đổi; muốn sửa, hãy lập phiên bản mới.",
        when=(
            "(OLD.frozen_at IS NOT NULL AND NEW.frozen_at IS DISTINCT FROM OLD.frozen_at)"
            " OR (OLD.round_id IS NOT NULL AND OLD.state = 'approved' AND (NEW.state <> 'approved'"
            ' OR NEW.round_id IS DISTINCT FROM OLD.round_id OR NEW."group" <> OLD."group"'
            " OR NEW.version <> OLD.version OR NEW.uuid <> OLD.uuid OR NEW.name <> OLD.name"
            " OR NEW.legal_basis <> OLD.legal_basis OR NEW.approved_by_id IS DISTINCT FROM OLD.approved_by_id"
            " OR NEW.proposed_by_id IS DISTINCT FROM OLD.proposed_by_id))"
        ),
    )
)
register(
    Guard(
        name="criteria_kept",
        table=CRITERIA,
        events=("DELETE",),
        message="Bộ tiêu chí đã trình, đã duyệt hoặc đã khóa được giữ lại, không xóa.",
        when="OLD.frozen_at IS NOT NULL OR (OLD.round_id IS NOT NULL AND OLD.state <> 'draft')",
    )
)
register(
    Guard(
        name="criteria_take_two",
        table=CRITERIA,
        events=("UPDATE",),
        message="Bộ tiêu chí phải do một người trình và người khác, không soạn bản đó, duyệt.",
        when=(
            "NEW.round_id IS NOT NULL AND OLD.round_id IS NOT NULL AND NEW.state = 'approved'"
            " AND OLD.state <> 'approved' AND (OLD.state <> 'proposed' OR NEW.approved_by_id IS NULL"
            " OR EXISTS (SELECT 1 FROM audit_auditentry e WHERE e.subject_type = 'rounds.criteriaset'"
            " AND e.subject_id = CAST(NEW.id AS VARCHAR(40)) AND e.actor_id = NEW.approved_by_id"
            " AND e.action IN ('criteria.copy', 'criteria.revise', 'criteria.save')))"
        ),
    )
)

# Sheets in two passes, on paper and re-opened. Whose sheet it is, of what and in which pass, never changes; an
# edition grows only by re-opening. What waits for its judge changes only by the judge's word, yes or no.
register(
    Guard(
        name="sheet_keeps_its_place",
        table=SHEET,
        events=("UPDATE",),
        message="Phiếu không đổi lượt chấm, và chỉ thêm lần nộp khi được mở lại.",
        when=f"NEW.scoring_pass <> OLD.scoring_pass OR (NEW.edition <> OLD.edition AND NOT ({_REOPENED}))",
    )
)
register(
    Guard(
        name="sheet_in_a_pass_of_the_round",
        table=SHEET,
        events=("INSERT",),
        message="Kỳ này không chấm tại chỗ.",
        when=(
            "NEW.scoring_pass <> 'dossier' AND NOT EXISTS (SELECT 1 FROM rounds_dossier d JOIN rounds_round r"
            " ON r.id = d.round_id WHERE d.id = NEW.dossier_id AND r.has_site_pass)"
        ),
    )
)
register(
    Guard(
        name="sheet_entered_as_on_paper",
        table=SHEET,
        events=("UPDATE",),
        message="Phiếu giấy đã nhập chỉ được giám khảo xác nhận hoặc trả lại.",
        when=(
            f"OLD.state = 'entered' AND (NEW.state NOT IN ('entered', 'submitted', 'draft', 'voided')"
            f" OR (NEW.state <> 'draft' AND ({_CONTENT_CHANGED})))"
        ),
    )
)
register(
    Guard(
        name="sheet_version_of_what_was_handed_in",
        table="rounds_sheetversion",
        events=("INSERT",),
        message="Chỉ giữ được bản của phiếu đang khóa, đúng lần nộp và lúc nộp.",
        when=(
            "NOT EXISTS (SELECT 1 FROM rounds_scoresheet s WHERE s.id = NEW.sheet_id AND s.edition = NEW.number"
            " AND s.state IN ('submitted', 'cannot_assess') AND s.submitted_at = NEW.submitted_at)"
        ),
        lock="SELECT 1 FROM rounds_scoresheet WHERE id = NEW.sheet_id FOR NO KEY UPDATE",
    )
)
register(
    Guard(
        name="sheet_version_kept",
        table="rounds_sheetversion",
        events=("UPDATE", "DELETE"),
        message="Bản phiếu trước khi mở lại được giữ nguyên: không sửa, không xóa.",
    )
)
register(
    Guard(
        name="extension_kept",
        table="rounds_deadlineextension",
        events=("UPDATE", "DELETE"),
        message="Lần gia hạn đã ghi được giữ nguyên. Muốn đổi hạn, hãy gia hạn lần nữa.",
    )
)

_SEAL_CHANGED = (
    "NEW.round_id <> OLD.round_id OR NEW.number <> OLD.number OR NEW.sha256 <> OLD.sha256"
    " OR CAST(NEW.manifest AS text) <> CAST(OLD.manifest AS text) OR NEW.sealed_at <> OLD.sealed_at"
    " OR NEW.sealed_by_id IS DISTINCT FROM OLD.sealed_by_id"
)
_REOPENING_CHANGED = (
    "OLD.reopened_at IS NOT NULL AND (NEW.reopened_at IS DISTINCT FROM OLD.reopened_at"
    " OR NEW.reopened_by_id IS DISTINCT FROM OLD.reopened_by_id OR NEW.reopened_reason <> OLD.reopened_reason)"
)
register(
    Guard(
        name="seal_unchanged",
        table="rounds_roundseal",
        events=("UPDATE",),
        message="Bản niêm phong điểm không sửa được; chỉ ghi được một lần việc mở lại.",
        when=f"({_SEAL_CHANGED}) OR ({_REOPENING_CHANGED})",
    )
)
register(
    Guard(
        name="seal_kept",
        table="rounds_roundseal",
        events=("DELETE",),
        message="Bản niêm phong điểm được giữ lại, không xóa.",
    )
)

# Holding the dossier, so that a plan applied at the same moment is seen: it holds all dossiers of the round.
register(
    Guard(
        name="sheet_opened_by_its_judge",
        table=SHEET,
        events=("INSERT",),
        message="Hồ sơ này không được phân cho giám khảo nên không mở phiếu được.",
        when=(
            "EXISTS (SELECT 1 FROM rounds_dossier d JOIN rounds_round r ON r.id = d.round_id"
            " WHERE d.id = NEW.dossier_id AND r.assignment = 'assigned')"
            " AND NOT EXISTS (SELECT 1 FROM rounds_assignment a WHERE a.dossier_id = NEW.dossier_id"
            " AND a.judge_id = NEW.judge_id AND a.released_at IS NULL)"
        ),
        lock="SELECT 1 FROM rounds_dossier WHERE id = NEW.dossier_id FOR SHARE",
    )
)
