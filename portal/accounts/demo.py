"""The accounts of the demo: roles, not people. Shown on a page of its own, only where the demo runs."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.territory.enums import Region

from .enums import OrganisationKind, Role

# Public on purpose: it opens invented accounts on a portal that says so.
PASSWORD = "san-pham-mau"
JUDGES = 7


@dataclass(frozen=True)
class DemoAccount:
    """One account: its role by grant, or none when it only holds a seat in a round."""

    username: str
    full_name: str
    does: Any
    title: str = ""
    role: str = ""
    territory: str = ""
    region: str = ""
    commune: str = ""
    commune_code: str = ""
    organisation: str = ""
    organisation_kind: str = ""


_DEPARTMENT = {
    "territory": "thai-nguyen",
    "organisation": "Sở Công Thương Thái Nguyên",
    "organisation_kind": OrganisationKind.DEPARTMENT,
}
_CENTRE = {
    "territory": "thai-nguyen",
    "organisation": "Trung tâm Khuyến công Thái Nguyên",
    "organisation_kind": OrganisationKind.EXTENSION_CENTRE,
}
_AGENCY = {
    "organisation": "Cục Đổi mới sáng tạo, Chuyển đổi xanh và Khuyến công",
    "organisation_kind": OrganisationKind.AGENCY,
}

ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount(
        "canbo.thainguyen",
        "Cán bộ Sở Công Thương Thái Nguyên",
        _("Mở kỳ bình chọn, nhập và kiểm tra hồ sơ, giữ sổ công nhận của tỉnh."),
        title="Chuyên viên",
        role=Role.OFFICER,
        **_DEPARTMENT,
    ),
    DemoAccount(
        "lanhdao.thainguyen",
        "Lãnh đạo Sở Công Thương Thái Nguyên",
        _("Theo dõi kỳ bình chọn, ghi quyết định công nhận, công bố kết quả."),
        title="Phó Giám đốc",
        role=Role.LEADER,
        **_DEPARTMENT,
    ),
    DemoAccount(
        "khuyencong.thainguyen",
        "Cán bộ khuyến công Thái Nguyên",
        _("Nhận hồ sơ, theo dõi chương trình và đề án khuyến công của tỉnh."),
        title="Chuyên viên",
        role=Role.EXTENSION_OFFICER,
        **_CENTRE,
    ),
    DemoAccount(
        "thuky.thainguyen",
        "Thư ký hội đồng Thái Nguyên",
        _("Ghi ý kiến của hội đồng cho từng hồ sơ."),
        title="Thư ký hội đồng",
        **_DEPARTMENT,
    ),
    DemoAccount(
        "giupviec.thainguyen",
        "Tổ giúp việc Thái Nguyên",
        _("Kiểm tra hồ sơ, thông báo bổ sung trước khi chuyển Ban Giám khảo."),
        title="Tổ trưởng tổ giúp việc",
        **_CENTRE,
    ),
    *(
        DemoAccount(
            f"giamkhao{number}.thainguyen",
            f"Giám khảo {number} Thái Nguyên",
            _("Chấm điểm trên điện thoại tại kỳ đang chấm."),
            title="Trưởng Ban Giám khảo" if number == 1 else "Giám khảo",
            territory="thai-nguyen",
        )
        for number in range(1, JUDGES + 1)
    ),
    DemoAccount(
        "xa.tancuong",
        "Cán bộ xã Tân Cương",
        _("Xem và lập hồ sơ của cơ sở trong xã."),
        title="Công chức",
        role=Role.COMMUNE_OFFICER,
        territory="thai-nguyen",
        commune="Tân Cương",
        commune_code="05488",
        organisation="Ủy ban nhân dân xã Tân Cương",
        organisation_kind=OrganisationKind.COMMUNE,
    ),
    DemoAccount(
        "cuc.phiabac",
        "Cán bộ Cục phụ trách phía Bắc",
        _("Xem các tỉnh phía Bắc và tổ chức kỳ bình chọn cấp khu vực."),
        title="Chuyên viên",
        role=Role.AGENCY_REGIONAL,
        region=Region.NORTH,
        **_AGENCY,
    ),
    DemoAccount(
        "cuc.quocgia",
        "Cán bộ Cục",
        _("Xem cả nước và tổ chức kỳ bình chọn cấp quốc gia."),
        title="Chuyên viên chính",
        role=Role.AGENCY_NATIONAL,
        **_AGENCY,
    ),
    DemoAccount(
        "quantri",
        "Quản trị hệ thống",
        _("Tạo tài khoản, giao và thu vai trò, xem toàn bộ nhật ký."),
        role=Role.ADMINISTRATOR,
    ),
)
