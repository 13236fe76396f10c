"""What must hold of norms and estimates whoever writes, by the portal or by hand: the database refuses the rest.

Approved ≤ allowed is a check of each line; that what was applied is the norm itself, that lines do not share a ceiling
beyond it, and that nothing is supported twice spans tables. On PostgreSQL a norm holds its item, a line its estimate
and its norm, and approvals take turns, so that two at the same moment see each other.
"""

from portal.audit.triggers import Guard, register

NORM, LINE, ESTIMATE = "extension_supportnorm", "extension_estimateline", "extension_estimate"
_FAR = "'9999-12-31'"
# One number for approvals of estimates, so that they take turns.
_ONE_BY_ONE = 4_512_012

# The names put into these are columns and tables, written in this file.
_SAME_DAYS = (
    "NEW.start_known AND EXISTS (SELECT 1 FROM extension_supportnorm n WHERE n.item_id = NEW.item_id"  # noqa: S608
    " AND n.id IS DISTINCT FROM NEW.id AND n.start_known AND n.territory_id IS NOT DISTINCT FROM NEW.territory_id"
    f" AND n.valid_from <= COALESCE(NEW.valid_to, {_FAR}) AND COALESCE(n.valid_to, {_FAR}) >= NEW.valid_from)"
)
register(
    Guard(
        name="norms_apart",
        table=NORM,
        events=("INSERT", "UPDATE"),
        message="Hai mức chi của cùng nội dung, cùng nơi không được trùng ngày.",
        when=_SAME_DAYS,
        lock="SELECT 1 FROM extension_normitem WHERE id = NEW.item_id FOR NO KEY UPDATE",
    )
)

_SAYS = ("item_id", "territory_id", "percent", "ceiling", "multiplier", "valid_from", "start_known")
_APPLIED = (
    "EXISTS (SELECT 1 FROM extension_estimateline l JOIN extension_estimate e ON e.id = l.estimate_id"
    " WHERE OLD.id IN (l.norm_id, l.priority_norm_id) AND l.approved IS NOT NULL{more})"
)
register(
    Guard(
        name="norm_applied_stays",
        table=NORM,
        events=("UPDATE",),
        message="Mức chi đã dùng để duyệt dự toán thì không sửa. Hãy ghi ngày hết hiệu lực và thêm mức mới.",
        when=(
            "(("
            + " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in _SAYS)
            + f") AND {_APPLIED.format(more='')}) OR (NEW.valid_to IS DISTINCT FROM OLD.valid_to AND "
            + _APPLIED.format(more=f' AND e."on" > COALESCE(NEW.valid_to, {_FAR})')
            + ")"
        ),
    )
)

_HOLDS = f'{{0}}.start_known AND {{0}}.valid_from <= e."on" AND COALESCE({{0}}.valid_to, {_FAR}) >= e."on"'
# The norm's place: the nation, the project's unit, or what that unit went into (at most twice).
_PLACE = (
    "(n.territory_id IS NULL OR n.territory_id = p.territory_id OR EXISTS (SELECT 1 FROM territory_succession s"
    " LEFT JOIN territory_succession t ON t.predecessor_id = s.successor_id"
    " WHERE s.predecessor_id = p.territory_id AND n.territory_id IN (s.successor_id, t.successor_id)))"
)
_AS_THE_NORM = (
    "EXISTS (SELECT 1 FROM extension_supportnorm n JOIN extension_normitem i ON i.id = n.item_id"  # noqa: S608
    " JOIN extension_estimate e ON e.id = NEW.estimate_id JOIN extension_project p ON p.id = e.project_id"
    " LEFT JOIN extension_supportnorm m ON m.id = NEW.priority_norm_id"
    " LEFT JOIN extension_priorityrule r ON r.id = NEW.priority_id"
    " WHERE n.id = NEW.norm_id AND n.item_id = NEW.item_id AND NEW.project_id = e.project_id"
    f" AND {_HOLDS.format('n')} AND {_PLACE}"
    " AND (n.percent IS NULL OR i.of_estimate OR NEW.rate_bp <= ROUND(n.percent * 100))"
    " AND (n.ceiling IS NULL OR NEW.cap * 100 <="
    " n.ceiling * (CASE WHEN i.counts_units THEN NEW.units ELSE 1 END) * ROUND(COALESCE(m.multiplier, 1) * 100))"
    " AND (NEW.priority_norm_id IS NULL OR (i.may_be_priority AND m.multiplier IS NOT NULL AND r.raises_ceiling"
    f" AND {_HOLDS.format('m')}))"
    " AND (NEW.is_new_machine OR NOT i.needs_new_machine))"
)
_JUDGED_AGAIN = " OR ".join(
    f"NEW.{column} IS DISTINCT FROM OLD.{column}"
    for column in ("approved", "allowed", "cap", "rate_bp", "norm_id", "priority_norm_id", "units", "cost", "item_id")
)
register(
    Guard(
        name="line_as_the_norm_says",
        table=LINE,
        events=("UPDATE",),
        message="Số được duyệt phải theo đúng mức chi đang có hiệu lực vào ngày áp dụng của dự toán.",
        when=f"NEW.approved IS NOT NULL AND ({_JUDGED_AGAIN}) AND NOT {_AS_THE_NORM}",
        lock="SELECT 1 FROM extension_supportnorm WHERE id IN (NEW.norm_id, NEW.priority_norm_id) ORDER BY id FOR SHARE",
    )
)

