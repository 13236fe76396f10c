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
    NOMINATION = "nomination", _("Cấp dưới đề cử")


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


class ScoringPass(models.TextChoices):
    """On dossiers, and on site where the round visits makers or judges exhibits too."""

    DOSSIER = "dossier", _("Chấm trên hồ sơ")
    SITE = "site", _("Chấm tại chỗ")


class AssignmentMode(models.TextChoices):
    EVERYONE = "everyone", _("Mọi giám khảo chấm mọi hồ sơ")
    ASSIGNED = "assigned", _("Mỗi giám khảo chấm hồ sơ được phân")


class PlanMethod(models.TextChoices):
    EVERYONE = "everyone", _("Mọi giám khảo chấm mọi hồ sơ")
    BY_GROUP = "by_group", _("Theo nhóm sản phẩm")
    BY_HAND = "by_hand", _("Chọn tay")
    BALANCED = "balanced", _("Chia đều tự động")


class PlanState(models.TextChoices):
    PREVIEW = "preview", _("Xem trước")
    APPLIED = "applied", _("Đã áp dụng")
    DISCARDED = "discarded", _("Đã bỏ")


class TieBreak(models.TextChoices):
    """Steps that tell equal means apart, in the order the round has published."""

    HEAD_1 = "1", _("Điểm tiêu chí 1 cao hơn")
    HEAD_2 = "2", _("Điểm tiêu chí 2 cao hơn")
    HEAD_3 = "3", _("Điểm tiêu chí 3 cao hơn")
    HEAD_4 = "4", _("Điểm tiêu chí 4 cao hơn")
    LOWEST = "lowest", _("Phiếu thấp nhất cao hơn")
    DRAW = "draw", _("Bốc thăm theo mã đã công bố")


class CriteriaState(models.TextChoices):
    DRAFT = "draft", _("Đang soạn")
    PROPOSED = "proposed", _("Chờ duyệt")
    APPROVED = "approved", _("Đã duyệt")


class InterestKind(models.TextChoices):
    """The judge's own ties to a producer; nothing is asked about relatives."""

    WORKS = "works", _("Làm việc, nhận lương hoặc thù lao")
    OWNS = "owns", _("Góp vốn, là thành viên hoặc sở hữu")
    ADVISES = "advises", _("Tư vấn, giúp lập hồ sơ")
    TRADES = "trades", _("Mua bán, cung ứng")
    OTHER = "other", _("Quan hệ khác của chính tôi")


class RecusalReason(models.TextChoices):
    """Why a member stands aside, in neutral words about the member alone. None of them must be explained."""

    WORKS = "works", _("Tôi làm việc hoặc nhận thù lao ở cơ sở này")
    OWNS = "owns", _("Tôi có vốn, là thành viên hoặc chủ sở hữu cơ sở này")
    ADVISES = "advises", _("Tôi đã tư vấn hoặc giúp lập hồ sơ này")
    TRADES = "trades", _("Tôi mua bán, cung ứng với cơ sở này")
    OTHER = "other", _("Tôi không thể khách quan với hồ sơ này")


class ConflictOrigin(models.TextChoices):
    DECLARED = "declared", _("Người chấm tự khai")
    DETECTED = "detected", _("Cổng đối chiếu bản cam kết")


class ConflictBasis(models.TextChoices):
    """What in a declaration met the facility."""

    TAX_CODE = "tax_code", _("Trùng mã số thuế")
    NAME = "name", _("Trùng tên cơ sở")
    ADDRESS = "address", _("Trùng địa chỉ")
    CHOSEN = "chosen", _("Người chấm nêu đích danh cơ sở")


class SessionState(models.TextChoices):
    OPEN = "open", _("Đang họp")
    CLOSED = "closed", _("Đã khóa biên bản")


class ProposalKind(models.TextChoices):
    GATHER = "gather", _("Gộp thành bộ")
    SPLIT = "split", _("Tách bộ")


class ProposalState(models.TextChoices):
    PROPOSED = "proposed", _("Chờ quyết định")
    ACCEPTED = "accepted", _("Đồng ý")
    REFUSED = "refused", _("Không đồng ý")


