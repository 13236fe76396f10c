"""What must hold of money whoever writes, by the portal or by hand: the database refuses the rest.

Approved and paid sums count against the limits, a recovery only once it is paid. Every guard that adds up first holds
the project's row on PostgreSQL, so that two payments at once see each other. An expense is known through the editions
of its estimate by its `lineage`.
"""

from portal.audit.triggers import Guard, register

PAYMENT, PART, LINE, ESTIMATE = (
    "extension_payment",
    "extension_paymentline",
    "extension_estimateline",
    "extension_estimate",
)
PROJECT, SETTLEMENT = "extension_project", "extension_settlement"
_HOLD = "SELECT 1 FROM extension_project WHERE id = NEW.project_id FOR NO KEY UPDATE"
_MOVES_ON = "NEW.state IN ('approved', 'paid')"
# The names put into these are columns and tables, written in this file.
# ruff: noqa: S608

# What is bound to leave: approved or paid, less what came back.
_BOUND = (
    "(SELECT COALESCE(SUM(CASE WHEN o.kind = 'recovery' THEN -o.amount ELSE o.amount END), 0) FROM extension_payment o"
    " WHERE o.project_id = NEW.project_id AND o.id <> NEW.id"
    " AND (o.state = 'paid' OR (o.state = 'approved' AND o.kind <> 'recovery')))"
)
# Up to where: what was approved, and once the settlement is approved, what it accepted.
_CEILING = (
    "COALESCE((SELECT s.extension_funds FROM extension_settlement s WHERE s.project_id = NEW.project_id"
    " AND s.state = 'approved'), (SELECT j.extension_funds FROM extension_project j WHERE j.id = NEW.project_id), 0)"
)
_BOUND_OF_LINE = (
    "(SELECT COALESCE(SUM(CASE WHEN o.kind = 'recovery' THEN -q.amount ELSE q.amount END), 0)"
    " FROM extension_paymentline q JOIN extension_payment o ON o.id = q.payment_id AND o.id <> NEW.id"
    " AND (o.state = 'paid' OR (o.state = 'approved' AND o.kind <> 'recovery'))"
    " JOIN extension_estimateline f ON f.id = q.line_id WHERE f.lineage = e.lineage)"
)
# What can come back of one expense: paid, less every other recovery that is approved or paid.
_RETURNABLE = (
    "(SELECT COALESCE(SUM(CASE WHEN o.kind = 'recovery' THEN -q.amount ELSE q.amount END), 0)"
    " FROM extension_paymentline q JOIN extension_payment o ON o.id = q.payment_id AND o.id <> NEW.id"
    " AND (o.state = 'paid' OR (o.state = 'approved' AND o.kind = 'recovery'))"
    " JOIN extension_estimateline f ON f.id = q.line_id WHERE f.lineage = e.lineage)"
)
_PARTS = (
    "SELECT 1 FROM extension_paymentline l JOIN extension_estimateline e ON e.id = l.line_id"
    " JOIN extension_estimate m ON m.id = e.estimate_id WHERE l.payment_id = NEW.id"
)
_DAY = "COALESCE(NEW.paid_on, DATE(NEW.approved_at))"
# The province then, and the one of today that it went into.
_SUCCESSOR = "(SELECT u.successor_id FROM territory_succession u WHERE u.predecessor_id = j.territory_id AND u.is_main)"
# The rule that fits the project most closely, as `extension.money.advances.rule_for` finds it.
_PERCENT = (
    "COALESCE((SELECT r.percent FROM extension_advancerule r JOIN extension_project j ON j.id = NEW.project_id"
    f" WHERE (r.territory_id IS NULL OR r.territory_id = j.territory_id OR r.territory_id = {_SUCCESSOR})"
    " AND r.funding IN ('', j.funding) AND r.kind IN ('', j.kind) AND (r.head IS NULL OR r.head = j.head)"
    f" AND r.valid_from <= {_DAY} AND (r.valid_to IS NULL OR r.valid_to >= {_DAY})"
    " ORDER BY CASE WHEN r.territory_id = j.territory_id THEN 0 WHEN r.territory_id IS NOT NULL THEN 1 ELSE 2 END,"
    " CASE WHEN r.head IS NOT NULL THEN 0 ELSE 1 END, CASE WHEN r.kind <> '' THEN 0 ELSE 1 END,"
    " CASE WHEN r.funding <> '' THEN 0 ELSE 1 END, r.valid_from DESC, r.id DESC LIMIT 1), 0)"
)
_ADVANCED = (
    "(SELECT COALESCE(SUM(o.amount), 0) FROM extension_payment o WHERE o.project_id = NEW.project_id AND o.id <> NEW.id"
    " AND o.kind = 'advance' AND o.state IN ('approved', 'paid'))"
)
_FUNDS = "COALESCE((SELECT j.extension_funds FROM extension_project j WHERE j.id = NEW.project_id), 0)"
_LOCKED_DAY = (
    "SELECT 1 FROM extension_reportperiod r, extension_project j WHERE j.id = NEW.project_id"
    f" AND (r.territory_id = j.territory_id OR r.territory_id = {_SUCCESSOR})"
    " AND r.starts_on <= NEW.paid_on AND r.ends_on >= NEW.paid_on"
)
# Paid, less what came back; of a project by its own key, and of one expense.
_PAID = (
    "(SELECT SUM(CASE WHEN o.kind = 'recovery' THEN -o.amount ELSE o.amount END) FROM extension_payment o"
    " WHERE o.project_id = {project} AND o.state = 'paid')"
)
_PAID_OF_LINE = (
    "(SELECT COALESCE(SUM(CASE WHEN o.kind = 'recovery' THEN -q.amount ELSE q.amount END), 0)"
    " FROM extension_paymentline q JOIN extension_payment o ON o.id = q.payment_id AND o.state = 'paid'"
    " JOIN extension_estimateline f ON f.id = q.line_id WHERE f.lineage = OLD.lineage)"
)


