from django.db import models
from django.utils.translation import gettext_lazy as _


class RoundState(models.TextChoices):
    DRAFT = "draft", _("Đang chuẩn bị")
    RECEIVING = "receiving", _("Đang nhận hồ sơ")
    SCREENING = "screening", _("Đang kiểm tra hồ sơ")
    SCORING = "scoring", _("Đang chấm điểm")
    DELIBERATION = "deliberation", _("Hội đồng đang xét")
    PROVISIONAL = "provisional", _("Công khai danh sách dự kiến")
    SUBMITTED = "submitted", _("Đã trình cấp có thẩm quyền")
    DECIDED = "decided", _("Đã có quyết định công nhận")
    ANNOUNCED = "announced", _("Đã công bố kết quả")
    CLOSED = "closed", _("Đã kết thúc")
    CANCELLED = "cancelled", _("Đã hủy")


class DossierState(models.TextChoices):
    DRAFT = "draft", _("Đang lập")
    SUBMITTED = "submitted", _("Đã nộp")
    NEEDS_SUPPLEMENT = "needs_supplement", _("Cần bổ sung")
    ELIGIBLE = "eligible", _("Đủ điều kiện")
    NOT_ELIGIBLE = "not_eligible", _("Không đủ điều kiện")
    GATHERED = "gathered", _("Đã gộp vào bộ")
    WITHDRAWN = "withdrawn", _("Đã rút")


class DocumentKind(models.TextChoices):
    """Papers of TT 26/2014/TT-BCT, Điều 12."""

    REGISTRATION_FORM = "registration_form", _("Phiếu đăng ký (Phụ lục 1)")
    BUSINESS_REGISTRATION = "business_registration", _("Bản sao đăng ký kinh doanh còn hiệu lực")
    STATEMENT = "statement", _("Bản thuyết minh sản phẩm (Phụ lục 2)")
    PHOTO_FRONT = "photo_front", _("Ảnh chính diện")
    PHOTO_SIDE = "photo_side", _("Ảnh mặt bên")
    PHOTO_TOP = "photo_top", _("Ảnh từ trên xuống")
    LOWER_CERTIFICATE = "lower_certificate", _("Giấy chứng nhận còn hiệu lực của cấp dưới")
    PROPOSAL_LETTER = "proposal_letter", _("Công văn đề nghị kèm danh sách trích ngang (Phụ lục 5)")
    COVER_LETTER = "cover_letter", _("Công văn gửi hồ sơ (nơi không tổ chức bình chọn cấp dưới)")
    STANDARD = "standard", _("Giấy tờ về tiêu chuẩn, chất lượng, an toàn thực phẩm")
    AWARD = "award", _("Giấy khen, bằng khen")
    AUTHORISATION = "authorisation", _("Giấy ủy quyền nộp thay")
    OTHER = "other", _("Giấy tờ khác")


class DocumentState(models.TextChoices):
    RECEIVED = "received", _("Đã nhận")
    NEEDS_FIX = "needs_fix", _("Cần sửa")


class Origin(models.TextChoices):
    PAPER = "paper", _("Hồ sơ giấy")
    ONLINE = "online", _("Nộp trên cổng")
    COMMUNE = "commune", _("Xã nộp thay")
    PUBLIC_SERVICE = "public_service", _("Cổng dịch vụ công")


class Addressee(models.TextChoices):
    """Who owes a missing paper: one request goes to each."""

    FACILITY = "facility", _("Cơ sở")
    COMMUNE = "commune", _("Ủy ban nhân dân cấp xã")
    LOWER_AUTHORITY = "lower_authority", _("Đơn vị tổ chức bình chọn cấp dưới")


class CheckKind(models.TextChoices):
    COMPUTED = "computed", _("Cổng tự kiểm tra")
    ANSWERED = "answered", _("Người kiểm tra trả lời")


class CheckAnswer(models.TextChoices):
    MET = "met", _("Đạt")
    NOT_MET = "not_met", _("Không đạt")
    NOT_APPLICABLE = "not_applicable", _("Không áp dụng")


class SetBasis(models.TextChoices):
    """What makes products of one facility a set (TT 26/2014/TT-BCT, Điều 6)."""

    MATERIALS = "materials", _("Cùng kiểu dáng, công dụng, khác chất liệu")
    DESIGNS = "designs", _("Khác kiểu dáng, cùng công dụng, cùng chất liệu")
    FITTING = "fitting", _("Sản phẩm khác nhau, dùng kết hợp với nhau")


class Body(models.TextChoices):
    COUNCIL = "council", _("Hội đồng bình chọn")
    JURY = "jury", _("Ban Giám khảo")
    SUPPORT = "support", _("Tổ chuyên môn giúp việc")


class SeatRole(models.TextChoices):
    CHAIR = "chair", _("Chủ tịch hội đồng")
    VICE_CHAIR = "vice_chair", _("Phó chủ tịch hội đồng")
    SECRETARY = "secretary", _("Thư ký hội đồng")
    MEMBER = "member", _("Ủy viên hội đồng")
    HEAD_JUDGE = "head_judge", _("Trưởng Ban Giám khảo")
    DEPUTY_JUDGE = "deputy_judge", _("Phó trưởng Ban Giám khảo")
    JUDGE = "judge", _("Giám khảo")
    SUPPORT_LEAD = "support_lead", _("Tổ trưởng tổ giúp việc")
    SUPPORT_MEMBER = "support_member", _("Thành viên tổ giúp việc")


SEATS_OF_BODY = {
    Body.COUNCIL: (SeatRole.CHAIR, SeatRole.VICE_CHAIR, SeatRole.SECRETARY, SeatRole.MEMBER),
    Body.JURY: (SeatRole.HEAD_JUDGE, SeatRole.DEPUTY_JUDGE, SeatRole.JUDGE),
    Body.SUPPORT: (SeatRole.SUPPORT_LEAD, SeatRole.SUPPORT_MEMBER),
}


class SheetState(models.TextChoices):
    DRAFT = "draft", _("Đang chấm")
    SUBMITTED = "submitted", _("Đã nộp")
    CANNOT_ASSESS = "cannot_assess", _("Không đánh giá được")
    VOIDED = "voided", _("Không tính")


class VerdictChoice(models.TextChoices):
    RECOGNISE = "recognise", _("Đề nghị công nhận")
    DECLINE = "decline", _("Không đề nghị")
