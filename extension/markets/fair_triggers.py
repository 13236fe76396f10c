"""What must hold of support at fairs whoever writes: within the line that pays, and abroad twice a year at most.

A line lives on in later editions of its estimate (`lineage`). On PostgreSQL a participation holds its line and its
facility, so that two at the same moment see each other.
"""

from portal.audit.triggers import Guard, register

PARTICIPATION = "extension_participation"
_LINEAGE = "(SELECT m.lineage FROM extension_estimateline m WHERE m.id = NEW.line_id)"
# Days are written year first on both databases.
_YEAR_OF = "SUBSTR(CAST({0}.starts_on AS TEXT), 1, 4)"

# The names put into these are columns and tables, written in this file.
register(
    Guard(
        name="participation_within_line",
        table=PARTICIPATION,
        events=("INSERT", "UPDATE"),
        message="Tổng hỗ trợ của các cơ sở vượt dòng dự toán đã duyệt.",
        when=(
            "NEW.line_id IS NOT NULL AND NEW.support > 0 AND NEW.support + COALESCE((SELECT SUM(o.support)"  # noqa: S608
            f" FROM {PARTICIPATION} o JOIN extension_estimateline l ON l.id = o.line_id"
            f" WHERE l.lineage = {_LINEAGE} AND o.id IS DISTINCT FROM NEW.id), 0) > COALESCE((SELECT MAX(l.approved)"
            " FROM extension_estimateline l JOIN extension_estimate e ON e.id = l.estimate_id AND e.state = 'approved'"
            f" WHERE l.lineage = {_LINEAGE}), 0)"
        ),
        lock=(
            f"SELECT 1 FROM extension_estimateline WHERE lineage = {_LINEAGE}"  # noqa: S608
            " ORDER BY id FOR NO KEY UPDATE"
        ),
    )
)
register(
    Guard(
        name="participation_abroad_twice_a_year",
        table=PARTICIPATION,
        events=("INSERT", "UPDATE"),
        message="Mỗi cơ sở được hỗ trợ ở nước ngoài nhiều nhất hai lần một năm.",
        when=(
            "NEW.line_id IS NULL AND NEW.support > 0 AND EXISTS (SELECT 1 FROM extension_fair f"  # noqa: S608
            " WHERE f.id = NEW.fair_id AND f.is_abroad AND (SELECT COUNT(*)"
            f" FROM {PARTICIPATION} o JOIN extension_fair g ON g.id = o.fair_id AND g.is_abroad"
            " WHERE o.facility_id = NEW.facility_id AND o.support > 0 AND o.line_id IS NULL"
            f" AND o.id IS DISTINCT FROM NEW.id AND {_YEAR_OF.format('g')} = {_YEAR_OF.format('f')}) >= 2)"
        ),
        lock="SELECT 1 FROM facilities_facility WHERE id = NEW.facility_id FOR NO KEY UPDATE",
    )
)
