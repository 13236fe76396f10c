from django.db import models
from django.utils.translation import gettext_lazy as _


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
    APPROVED = "approved", _("Đã duyệt")
    RUNNING = "running", _("Đang thực hiện")
    ACCEPTED = "accepted", _("Đã nghiệm thu")
    LIQUIDATED = "liquidated", _("Đã thanh lý")
    STOPPED = "stopped", _("Đã ngừng")


class BeneficiaryKind(models.TextChoices):
    FACILITY = "facility", _("Cơ sở")
    CLUSTER = "cluster", _("Cụm công nghiệp")
    TRAINEES = "trainees", _("Lao động được đào tạo")
