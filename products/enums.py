from django.db import models
from django.utils.translation import gettext_lazy as _


class ProductGroup(models.TextChoices):
    """The four groups of TT 26/2014/TT-BCT, Điều 5."""

    HANDICRAFT = "handicraft", _("Thủ công mỹ nghệ")
    PROCESSING = "processing", _("Chế biến nông, lâm, thủy sản và thực phẩm")
    MACHINERY = "machinery", _("Thiết bị, máy móc, dụng cụ và phụ tùng cơ khí")
    OTHER = "other", _("Sản phẩm khác")


GROUP_SHORT = {
    ProductGroup.HANDICRAFT: _("Thủ công mỹ nghệ"),
    ProductGroup.PROCESSING: _("Chế biến, thực phẩm"),
    ProductGroup.MACHINERY: _("Thiết bị, cơ khí"),
    ProductGroup.OTHER: _("Sản phẩm khác"),
}


class Level(models.TextChoices):
    """Levels of recognition; district to 2025-06-30, commune from 2025-07-01 (TT 38/2025/TT-BCT)."""

    DISTRICT = "district", _("Cấp huyện")
    COMMUNE = "commune", _("Cấp xã")
    PROVINCE = "province", _("Cấp tỉnh")
    REGION = "region", _("Cấp khu vực")
    NATIONAL = "national", _("Cấp quốc gia")


LEVEL_RANK = {Level.DISTRICT: 1, Level.COMMUNE: 1, Level.PROVINCE: 2, Level.REGION: 3, Level.NATIONAL: 4}
LEVEL_LETTER = {
    Level.DISTRICT: "H",
    Level.COMMUNE: "X",
    Level.PROVINCE: "T",
    Level.REGION: "K",
    Level.NATIONAL: "Q",
}


class Status(models.TextChoices):
    """What a certificate is worth on a day; the first that applies, in this order (contract)."""

    REVOKED = "revoked", _("Đã thu hồi")
    WITHDRAWN = "withdrawn", _("Đã xin rút")
    SUSPENDED = "suspended", _("Đang tạm dừng")
    SUPERSEDED = "superseded", _("Đã cấp lại")
    EXPIRED = "expired", _("Hết hiệu lực")
    EXPIRING = "expiring", _("Sắp hết hiệu lực")
    VALID = "valid", _("Còn hiệu lực")


class Stage(models.TextChoices):
    RECOGNISED = "recognised", _("Đã công nhận")
    PROPOSED = "proposed", _("Được đề nghị")


class DatePrecision(models.TextChoices):
    DAY = "day", _("Biết đến ngày")
    YEAR = "year", _("Chỉ biết năm")


class PhotoAngle(models.TextChoices):
    """The three views that TT 26/2014/TT-BCT, Điều 12 asks for, and others."""

    FRONT = "front", _("Chính diện")
    SIDE = "side", _("Mặt bên")
    TOP = "top", _("Từ trên xuống")
    OTHER = "other", _("Ảnh khác")


class StandardKind(models.TextChoices):
    OCOP = "ocop", _("OCOP")
    FOOD_SAFETY = "food_safety", _("An toàn thực phẩm")
    ISO = "iso", _("ISO")
    HACCP = "haccp", _("HACCP")
    VIETGAP = "vietgap", _("VietGAP")
    ORGANIC = "organic", _("Hữu cơ")
    NATIONAL_STANDARD = "tcvn", _("TCVN, QCVN")
    AWARD = "award", _("Giấy khen, bằng khen")
    OTHER = "other", _("Tiêu chuẩn khác")


class SalesChannel(models.TextChoices):
    VOSO = "voso", _("Voso")
    POSTMART = "postmart", _("Postmart")
    SHOPEE = "shopee", _("Shopee")
    LAZADA = "lazada", _("Lazada")
    TIKTOK = "tiktok", _("TikTok Shop")
    SENDO = "sendo", _("Sendo")
    OWN = "own", _("Trang của cơ sở")
    OTHER = "other", _("Nơi bán khác")