def _changed(*columns: str) -> str:
    return " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)


def _not_proposed(payment: str) -> str:
    return f"EXISTS (SELECT 1 FROM extension_payment o WHERE o.id = {payment} AND o.state <> 'proposed')"


def _hold_payment(*payments: str) -> str:
    return f"SELECT 1 FROM extension_payment WHERE id IN ({', '.join(payments)}) ORDER BY id FOR SHARE"


# --- a payment's own life -------------------------------------------------------------------------------

register(
    Guard(
        name="payment_begins_proposed",
        table=PAYMENT,
        events=("INSERT",),
        message="Khoản chi bắt đầu bằng một đề nghị, rồi mới được duyệt và chi.",
        when="NEW.state <> 'proposed'",
    )
)
register(
    Guard(
        name="payment_frozen",
        table=PAYMENT,
        events=("UPDATE",),
        message="Khoản chi đã duyệt hoặc đã trả lại thì không sửa số tiền, nội dung hay người đề nghị. Khoản đã chi sai thì thu hồi.",
        when=(
            f"(OLD.state <> 'proposed' AND ({_changed('uuid', 'project_id', 'kind', 'amount', 'proposed_by_id')}))"
            " OR (OLD.state = 'approved' AND NEW.state NOT IN ('approved', 'paid', 'refused'))"
            " OR (OLD.state = 'proposed' AND NEW.state = 'paid')"
            " OR (OLD.state IN ('paid', 'refused') AND NEW.state <> OLD.state)"
            f" OR (OLD.state = 'paid' AND ({_changed('approved_by_id', 'paid_by_id', 'paid_on', 'paid_at')}))"
        ),
    )
)
register(
    Guard(
        name="payment_kept",
        table=PAYMENT,
        events=("DELETE",),
        message="Khoản chi đã duyệt, đã chi hoặc đã trả lại được giữ, không xóa.",
        when="OLD.state <> 'proposed'",
    )
)
register(
    Guard(
        name="payment_part_added_to_proposal",
        table=PART,
        events=("INSERT",),
        message="Khoản chi đã duyệt thì không sửa các dòng của nó.",
        when=_not_proposed("NEW.payment_id"),
        lock=_hold_payment("NEW.payment_id"),
    )
)
register(
    Guard(
        name="payment_part_changed_in_proposal",
        table=PART,
        events=("UPDATE",),
        message="Khoản chi đã duyệt thì không sửa các dòng của nó.",
        when=f"{_not_proposed('NEW.payment_id')} OR {_not_proposed('OLD.payment_id')}",
        lock=_hold_payment("NEW.payment_id", "OLD.payment_id"),
    )
)
register(
    Guard(
        name="payment_part_removed_from_proposal",
        table=PART,
        events=("DELETE",),
        message="Khoản chi đã duyệt thì không sửa các dòng của nó.",
        when=_not_proposed("OLD.payment_id"),
        lock=_hold_payment("OLD.payment_id"),
    )
)
register(
    Guard(
        name="payment_part_of_its_project",
        table=PART,
        events=("INSERT", "UPDATE"),
        message="Dòng dự toán này của đề án khác.",
        when=(
            "NOT EXISTS (SELECT 1 FROM extension_payment o JOIN extension_estimateline e ON e.id = NEW.line_id"
            " JOIN extension_estimate m ON m.id = e.estimate_id"
            " WHERE o.id = NEW.payment_id AND o.project_id = e.project_id AND m.project_id = e.project_id)"
        ),
    )
)
register(
    Guard(
        name="payment_adds_up",
        table=PAYMENT,
        events=("UPDATE",),
        message="Các dòng cộng lại phải bằng số tiền của khoản chi.",
        when=(
            f"{_MOVES_ON} AND NEW.amount <>"
            " (SELECT COALESCE(SUM(l.amount), 0) FROM extension_paymentline l WHERE l.payment_id = NEW.id)"
        ),
        lock=_HOLD,
    )
)

