"""What must hold of a recognition whoever writes, by the portal or by hand: the database refuses the rest.

On PostgreSQL a new suspension holds its recognition, so that two recorded at the same moment see each other.
"""

from portal.audit.triggers import Guard, register

_SHARES_A_DAY = (
    "EXISTS (SELECT 1 FROM products_suspension s WHERE s.recognition_id = NEW.recognition_id"
    " AND s.id IS DISTINCT FROM NEW.id AND s.begins_on <= COALESCE(NEW.ends_on, '9999-12-31')"
    " AND COALESCE(s.ends_on, '9999-12-31') >= NEW.begins_on)"
)

register(
    Guard(
        name="event_append_only",
        table="products_recognitionevent",
        events=("UPDATE", "DELETE", "TRUNCATE"),
        message="Diễn biến của công nhận không được sửa hay xóa.",
    )
)
register(
    Guard(
        name="suspensions_apart",
        table="products_suspension",
        events=("INSERT", "UPDATE"),
        message="Hai lần tạm dừng của một công nhận không được trùng ngày.",
        when=_SHARES_A_DAY,
        lock="SELECT 1 FROM products_recognition WHERE id = NEW.recognition_id FOR NO KEY UPDATE",
    )
)
register(
    Guard(
        name="revocation_stays",
        table="products_recognition",
        events=("UPDATE",),
        message="Công nhận đã thu hồi thì không khôi phục, không đổi ngày, quyết định hay văn bản đề nghị.",
        when=(
            "OLD.revoked_on IS NOT NULL AND (NEW.revoked_on IS DISTINCT FROM OLD.revoked_on"
            " OR (OLD.revocation_decision_id IS NOT NULL"
            " AND NEW.revocation_decision_id IS DISTINCT FROM OLD.revocation_decision_id)"
            " OR (OLD.revocation_proposal <> '' AND NEW.revocation_proposal <> OLD.revocation_proposal))"
        ),
    )
)
register(
    Guard(
        name="revocation_kept",
        table="products_recognition",
        events=("DELETE",),
        message="Công nhận đã thu hồi được giữ lại, không xóa.",
        when="OLD.revoked_on IS NOT NULL",
    )
)

_PRINTED = (
    "code",
    "recognition_id",
    "book_id",
    "serial",
    "official_number",
    "issued_on",
    "edition",
    "supersedes_id",
    "content",
    "content_hash",
)

register(
    Guard(
        name="certificate_frozen",
        table="products_certificate",
        events=("UPDATE",),
        message="Giấy chứng nhận đã cấp số thì số, mã và nội dung không được sửa. Cần sửa thì cấp lại.",
        when="OLD.content_hash <> '' AND ("
        + " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in _PRINTED)
        + ")",
    )
)
register(
    Guard(
        name="certificate_kept",
        table="products_certificate",
        events=("DELETE",),
        message="Giấy chứng nhận đã cấp số được giữ lại, không xóa.",
        when="OLD.content_hash <> ''",
    )
)
