"""One account per role. Their names are roles, never persons; all share one password, shown on the demo page."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext_lazy as _

from portal.accounts.enums import OrganisationKind, Role
from portal.accounts.models import Grant, Organisation, User
from portal.territory.enums import CommuneKind, Region
from portal.territory.models import Commune, Territory
from portal.territory.queries import unit_of

PASSWORD = "xem-thu-cong-2026"  # noqa: S105  shown to everyone, and only where PORTAL_DEMO is on
HOME, OTHER = "Thái Nguyên", "Cao Bằng"
COMMUNE = "Tân Cương"
COMMUNES_SINCE = dt.date(2025, 7, 1)
# No commune of the statistics office carries a code with letters.
COMMUNE_CODE = "MAU01"
DEPARTMENT, CENTRE = "Sở Công Thương", "Trung tâm Khuyến công và Xúc tiến thương mại"
AGENCY = "Cục Đổi mới sáng tạo, Chuyển đổi xanh và Khuyến công"
COMMITTEE = "Ủy ban nhân dân xã Tân Cương"
JUDGES = tuple(f"giamkhao{number}.thainguyen" for number in range(1, 8))
MEMBERS = tuple(f"uyvien{number}.thainguyen" for number in range(1, 5))


@dataclass(frozen=True)
class Account:
    """A demo account: who it stands for, where it works, what it is granted."""

    username: str
    full_name: str
    title: str
    office: str = ""
    province: str = ""
    role: str = ""
    region: str = ""
    at_desk: bool = True


ACCOUNTS = (
    Account("canbo.thainguyen", "Cán bộ Sở Công Thương Thái Nguyên", "Chuyên viên", DEPARTMENT, HOME, Role.OFFICER),
    Account("lanhdao.thainguyen", "Lãnh đạo Sở Công Thương Thái Nguyên", "Phó Giám đốc", DEPARTMENT, HOME, Role.LEADER),
    Account(
        "khuyencong.thainguyen",
        "Cán bộ khuyến công Thái Nguyên",
        "Chuyên viên",
        DEPARTMENT,
        HOME,
        Role.EXTENSION_OFFICER,
    ),
    Account("tiepnhan", "Đơn vị nhận hồ sơ Thái Nguyên", "Bộ phận tiếp nhận", CENTRE, HOME, Role.EXTENSION_OFFICER),
    Account("chutich.thainguyen", "Chủ tịch hội đồng bình chọn Thái Nguyên", "Chủ tịch hội đồng", "", HOME),
    Account("thuky.thainguyen", "Thư ký hội đồng bình chọn Thái Nguyên", "Thư ký hội đồng", DEPARTMENT, HOME),
    *(
        Account(name, f"Ủy viên {number} hội đồng bình chọn Thái Nguyên", "Ủy viên", "", HOME)
        for number, name in enumerate(MEMBERS, start=1)
    ),
    Account("totruong.thainguyen", "Tổ trưởng tổ giúp việc Thái Nguyên", "Tổ trưởng", CENTRE, HOME),
    *(
        Account(
            name,
            f"Giám khảo {number} Thái Nguyên",
            "Trưởng ban" if number == 1 else "Giám khảo",
            "",
            HOME,
            at_desk=False,
        )
        for number, name in enumerate(JUDGES, start=1)
    ),
    Account("xa.tancuong", "Cán bộ xã Tân Cương", "Công chức xã", COMMITTEE, HOME, Role.COMMUNE_OFFICER),
    Account("coso.tancuong", "Đại diện cơ sở mẫu xã Tân Cương", "Chủ cơ sở", "", HOME, at_desk=False),
    Account("cosomoi.thainguyen", "Người đăng ký cho cơ sở mẫu", "Giám đốc", "", HOME, at_desk=False),
    Account(
        "cuc.phiabac", "Cán bộ Cục phụ trách phía Bắc", "Chuyên viên", AGENCY, "", Role.AGENCY_REGIONAL, Region.NORTH
    ),
    Account("cuc.quocgia", "Cán bộ Cục", "Chuyên viên", AGENCY, "", Role.AGENCY_NATIONAL),
    Account("canbo.caobang", "Cán bộ Sở Công Thương Cao Bằng", "Chuyên viên", DEPARTMENT, OTHER, Role.OFFICER),
    Account("quantri", "Quản trị hệ thống", "Quản trị", "", "", Role.ADMINISTRATOR),
)
KINDS = {
    DEPARTMENT: OrganisationKind.DEPARTMENT,
    CENTRE: OrganisationKind.EXTENSION_CENTRE,
    AGENCY: OrganisationKind.AGENCY,
    COMMITTEE: OrganisationKind.COMMUNE,
}
GRANT_NOTE = _("Tài khoản mẫu")


def load(*, on: dt.date) -> Counter[str]:
    """Create the accounts, their offices and grants. What exists is kept, passwords too."""
    counts: Counter[str] = Counter({"created": 0, "kept": 0})
    secret = make_password(PASSWORD)
    provinces = {name: unit_of(name, on) for name in (HOME, OTHER)}
    for account in ACCOUNTS:
        place = provinces.get(account.province)
        user, created = User.objects.get_or_create(
            username=account.username,
            defaults={
                "full_name": account.full_name,
                "title": account.title,
                "email": f"{account.username}@example.vn",
                "password": secret,
                "is_staff": account.at_desk,
                "is_superuser": account.role == Role.ADMINISTRATOR,
                "organisation": _office(account, place),
            },
        )
        _grant(account, user, place)
        counts["created" if created else "kept"] += 1
    return counts


def office(kind: str, place: Territory | None) -> Organisation:
    """The department or centre of a province, the committee or the agency; made when there is none yet."""
    name = f"{kind} {place.name}" if place and kind in {DEPARTMENT, CENTRE} else kind
    known = Organisation.objects.filter(name=name, territory=place).first()
    return known or Organisation.objects.create(name=name, territory=place, kind=KINDS[kind])


def _office(account: Account, place: Territory | None) -> Organisation | None:
    return office(account.office, place) if account.office else None


def _grant(account: Account, user: User, place: Territory | None) -> None:
    if not account.role or user.grants.exists():
        return
    Grant.objects.create(
        user=user,
        role=account.role,
        territory=place,
        commune=commune(place) if account.role == Role.COMMUNE_OFFICER and place else None,
        region=account.region,
        valid_from=COMMUNES_SINCE,
        note=str(GRANT_NOTE),
    )


def commune(province: Territory) -> Commune:
    """The commune of the demo: the loaded one, else a stand-in until the list of communes is loaded."""
    known = Commune.objects.filter(territory=province, name=COMMUNE, valid_to__isnull=True).first()
    return known or Commune.objects.create(
        territory=province, name=COMMUNE, code=COMMUNE_CODE, kind=CommuneKind.COMMUNE, valid_from=COMMUNES_SINCE
    )


def people() -> dict[str, User]:
    """The demo's people by username. One query."""
    return {user.username: user for user in User.objects.filter(username__in=[a.username for a in ACCOUNTS])}