_WITH_IT = (
    "FROM extension_estimateline l WHERE l.estimate_id = NEW.estimate_id AND l.item_id = NEW.item_id"
    " AND l.facility_id IS NOT DISTINCT FROM NEW.facility_id AND l.id <> NEW.id AND l.approved IS NOT NULL"
)
_TOGETHER = f"(NEW.approved + COALESCE((SELECT SUM(l.approved) {_WITH_IT}), 0))"
register(
    Guard(
        name="line_shares_the_ceiling",
        table=LINE,
        events=("UPDATE",),
        message="Các dòng cùng nội dung chi của một cơ sở cộng lại vượt mức tối đa.",
        when=(
            f"NEW.approved IS NOT NULL AND NEW.cap IS NOT NULL AND ({_JUDGED_AGAIN})"  # noqa: S608
            " AND EXISTS (SELECT 1 FROM extension_normitem i WHERE i.id = NEW.item_id AND NOT i.counts_units)"
            f" AND {_TOGETHER} > NEW.cap AND {_TOGETHER} > COALESCE((SELECT MAX(l.cap) {_WITH_IT}), 0)"
        ),
        lock="SELECT 1 FROM extension_estimate WHERE id = NEW.estimate_id FOR UPDATE",
    )
)

_OPEN = "SELECT 1 FROM extension_estimate e WHERE e.id = {row}.estimate_id AND e.state IN ('draft', 'returned')"
register(
    Guard(
        name="line_added_to_draft",
        table=LINE,
        events=("INSERT",),
        message="Dự toán đã trình hoặc đã duyệt thì không thêm dòng. Hãy lập bản mới.",
        when=(f"NEW.approved IS NOT NULL OR NOT EXISTS ({_OPEN.format(row='NEW')} AND e.project_id = NEW.project_id)"),
    )
)
register(
    Guard(
        name="line_removed_from_draft",
        table=LINE,
        events=("DELETE",),
        message="Dự toán đã trình hoặc đã duyệt thì không bớt dòng. Hãy lập bản mới.",
        when=f"NOT EXISTS ({_OPEN.format(row='OLD')})",
    )
)

# The facility and the product may change: two rows of the register that were one are put together.
_CONTENT = (
    "uuid",
    "estimate_id",
    "project_id",
    "lineage",
    "item_id",
    "description",
    "machine",
    "machine_key",
    "is_new_machine",
    "units",
    "cost",
    "asked",
    "counterpart",
    "other",
    "priority_id",
    "priority_proof",
    "priority_file_id",
)
_JUDGEMENT = ("norm_id", "priority_norm_id", "rate_bp", "cap", "allowed", "approved")


def _differs(*columns: str) -> str:
    return " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)


register(
    Guard(
        name="line_of_a_proposed_estimate",
        table=LINE,
        events=("UPDATE",),
        message="Dự toán đã trình hoặc đã duyệt thì không sửa dòng. Hãy lập bản mới.",
        when=(
            f"(({_differs(*_CONTENT)}) AND NOT EXISTS ({_OPEN.format(row='OLD')}))"  # noqa: S608
            f" OR (({_differs(*_JUDGEMENT)}) AND EXISTS (SELECT 1 FROM extension_estimate e"
            " WHERE e.id = OLD.estimate_id AND e.state IN ('approved', 'replaced')))"
        ),
    )
)

_WAYS = (
    "(OLD.state IN ('draft', 'returned') AND NEW.state IN ('draft', 'returned', 'proposed'))"
    " OR (OLD.state = 'proposed' AND NEW.state IN ('proposed', 'returned', 'approved'))"
    " OR (OLD.state = 'approved' AND NEW.state IN ('approved', 'replaced'))"
    " OR (OLD.state = 'replaced' AND NEW.state = 'replaced')"
)
_DECIDED = ("project_id", "version", "proposed_by_id", "decided_by_id", "decided_at")
register(
    Guard(
        name="estimate_decided_once",
        table=ESTIMATE,
        events=("UPDATE",),
        message="Dự toán đã quyết định thì không sửa. Hãy lập bản mới.",
        when=(
            f"NOT ({_WAYS}) OR (OLD.state IN ('approved', 'replaced') AND ({_differs(*_DECIDED)}))"
            " OR (OLD.state NOT IN ('draft', 'returned') AND NEW.\"on\" IS DISTINCT FROM OLD.\"on\")"
        ),
    )
)
register(
    Guard(
        name="estimate_kept",
        table=ESTIMATE,
        events=("DELETE",),
        message="Dự toán đã trình hoặc đã duyệt được giữ lại, không xóa.",
        when="OLD.state IN ('proposed', 'approved', 'replaced')",
    )
)