# --- limits ---------------------------------------------------------------------------------------------

register(
    Guard(
        name="payment_within_project",
        table=PAYMENT,
        events=("UPDATE",),
        message="Khoản chi này vượt kinh phí khuyến công được duyệt của đề án.",
        when=f"{_MOVES_ON} AND NEW.kind <> 'recovery' AND NEW.amount + {_BOUND} > {_CEILING}",
        lock=_HOLD,
    )
)
register(
    Guard(
        name="payment_within_line",
        table=PAYMENT,
        events=("UPDATE",),
        message="Khoản chi này vượt số được duyệt của một dòng dự toán, hoặc dòng đó không thuộc dự toán đang được duyệt.",
        when=(
            f"{_MOVES_ON} AND NEW.kind <> 'recovery' AND OLD.state <> 'paid' AND EXISTS ({_PARTS}"
            f" AND (m.state <> 'approved' OR l.amount + {_BOUND_OF_LINE} > COALESCE(e.approved, 0)))"
        ),
        lock=_HOLD,
    )
)
register(
    Guard(
        name="payment_refund_within_paid",
        table=PAYMENT,
        events=("UPDATE",),
        message="Số thu hồi lớn hơn số đã chi của dòng dự toán.",
        when=(
            f"{_MOVES_ON} AND NEW.kind = 'recovery' AND OLD.state <> 'paid'"
            f" AND EXISTS ({_PARTS} AND l.amount > {_RETURNABLE})"
        ),
        lock=_HOLD,
    )
)
register(
    Guard(
        name="payment_advance_within_rule",
        table=PAYMENT,
        events=("UPDATE",),
        message="Tổng tạm ứng vượt mức được tạm ứng của loại đề án này.",
        when=(
            f"{_MOVES_ON} AND NEW.kind = 'advance' AND OLD.state <> 'paid'"
            f" AND (NEW.amount + {_ADVANCED}) * 100 > {_PERCENT} * {_FUNDS}"
        ),
        lock=_HOLD,
    )
)
register(
    Guard(
        name="payment_outside_locked_period",
        table=PAYMENT,
        events=("UPDATE",),
        message="Ngày chứng từ nằm trong kỳ báo cáo đã khóa.",
        when=f"NEW.state = 'paid' AND OLD.state <> 'paid' AND EXISTS ({_LOCKED_DAY} AND r.state = 'locked')",
        lock=f"{_LOCKED_DAY} FOR SHARE OF r",
    )
)

# --- what stands may not sink below what was paid -------------------------------------------------------