class ComplaintChannel(models.TextChoices):
    PORTAL = "portal", _("Gửi trên cổng")
    PAPER = "paper", _("Đơn giấy")
    EMAIL = "email", _("Thư điện tử")


class ComplaintAbout(models.TextChoices):
    RESULT = "result", _("Kết quả của sản phẩm")
    PROCEDURE = "procedure", _("Cách tổ chức, trình tự")
    CONFLICT = "conflict", _("Xung đột lợi ích của người chấm")
    PRODUCT = "product", _("Sản phẩm không đủ điều kiện")
    OTHER = "other", _("Việc khác")


class ComplaintState(models.TextChoices):
    RECEIVED = "received", _("Đã nhận")
    ASSIGNED = "assigned", _("Đang xem xét")
    ANSWERED = "answered", _("Đã trả lời")
    WITHDRAWN = "withdrawn", _("Người gửi đã rút")


class ComplaintOutcome(models.TextChoices):
    UPHELD = "upheld", _("Chấp nhận")
    PARTLY = "partly", _("Chấp nhận một phần")
    REJECTED = "rejected", _("Không chấp nhận")
    LATE = "late", _("Không xem xét vì gửi sau hạn")


class SheetState(models.TextChoices):
    DRAFT = "draft", _("Đang chấm")
    ENTERED = "entered", _("Thư ký đã nhập, chờ giám khảo xác nhận")
    SUBMITTED = "submitted", _("Đã nộp")
    CANNOT_ASSESS = "cannot_assess", _("Không đánh giá được")
    VOIDED = "voided", _("Không tính")


class VerdictChoice(models.TextChoices):
    RECOGNISE = "recognise", _("Đề nghị công nhận")
    DECLINE = "decline", _("Không đề nghị")


class ListState(models.TextChoices):
    """Where a list of nominations stands on its way up and back."""

    DRAFT = "draft", _("Đang lập")
    SENT = "sent", _("Đã gửi")
    RECEIVED = "received", _("Cấp trên đã nhận")
    RETURNED = "returned", _("Trả lại")
    CLOSED = "closed", _("Đã có kết quả")


class NotNominated(models.TextChoices):
    """Why a product that could be nominated is not."""

    MAKER_DECLINES = "maker_declines", _("Cơ sở không đăng ký")
    OVER_QUOTA = "over_quota", _("Vượt số lượng được đề cử")
    DOSSIER_INCOMPLETE = "incomplete", _("Hồ sơ chưa đủ")
    ENDING = "ending", _("Giấy chứng nhận hết hiệu lực trước hạn nhận hồ sơ")
    NO_LONGER_MADE = "no_longer_made", _("Không còn sản xuất")
    COUNCIL_CHOICE = "council_choice", _("Hội đồng cấp dưới không chọn")
    OTHER = "other", _("Lý do khác")


class PeerRole(models.TextChoices):
    """What a partner deployment is to this one."""

    CENTRE = "centre", _("Nơi nhận đề cử (Cục)")
    PROVINCE = "province", _("Nơi gửi đề cử (tỉnh)")


class PackageKind(models.TextChoices):
    """What a package carries between two deployments."""

    NOMINATION = "nomination", _("Danh sách đề cử và hồ sơ")
    RECEIPT = "receipt", _("Xác nhận đã nhận")
    RETURN = "return", _("Trả lại danh sách")
    RESULT = "result", _("Kết quả")


class PackageState(models.TextChoices):
    PREPARED = "prepared", _("Đã đóng gói")
    SENT = "sent", _("Đã gửi")
    REFUSED = "refused", _("Không nhận")
    CONFLICT = "conflict", _("Chờ xử lý điểm khác nhau")
    APPLIED = "applied", _("Đã ghi vào sổ")


class ConflictChoice(models.TextChoices):
    """How an officer settles a difference between what came and what is here."""

    OURS = "ours", _("Giữ của ta")
    THEIRS = "theirs", _("Lấy của bên gửi")
    SEPARATE = "separate", _("Là hai đối tượng khác nhau")
