"""What the database holds the council to: minutes that are locked, decisions that stand, sets formed after the seal.

A word said in a session is changed only while that session sits, or by a later one that sits. Locks on PostgreSQL:
a word holds its session, so that it is either in the minutes or refused, never in between.
"""

from portal.audit.triggers import Event, Guard, register

SESSION, ATTENDANCE, VERDICT = "rounds_councilsession", "rounds_attendance", "rounds_verdict"
PROPOSAL, RESULT, SHEET, DOSSIER = "rounds_setproposal", "rounds_result", "rounds_scoresheet", "rounds_dossier"

_MINUTES = "Biên bản phiên họp đã khóa nên không sửa được. Hãy mở phiên họp mới để hội đồng xét lại."
_PROPOSAL = "Đề xuất đã quyết định thì giữ nguyên, không sửa, không xóa."
_LATE = "Bộ gộp sau khi khóa điểm không có phiếu chấm và không có điểm riêng."


# The names put into these are columns, written in this file.
def _is_closed(*sessions: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM rounds_councilsession s WHERE s.id IN ({', '.join(sessions)})"  # noqa: S608
        " AND s.state = 'closed')"
    )


def _hold(*sessions: str) -> str:
    return f"SELECT 1 FROM rounds_councilsession WHERE id IN ({', '.join(sessions)}) ORDER BY id FOR SHARE"  # noqa: S608


def _is_late_set(dossier: str) -> str:
    return f"EXISTS (SELECT 1 FROM rounds_dossier d WHERE d.id = {dossier} AND d.gathered_late)"  # noqa: S608


register(
    Guard(
        name="verdict_said_in_open_session",
        table=VERDICT,
        events=("INSERT", "UPDATE"),
        message=_MINUTES,
        when=(
            "NEW.session_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM rounds_councilsession s"
            " JOIN rounds_dossier d ON d.round_id = s.round_id WHERE s.id = NEW.session_id AND s.state = 'open'"
            " AND d.id = NEW.dossier_id)"
        ),
        lock=_hold("NEW.session_id"),
    )
)
register(
    Guard(
        name="verdict_stays_in_minutes",
        table=VERDICT,
        events=("UPDATE",),
        message=_MINUTES,
        when=f"NEW.session_id IS NULL AND {_is_closed('OLD.session_id')}",
    )
)
register(
    Guard(
        name="verdict_minuted_not_removed",
        table=VERDICT,
        events=("DELETE",),
        message=_MINUTES,
        # Gone only where another session sits (a set takes the place of its parts), or where the seal is off.
        when=(
            f"{_is_closed('OLD.session_id')} AND NOT EXISTS (SELECT 1 FROM rounds_councilsession s"  # noqa: S608
            " JOIN rounds_dossier d ON d.round_id = s.round_id WHERE d.id = OLD.dossier_id AND s.state = 'open')"
            " AND EXISTS (SELECT 1 FROM rounds_roundseal k JOIN rounds_dossier d ON d.round_id = k.round_id"
            " WHERE d.id = OLD.dossier_id AND k.reopened_at IS NULL)"
        ),
    )
)
register(
    Guard(
        name="session_minutes_locked",
        table=SESSION,
        events=("UPDATE",),
        message=_MINUTES,
        when="OLD.state = 'closed' AND ("
        + " OR ".join(
            f"NEW.{column} IS DISTINCT FROM OLD.{column}"
            for column in (
                "state",
                "round_id",
                "number",
                "held_at",
                "place",
                "chaired_by_id",
                "minuted_by_id",
                "discussion",
                "conclusion",
                "closed_at",
                "minutes",
            )
        )
        + ")",
    )
)
register(
    Guard(
        name="session_minutes_kept",
        table=SESSION,
        events=("DELETE",),
        message=_MINUTES,
        when="OLD.state = 'closed'",
    )
)
_TOUCHED: dict[Event, tuple[str, ...]] = {
    "INSERT": ("NEW.session_id",),
    "UPDATE": ("NEW.session_id", "OLD.session_id"),
    "DELETE": ("OLD.session_id",),
}
for _event, _sessions in _TOUCHED.items():
    register(
        Guard(
            name=f"attendance_{_event.lower()}_while_sitting",
            table=ATTENDANCE,
            events=(_event,),
            message=_MINUTES,
            when=_is_closed(*_sessions),
            lock=_hold(*_sessions),
        )
    )
register(
    Guard(
        name="proposal_decided_once",
        table=PROPOSAL,
        events=("UPDATE",),
        message=_PROPOSAL,
        when="OLD.state <> 'proposed'",
    )
)
register(
    Guard(
        name="proposal_decided_kept",
        table=PROPOSAL,
        events=("DELETE",),
        message=_PROPOSAL,
        when="OLD.state <> 'proposed'",
    )
)
register(
    Guard(
        name="late_set_has_no_result",
        table=RESULT,
        events=("INSERT", "UPDATE"),
        message=_LATE,
        when=_is_late_set("NEW.dossier_id"),
    )
)
register(
    Guard(
        name="late_set_has_no_sheet",
        table=SHEET,
        events=("INSERT",),
        message=_LATE,
        when=_is_late_set("NEW.dossier_id"),
    )
)
register(
    Guard(
        name="scored_set_stays_whole",
        table=DOSSIER,
        events=("UPDATE",),
        message="Bộ đã được chấm như một bộ nên không tách được.",
        when=(
            "OLD.state = 'gathered' AND NEW.state <> 'gathered' AND EXISTS (SELECT 1 FROM rounds_result r"
            " WHERE r.dossier_id = OLD.gathered_into_id)"
        ),
    )
)
