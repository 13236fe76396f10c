"""The side bar: the desk's pages grouped by task, whatever table they stand on."""

from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Item:
    """One line of the side bar."""

    label: Any
    icon: str
    url: str
    current: bool


@dataclass(frozen=True)
class Group:
    """Lines of one task; what is seldom needed is folded until one is there."""

    label: Any
    items: tuple[Item, ...]
    is_seldom: bool = False

    @property
    def is_here(self) -> bool:
        return any(item.current for item in self.items)


# Group, then (model, words, icon). Words are left out where the model's own name says it.
MENU: tuple[tuple[Any, tuple[tuple[str, Any, str], ...]], ...] = (
    (
        _("Bình chọn"),
        (
            ("rounds.Round", _("Kỳ bình chọn"), "calendar-days"),
            ("rounds.Dossier", _("Hồ sơ"), "folder-open"),
            ("admin:nominations", _("Đề cử lên cấp trên"), "send"),
            ("admin:exchange", _("Trao đổi với cổng khác"), "arrow-down-up"),
            ("rounds.Seat", _("Hội đồng, giám khảo"), "users"),
            ("rounds.CriteriaSet", _("Bộ tiêu chí"), "list"),
            ("rounds.Conflict", _("Xung đột lợi ích"), "hand"),
        ),
    ),
    (
        _("Sổ công nhận"),
        (
            ("products.Product", _("Sản phẩm"), "package"),
            ("products.Recognition", _("Công nhận"), "stamp"),
            ("facilities.Facility", _("Cơ sở"), "factory"),
            ("facilities.Representative", _("Người đại diện cơ sở"), "user-check"),
            ("products.Decision", _("Quyết định"), "gavel"),
            ("products.Certificate", _("Giấy chứng nhận"), "award"),
            ("admin:products_certificate_decisions", _("Cấp giấy chứng nhận"), "ribbon"),
            ("products.CertificateBook", _("Sổ cấp giấy"), "book-open"),
            ("products.PublishedFigure", _("Số liệu đã công bố"), "chart-column"),
            ("imports.ImportBatch", _("Nhập danh sách"), "upload"),
            ("admin:yearly_reports", _("Báo cáo năm của cơ sở"), "clipboard-list"),
            ("admin:department_reports", _("Báo cáo của Sở"), "file-text"),
            ("admin:campaign", _("Đăng ký lại"), "calendar-clock"),
            ("admin:figures", _("Đối chiếu số liệu"), "scale"),
            ("admin:check_counts", _("Lượt tra cứu"), "scan-line"),
            ("admin:inquiries", _("Thư của bạn đọc"), "mail"),
            ("admin:ratings", _("Đánh giá thông tin"), "star"),
            ("admin:quality", _("Chất lượng dữ liệu"), "list-todo"),
        ),
    ),
    (
        _("Khuyến công"),
        (
            ("extension.Call", _("Đợt đăng ký nhu cầu"), "calendar-days"),
            ("admin:need_shelf", _("Nhu cầu hỗ trợ"), "folder-open"),
            ("extension.Plan", _("Kế hoạch năm"), "calendar-clock"),
            ("extension.Project", _("Đề án"), "hand-coins"),
            ("admin:duplicate_alarms", _("Cảnh báo hỗ trợ trùng"), "copy"),
            ("admin:money_book", _("Sổ kinh phí"), "coins"),
            ("admin:inspection_plan", _("Kế hoạch kiểm tra"), "clipboard-list"),
            ("admin:support_effect", _("Tác động đến sản phẩm"), "chart-column"),
            ("extension.Fair", _("Hội chợ, triển lãm"), "tent"),
            ("extension.Outlet", _("Điểm bán, trưng bày"), "store"),
            ("admin:markets", _("Đưa ra thị trường"), "package-search"),
            ("admin:extension_reports", _("Báo cáo khuyến công"), "file-text"),
        ),
    ),
    (
        _("Quy định khuyến công"),
        (
            ("extension.Programme", _("Chương trình"), "layers"),
            ("extension.Workflow", _("Trình tự thực hiện"), "list"),
            ("extension.DueRule", _("Hạn trong năm"), "clock"),
            ("extension.NormItem", _("Nội dung chi"), "list"),
            ("extension.SupportNorm", _("Mức chi"), "scale"),
            ("extension.PriorityRule", _("Các ưu tiên"), "star"),
            ("extension.AdvanceRule", _("Mức tạm ứng"), "wallet"),
            ("extension.ChecklistItem", _("Câu kiểm tra"), "clipboard-check"),
            ("extension.EvidenceRule", _("Giấy tờ phải có"), "folder-check"),
            ("extension.AuthorityRule", _("Thẩm quyền điều chỉnh"), "gavel"),
            ("extension.ResultIndicator", _("Chỉ tiêu kết quả"), "list-todo"),
        ),
    ),
    (
        _("Hệ thống"),
        (
            ("accounts.User", _("Tài khoản"), "user"),
            ("accounts.Grant", _("Vai trò"), "key-round"),
            ("accounts.Organisation", _("Đơn vị"), "building-2"),
            ("territory.Territory", _("Tỉnh, thành phố"), "map-pin"),
            ("territory.Commune", _("Xã, phường"), "map"),
            ("products.ValidityRule", _("Quy định hiệu lực"), "hourglass"),
            ("products.SuccessorAuthority", _("Cơ quan tiếp nhận thay"), "landmark"),
            ("facilities.ReportingRule", _("Hạn báo cáo năm"), "calendar-clock"),
            ("products.TrustRoot", _("Tổ chức chứng thực"), "shield-check"),
            ("rounds.CouncilRule", _("Quy định về hội đồng"), "scale"),
            ("rounds.EligibilityRule", _("Điều kiện tham gia"), "list"),
            ("notices.Notice", _("Thư nhắc"), "mail"),
            ("notices.Errand", _("Việc báo tận nơi"), "phone"),
            ("notices.AddressFault", _("Địa chỉ bị trả thư"), "mail"),
            ("notices.ReminderRule", _("Lịch nhắc"), "bell"),
            ("audit.AuditEntry", _("Nhật ký"), "scroll-text"),
        ),
    ),
)
# The rules and the system, which stand last.
SELDOM = MENU[-2:]
# Pages of no table of their own, open to whoever may open the table named.
PAGES = {
    "admin:need_shelf": "extension.Call",
    "admin:support_effect": "extension.Project",
    "admin:nominations": "products.Product",
    "admin:products_certificate_decisions": "products.Certificate",
    "admin:duplicate_alarms": "extension.Project",
    "admin:campaign": "products.Recognition",
    "admin:figures": "products.PublishedFigure",
    "admin:check_counts": "products.Certificate",
    "admin:inquiries": "products.Product",
    "admin:ratings": "products.Product",
    "admin:quality": "products.Product",
    "admin:exchange": "products.Product",
    "admin:yearly_reports": "facilities.Facility",
    "admin:department_reports": "facilities.Facility",
    "admin:extension_reports": "extension.Project",
    "admin:money_book": "extension.Project",
    "admin:inspection_plan": "extension.Project",
    "admin:markets": "extension.Outlet",
}
# Where the work on one row of a table goes on, outside the table's own pages.
WITHIN = {"extension.Project": "/quan-tri/de-an/"}
_KNOWN = {name for _group, rows in MENU for name, _words, _icon in rows}


def menu(site: AdminSite, request: HttpRequest) -> list[Group]:
    """The pages this person may open, by task; a page nobody has placed yet stands under "Hệ thống"."""
    open_ = {model._meta.label: model for model, held in site._registry.items() if held.has_view_permission(request)}
    addresses = {
        label: reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for label, model in open_.items()
    }
    addresses |= {page: reverse(page) for page, table in PAGES.items() if table in open_}
    groups = []
    for group in MENU:
        label, rows = group
        lines = [(name, words, icon) for name, words, icon in rows if name in addresses]
        if group is MENU[-1]:
            lines += [(name, open_[name]._meta.verbose_name_plural, "list") for name in open_ if name not in _KNOWN]
        items = tuple(_item(name, words, icon, addresses[name], request.path) for name, words, icon in lines)
        if items:
            groups.append(Group(label, items, group in SELDOM))
    return groups


def _item(name: str, words: Any, icon: str, url: str, path: str) -> Item:
    return Item(words, icon, url, path.startswith((url, WITHIN.get(name, url))))
