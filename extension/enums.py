from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Funding(models.TextChoices):
    NATIONAL = "national", _("Khuyến công quốc gia")
    LOCAL = "local", _("Khuyến công địa phương")
    UNKNOWN = "unknown", _("Chưa rõ nguồn kinh phí")


class ActivityHead(models.IntegerChoices):
    """Nine heads of content, NĐ 45/2012/NĐ-CP, Điều 4."""

    TRAINING = 1, _("Đào tạo nghề, truyền nghề")
    MANAGEMENT = 2, _("Nâng cao năng lực quản lý, khởi sự, sản xuất sạch hơn")
    TECHNOLOGY = 3, _("Mô hình trình diễn kỹ thuật, chuyển giao công nghệ, máy móc tiên tiến")
    PRODUCTS = 4, _("Phát triển sản phẩm tiêu biểu: bình chọn, hội chợ, thương hiệu, phòng trưng bày")
    ADVICE = 5, _("Tư vấn, trợ giúp")
    INFORMATION = 6, _("Cung cấp thông tin")
    CLUSTERS = 7, _("Liên doanh liên kết, cụm công nghiệp, di dời, xử lý môi trường")
    COOPERATION = 8, _("Hợp tác quốc tế")
    ADMINISTRATION = 9, _("Nâng cao năng lực quản lý khuyến công")


class ProjectKind(models.TextChoices):
    SINGLE = "single", _("Đề án đơn lẻ")
    GROUP = "group", _("Đề án nhóm")
    POINT = "point", _("Đề án điểm")


class ProjectState(models.TextChoices):
    REGISTERED = "registered", _("Đã đăng ký")
    APPRAISING = "appraising", _("Đang thẩm định")
    REFUSED = "refused", _("Không được duyệt")
    APPROVED = "approved", _("Đã duyệt")
    RUNNING = "running", _("Đang thực hiện")
    ACCEPTED = "accepted", _("Đã nghiệm thu")
    SETTLED = "settled", _("Đã quyết toán")
    LIQUIDATED = "liquidated", _("Đã thanh lý")
    STOPPED = "stopped", _("Đã ngừng")


class BeneficiaryKind(models.TextChoices):
    FACILITY = "facility", _("Cơ sở")
    CLUSTER = "cluster", _("Cụm công nghiệp")
    TRAINEES = "trainees", _("Lao động được đào tạo")


class PlanState(models.TextChoices):
    DRAFT = "draft", _("Đang soạn")
    SUBMITTED = "submitted", _("Đã trình")
    APPROVED = "approved", _("Đã giao kế hoạch")


class ReportState(models.TextChoices):
    DRAFT = "draft", _("Đang soạn")
    SENT = "sent", _("Đã gửi Cục")
    RETURNED = "returned", _("Được trả lại")
    LOCKED = "locked", _("Đã khóa")


class Cycle(models.TextChoices):
    MONTH = "month", _("Tháng")
    QUARTER = "quarter", _("Quý")
    HALF = "half", _("Sáu tháng")
    YEAR = "year", _("Năm")


class StepDue(models.TextChoices):
    NONE = "none", _("Không có hạn")
    DATE = "date", _("Ngày cố định trong năm")
    AFTER = "after", _("Số ngày sau khi vào giai đoạn")


class DueCode(models.TextChoices):
    """What falls due in a year of extension, TT 36/2013/TT-BCT."""

    REGISTER = "register", _("Đăng ký đề án với Sở")
    TO_AGENCY = "to_agency", _("Gửi kế hoạch về Cục")
    PROGRESS = "progress", _("Báo cáo tiến độ tháng")
    SETTLEMENT = "settlement", _("Hồ sơ quyết toán sau nghiệm thu")
    LIQUIDATION = "liquidation", _("Thanh lý hợp đồng")
    REPORT_QUARTER = "report_quarter", _("Báo cáo quý của Sở")
    REPORT_HALF = "report_half", _("Báo cáo sáu tháng của Sở")
    REPORT_YEAR = "report_year", _("Báo cáo năm của Sở")
    RESULT_AGAIN = "result_again", _("Hỏi lại kết quả sau hỗ trợ")


class Authority(models.TextChoices):
    CENTRE = "centre", _("Trung tâm Khuyến công")
    DEPARTMENT = "department", _("Sở Công Thương")
    COMMITTEE = "committee", _("Ủy ban nhân dân tỉnh")
    AGENCY = "agency", _("Cục")
    MINISTRY = "ministry", _("Bộ Công Thương")


class AdjustmentKind(models.TextChoices):
    CONTENT = "content", _("Điều chỉnh nội dung")
    FUNDS = "funds", _("Điều chỉnh kinh phí")
    TIME = "time", _("Gia hạn thời gian")
    UNIT = "unit", _("Thay đơn vị thực hiện")
    BENEFICIARY = "beneficiary", _("Thay đơn vị thụ hưởng")
    STOP = "stop", _("Ngừng thực hiện")


