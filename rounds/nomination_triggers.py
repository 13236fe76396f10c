"""What the database holds a list of nominations to: once sent it stays as it was sent, and is never removed.

Lock on PostgreSQL: a line holds its list, so that it is either in the manifest or refused.
"""

from portal.audit.triggers import Guard, register

LIST, LINE = "rounds_nominationlist", "rounds_nomination"
_SENT = "Danh sách đề cử đã gửi nên giữ nguyên. Muốn sửa, hãy nhờ cấp trên trả lại."
_OF_SENT_LIST = (
    "EXISTS (SELECT 1 FROM rounds_nominationlist l WHERE l.id = OLD.nomination_list_id AND l.state <> 'draft')"
)
_HOLD = "SELECT 1 FROM rounds_nominationlist WHERE id = OLD.nomination_list_id FOR SHARE"

register(
    Guard(
        name="nominations_sent_stay",
        table=LIST,
        events=("UPDATE",),
        message=_SENT,
        when=(
            "OLD.state <> 'draft' AND (NEW.state = 'draft' OR NEW.manifest_hash <> OLD.manifest_hash"
            " OR NEW.sent_at IS DISTINCT FROM OLD.sent_at OR NEW.letter_number <> OLD.letter_number"
            " OR NEW.letter_on IS DISTINCT FROM OLD.letter_on OR NEW.letter_signer <> OLD.letter_signer"
            " OR NEW.letter_scan_id IS DISTINCT FROM OLD.letter_scan_id OR NEW.nothing_reason <> OLD.nothing_reason)"
        ),
    )
)
register(
    Guard(
        name="nominations_sent_never_removed",
        table=LIST,
        events=("DELETE",),
        message=_SENT,
        when="OLD.state <> 'draft'",
    )
)
register(
    Guard(
        name="nomination_line_as_sent",
        table=LINE,
        events=("UPDATE",),
        message=_SENT,
        when=(
            f"{_OF_SENT_LIST} AND (NEW.chosen <> OLD.chosen OR NEW.position <> OLD.position"
            " OR NEW.why_not <> OLD.why_not OR NEW.reason <> OLD.reason"
            " OR NEW.nomination_list_id <> OLD.nomination_list_id)"
        ),
        lock=_HOLD,
    )
)
register(
    Guard(
        name="nomination_line_never_removed",
        table=LINE,
        events=("DELETE",),
        message=_SENT,
        when=_OF_SENT_LIST,
        lock=_HOLD,
    )
)