class ChannelKind(models.TextChoices):
    SUPERMARKET = "supermarket", _("Siêu thị")
    SHOP = "shop", _("Cửa hàng")
    MARKET = "market", _("Chợ, đại lý")
    EXPORT = "export", _("Xuất khẩu")
    SHOWROOM = "showroom", _("Phòng trưng bày")
    OTHER = "other", _("Kênh khác")


class PropertyKind(models.TextChoices):
    TRADEMARK = "trademark", _("Nhãn hiệu")
    COLLECTIVE_MARK = "collective_mark", _("Nhãn hiệu tập thể, chứng nhận")
    GEOGRAPHICAL_INDICATION = "gi", _("Chỉ dẫn địa lý")
    INDUSTRIAL_DESIGN = "design", _("Kiểu dáng công nghiệp")


class FigureMeasure(models.TextChoices):
    """What a published total counts."""

    RECOGNISED = "recognised", _("Sản phẩm được công nhận")
    RECOGNISED_SETS = "recognised_sets", _("Bộ sản phẩm được công nhận")
    RECOGNISED_CUMULATIVE = "recognised_cumulative", _("Sản phẩm được công nhận, lũy kế")
    FACILITIES_RECOGNISED = "facilities_recognised", _("Cơ sở có sản phẩm được công nhận")
    REGISTERED = "registered", _("Sản phẩm đăng ký bình chọn")
    FACILITIES_REGISTERED = "facilities_registered", _("Cơ sở đăng ký bình chọn")
    FIRST_TIME = "first_time", _("Sản phẩm tham gia lần đầu")
    ROUNDS = "rounds", _("Kỳ bình chọn")
    PROJECTS = "projects", _("Đề án khuyến công")
    FUNDS = "funds", _("Kinh phí khuyến công")
    FACILITIES_SUPPORTED = "facilities_supported", _("Cơ sở được hỗ trợ")
    FAIR_SALES = "fair_sales", _("Doanh thu tại hội chợ")
    OTHER = "other", _("Số liệu khác")


# Those that tell of selections, which the register counts too.
SELECTION_MEASURES = (
    FigureMeasure.RECOGNISED,
    FigureMeasure.RECOGNISED_SETS,
    FigureMeasure.RECOGNISED_CUMULATIVE,
    FigureMeasure.FACILITIES_RECOGNISED,
    FigureMeasure.REGISTERED,
    FigureMeasure.FACILITIES_REGISTERED,
    FigureMeasure.FIRST_TIME,
    FigureMeasure.ROUNDS,
)
# Those that tell of support, which the projects of the register tell too.
SUPPORT_MEASURES = (
    FigureMeasure.PROJECTS,
    FigureMeasure.FUNDS,
    FigureMeasure.FACILITIES_SUPPORTED,
    FigureMeasure.FAIR_SALES,
)


class FigurePrecision(models.TextChoices):
    EXACT = "exact", _("chính xác")
    ABOUT = "about", _("khoảng")
    OVER = "over", _("trên")
    ALMOST = "almost", _("gần")
    TEXT = "text", _("nguyên văn")


class EventKind(models.TextChoices):
    """What befell a recognition, as its public trace tells it."""

    RECOGNISED = "recognised", _("Công nhận")
    ISSUED = "issued", _("Cấp giấy chứng nhận")
    REISSUED = "reissued", _("Cấp lại giấy chứng nhận")
    VALIDITY_CHANGED = "validity_changed", _("Sửa hiệu lực")
    SUSPENDED = "suspended", _("Tạm dừng")
    RESUMED = "resumed", _("Khôi phục")
    WITHDRAWN = "withdrawn", _("Cơ sở xin rút")
    REVOKED = "revoked", _("Thu hồi")
    WITHHELD = "withheld", _("Thôi hiện công khai")