class ProposalState(models.TextChoices):
    PROPOSED = "proposed", _("Chờ quyết định")
    APPROVED = "approved", _("Đã đồng ý")
    REFUSED = "refused", _("Không đồng ý")


class EstimateState(models.TextChoices):
    DRAFT = "draft", _("Đang lập")
    PROPOSED = "proposed", _("Đã trình")
    RETURNED = "returned", _("Được trả lại")
    APPROVED = "approved", _("Đã duyệt")
    REPLACED = "replaced", _("Đã thay bằng bản sau")


class PaymentKind(models.TextChoices):
    ADVANCE = "advance", _("Tạm ứng")
    DISBURSEMENT = "payment", _("Thanh toán")
    RECOVERY = "recovery", _("Thu hồi")


class PaymentState(models.TextChoices):
    PROPOSED = "proposed", _("Chờ duyệt")
    APPROVED = "approved", _("Chờ chi")
    PAID = "paid", _("Đã chi")
    REFUSED = "refused", _("Không duyệt")


class AlarmKind(models.TextChoices):
    MACHINE = "machine", _("Cùng một máy")
    ITEM = "item", _("Cùng cơ sở, cùng nội dung chi")


class AlarmState(models.TextChoices):
    OPEN = "open", _("Chưa xem xét")
    DISMISSED = "dismissed", _("Không trùng")
    CONFIRMED = "confirmed", _("Trùng, không hỗ trợ")


class PriorityKind(models.TextChoices):
    AREA = "area", _("Địa bàn ưu tiên")
    TRADE = "trade", _("Ngành nghề ưu tiên")
    RECOGNISED = "recognised", _("Sản phẩm công nghiệp nông thôn tiêu biểu")


class NeedState(models.TextChoices):
    REGISTERED = "registered", _("Đã đăng ký")
    SHELVED = "shelved", _("Sẵn sàng lập đề án")
    TURNED = "turned", _("Đã lập đề án")
    DECLINED = "declined", _("Chưa hỗ trợ được")
    WITHDRAWN = "withdrawn", _("Đã rút")


class InspectionState(models.TextChoices):
    PLANNED = "planned", _("Đã lên lịch")
    DONE = "done", _("Đã kiểm tra")
    CANCELLED = "cancelled", _("Đã hủy")


class ChecklistAnswer(models.TextChoices):
    YES = "yes", _("Đạt")
    NO = "no", _("Chưa đạt")
    NOT_APPLICABLE = "na", _("Không áp dụng")


class FindingState(models.TextChoices):
    OPEN = "open", _("Chờ khắc phục")
    ANSWERED = "answered", _("Đã báo khắc phục")
    CLOSED = "closed", _("Đã khắc phục xong")


class ProgressState(models.TextChoices):
    SENT = "sent", _("Đã gửi")
    RETURNED = "returned", _("Cần bổ sung")
    SEEN = "seen", _("Đã tiếp nhận")


class EvidencePlace(models.TextChoices):
    """Where a paper of the file already lies when the portal made or took it in elsewhere."""

    ESTIMATE = "estimate", _("Bản quyết định duyệt dự toán")
    ACCEPTANCE = "acceptance", _("Biên bản nghiệm thu đã ký")
    SETTLEMENT = "settlement", _("Hồ sơ quyết toán")
    LIQUIDATION = "liquidation", _("Biên bản thanh lý")
    PROGRESS = "progress", _("Báo cáo tiến độ đã tiếp nhận")
    INSPECTION = "inspection", _("Lần kiểm tra đã xong")
    PAYMENT = "payment", _("Chứng từ chi")


class AcceptanceOutcome(models.TextChoices):
    PASSED = "passed", _("Đạt")
    TO_MEND = "to_mend", _("Đạt sau khi khắc phục")
    FAILED = "failed", _("Không đạt")


class CommitteeRole(models.TextChoices):
    CHAIR = "chair", _("Chủ tịch")
    MEMBER = "member", _("Ủy viên")
    SECRETARY = "secretary", _("Thư ký")


class FairKind(models.TextChoices):
    FAIR = "fair", pgettext_lazy("one fair", "Hội chợ, triển lãm")
    MATCHING = "matching", _("Hội nghị kết nối cung cầu")
    WEEK = "week", _("Tuần hàng")


class OutletKind(models.TextChoices):
    SHOWROOM = "showroom", _("Phòng trưng bày")
    ECOMMERCE = "ecommerce", _("Sàn thương mại điện tử")
    SUPERMARKET = "supermarket", _("Siêu thị, chuỗi bán lẻ")