register(
    Guard(
        name="line_not_below_paid",
        table=LINE,
        events=("UPDATE",),
        message="Số được duyệt của dòng không được thấp hơn số đã chi.",
        when=(
            f"(NEW.approved IS DISTINCT FROM OLD.approved OR {_changed('lineage', 'estimate_id', 'project_id')})"
            " AND EXISTS (SELECT 1 FROM extension_estimate m WHERE m.id = OLD.estimate_id AND m.state = 'approved')"
            f" AND (COALESCE(NEW.approved, 0) < {_PAID_OF_LINE}"
            f" OR (({_changed('lineage', 'estimate_id', 'project_id')}) AND {_PAID_OF_LINE} > 0))"
        ),
        lock=_HOLD,
    )
)
register(
    Guard(
        name="estimate_covers_paid",
        table=ESTIMATE,
        events=("UPDATE",),
        message="Dự toán mới duyệt cho một dòng thấp hơn số đã chi của dòng đó. Hãy thu hồi trước.",
        when=(
            "NEW.state = 'approved' AND OLD.state <> 'approved' AND EXISTS ("
            "SELECT 1 FROM extension_paymentline q JOIN extension_payment o ON o.id = q.payment_id AND o.state = 'paid'"
            " JOIN extension_estimateline f ON f.id = q.line_id WHERE o.project_id = NEW.project_id GROUP BY f.lineage"
            " HAVING SUM(CASE WHEN o.kind = 'recovery' THEN -q.amount ELSE q.amount END) > COALESCE((SELECT n.approved"
            " FROM extension_estimateline n WHERE n.estimate_id = NEW.id AND n.lineage = f.lineage), 0))"
        ),
        lock=_HOLD,
    )
)
register(
    Guard(
        name="project_funds_cover_paid",
        table=PROJECT,
        events=("UPDATE",),
        message="Kinh phí khuyến công của đề án không được thấp hơn số đã chi.",
        when=f"COALESCE(NEW.extension_funds, 0) < COALESCE({_PAID.format(project='NEW.id')}, 0)",
    )
)
register(
    Guard(
        name="project_disbursed_as_paid",
        table=PROJECT,
        events=("UPDATE",),
        message="Số đã giải ngân của đề án này do sổ chi tính ra, không sửa tay được.",
        when=(
            f"{_PAID.format(project='NEW.id')} IS NOT NULL"
            f" AND NEW.disbursed IS DISTINCT FROM {_PAID.format(project='NEW.id')}"
        ),
    )
)
register(
    Guard(
        name="project_keeps_its_place",
        table=PROJECT,
        events=("UPDATE",),
        message="Đề án đã có dự toán được duyệt hoặc khoản chi thì giữ tỉnh và nguồn kinh phí khi thực hiện.",
        when=(
            f"({_changed('territory_id', 'funding')}) AND (EXISTS (SELECT 1 FROM extension_payment o"
            " WHERE o.project_id = NEW.id) OR EXISTS (SELECT 1 FROM extension_estimate m WHERE m.project_id = NEW.id"
            " AND m.state IN ('approved', 'replaced')))"
        ),
    )
)

# --- settlement -----------------------------------------------------------------------------------------

register(
    Guard(
        name="settlement_within_funds",
        table=SETTLEMENT,
        events=("INSERT", "UPDATE"),
        message="Số khuyến công được quyết toán vượt kinh phí được duyệt của đề án.",
        when=f"NEW.extension_funds > {_FUNDS}",
        lock=_HOLD,
    )
)
register(
    Guard(
        name="settlement_frozen",
        table=SETTLEMENT,
        events=("UPDATE",),
        message="Quyết toán đã phê duyệt thì không sửa được.",
        when=(
            "OLD.state = 'approved' AND ("
            + _changed(
                "project_id", "state", "total", "extension_funds", "counterpart_funds", "other_funds", "decided_by_id"
            )
            + ")"
        ),
    )
)
register(
    Guard(
        name="settlement_kept",
        table=SETTLEMENT,
        events=("DELETE",),
        message="Quyết toán đã phê duyệt được giữ lại, không xóa.",
        when="OLD.state = 'approved'",
    )
)