class ReissueKind(models.TextChoices):
    """Why a certificate is printed anew."""

    NAME_CHANGED = "name_changed", _("Đổi tên cơ sở hoặc sản phẩm")
    ADDRESS_CHANGED = "address_changed", _("Đổi địa chỉ, địa giới")
    DAMAGED = "damaged", _("Bản cũ hỏng")
    LOST = "lost", _("Bản cũ mất")
    MISPRINTED = "misprinted", _("Bản cũ in sai")
    OTHER = "other", _("Lý do khác")


class PaperKind(models.TextChoices):
    """What is attached to a certificate: a photograph of the signed sheet, or the file signed digitally."""

    SCAN = "scan", _("Bản chụp giấy đã ký")
    SIGNED = "signed", _("Tệp PDF ký số")


class SignatureState(models.TextChoices):
    """What the portal found when it checked the digital signature of a file."""

    UNSIGNED = "unsigned", _("Tệp không có chữ ký số")
    ALTERED = "altered", _("Nội dung đã bị sửa sau khi ký")
    UNKNOWN_SIGNER = "unknown_signer", _("Nội dung nguyên vẹn, chưa xác minh được người ký")
    TRUSTED = "trusted", _("Chữ ký số hợp lệ")


class CheckWay(models.TextChoices):
    """How a certificate was asked for."""

    CODE = "code", _("Gõ mã")
    QR = "qr", _("Quét mã QR")
    NAME = "name", _("Tìm theo tên")
    API = "api", _("Phần mềm hỏi")


class RenewalChoice(models.TextChoices):
    """What a maker says when asked whether the product enters a round again."""

    WILL_ENTER = "will_enter", _("Sẽ đăng ký kỳ tới")
    UNDECIDED = "undecided", _("Chưa quyết định")
    WILL_NOT = "will_not", _("Không đăng ký nữa")
    NOT_REACHED = "not_reached", _("Chưa liên hệ được")


class WithdrawalState(models.TextChoices):
    """Where a maker's request to give a recognition back stands."""

    ASKED = "asked", _("Chờ cán bộ xác nhận")
    CONFIRMED = "confirmed", _("Đã rút")
    DECLINED = "declined", _("Không rút")
    TAKEN_BACK = "taken_back", _("Cơ sở thôi xin rút")


class CapacityPeriod(models.TextChoices):
    MONTH = "month", _("tháng")
    YEAR = "year", _("năm")


class InquiryKind(models.TextChoices):
    """What a visitor writes about."""

    ERROR = "error", _("Báo sai sót")
    QUESTION = "question", _("Hỏi cơ sở")
    PURCHASE = "purchase", _("Yêu cầu mua hàng")
    CONTACT = "contact", _("Liên hệ với cổng")


class ErrorAbout(models.TextChoices):
    """Which part of an entry a visitor finds wrong."""

    NAME = "name", _("Tên sản phẩm")
    MAKER = "maker", _("Cơ sở, địa chỉ")
    VALIDITY = "validity", _("Công nhận, hiệu lực")
    PHOTO = "photo", _("Ảnh")
    SHOPS = "shops", _("Nơi bán")
    STANDARD = "standard", _("Tiêu chuẩn, OCOP")
    OTHER = "other", _("Chỗ khác")


class InquiryState(models.TextChoices):
    NEW = "new", _("Chờ xử lý")
    PASSED_ON = "passed_on", _("Đã chuyển cho cơ sở")
    ANSWERED = "answered", _("Đã trả lời")
    CLOSED = "closed", _("Đã xong")
    REJECTED = "rejected", _("Thư rác")


class ChangeKind(models.TextChoices):
    """What the change feed says of a product's public entry."""

    PUBLISHED = "published", _("Mới công bố hoặc đã sửa")
    GONE = "gone", _("Thôi công bố")
    ALL = "all", _("Đọc lại toàn bộ")