_BECOMES = "NEW.state = 'approved' AND OLD.state <> 'approved'"
_TURNS = f"SELECT pg_advisory_xact_lock({_ONE_BY_ONE}) WHERE NEW.state = 'approved' AND OLD.state <> 'approved'"
# What counts as supported already: approved in another project that was not given up before any money went out.
_STANDS = (
    "f.state = 'approved' AND f.project_id <> NEW.project_id AND q.state <> 'refused'"
    " AND NOT (q.state = 'stopped' AND COALESCE(q.disbursed, 0) = 0)"
)
register(
    Guard(
        name="estimate_approved_whole",
        table=ESTIMATE,
        events=("UPDATE",),
        message="Dự toán chưa có dòng nào, hoặc còn dòng chưa ghi số được duyệt.",
        when=(
            f"{_BECOMES} AND (NOT EXISTS (SELECT 1 FROM extension_estimateline l WHERE l.estimate_id = NEW.id)"  # noqa: S608
            " OR EXISTS (SELECT 1 FROM extension_estimateline l WHERE l.estimate_id = NEW.id AND l.approved IS NULL))"
        ),
    )
)
register(
    Guard(
        name="estimate_without_alarm",
        table=ESTIMATE,
        events=("UPDATE",),
        message="Dự toán còn cảnh báo hỗ trợ trùng chưa xem xét, hoặc có khoản đã xác nhận là trùng.",
        when=(
            f"{_BECOMES} AND EXISTS (SELECT 1 FROM extension_estimateline l"  # noqa: S608
            " JOIN extension_duplicatealarm a ON a.line_id = l.id WHERE l.estimate_id = NEW.id"
            " AND (a.state = 'open' OR (a.state = 'confirmed' AND l.approved > 0)))"
        ),
    )
)
register(
    Guard(
        name="machine_supported_once",
        table=ESTIMATE,
        events=("UPDATE",),
        message="Một máy chỉ được hỗ trợ một lần.",
        when=(
            f"{_BECOMES} AND EXISTS (SELECT 1 FROM extension_estimateline l"  # noqa: S608
            " JOIN extension_estimateline o ON o.machine_key = l.machine_key AND o.id <> l.id AND o.approved > 0"
            " JOIN extension_estimate f ON f.id = o.estimate_id JOIN extension_project q ON q.id = f.project_id"
            " WHERE l.estimate_id = NEW.id AND l.machine_key <> '' AND l.approved > 0"
            f" AND (f.id = NEW.id OR ({_STANDS}))"
            " AND NOT EXISTS (SELECT 1 FROM extension_duplicatealarm a WHERE a.state = 'dismissed'"
            " AND ((a.line_id = l.id AND a.other_id = o.id) OR (a.line_id = o.id AND a.other_id = l.id))))"
        ),
        lock=_TURNS,
    )
)
register(
    Guard(
        name="abroad_twice_a_year",
        table=ESTIMATE,
        events=("UPDATE",),
        message="Mỗi cơ sở được hỗ trợ ở nước ngoài nhiều nhất hai lần một năm.",
        when=(
            f"{_BECOMES} AND EXISTS (SELECT 1 FROM extension_estimateline l"  # noqa: S608
            " JOIN extension_normitem i ON i.id = l.item_id AND i.is_abroad"
            " WHERE l.estimate_id = NEW.id AND l.approved > 0 AND l.facility_id IS NOT NULL"
            " AND (SELECT SUM(o.units) FROM extension_estimateline o"
            " JOIN extension_normitem j ON j.id = o.item_id AND j.is_abroad"
            " JOIN extension_estimate f ON f.id = o.estimate_id JOIN extension_project q ON q.id = f.project_id"
            " WHERE o.facility_id = l.facility_id AND o.approved > 0"
            f" AND (f.id = NEW.id OR ({_STANDS}))"
            " AND q.year = (SELECT p.year FROM extension_project p WHERE p.id = NEW.project_id)) > 2)"
        ),
        lock=_TURNS,
    )
)
register(
    Guard(
        name="management_within_its_share",
        table=ESTIMATE,
        events=("UPDATE",),
        message="Chi quản lý vượt tỷ lệ của các dòng khác trong dự toán.",
        when=(
            f"{_BECOMES} AND EXISTS (SELECT 1 FROM extension_estimateline l"  # noqa: S608
            " JOIN extension_normitem i ON i.id = l.item_id AND i.of_estimate"
            " JOIN extension_supportnorm n ON n.id = l.norm_id AND n.percent IS NOT NULL"
            " WHERE l.estimate_id = NEW.id AND l.approved * 10000 > ROUND(n.percent * 100) * COALESCE("
            "(SELECT SUM(o.cost) FROM extension_estimateline o"
            " JOIN extension_normitem j ON j.id = o.item_id AND NOT j.of_estimate WHERE o.estimate_id = NEW.id), 0))"
        ),
    )
)
