"""Fairs and outlets of the demo: what was published of real fairs, and sample fairs of sample makers with figures."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from extension.enums import FairKind, OutletKind
from extension.models import Fair, Listing, Outlet, Participation, Project
from extension.services import fairs, outlets
from facilities.models import Facility
from portal.territory.queries import resolve_for_year
from products.as_of import in_force
from products.enums import ChannelKind
from products.models import DistributionChannel, Product, Recognition

from .producers import APPROVED, FACILITY
from .stage import Stage
from .tables import table

MILLION = 1_000_000
KEEPER = "khuyencong.thainguyen"
ELSEWHERE = "Hà Nội"
PROJECT = "Đề án mẫu: đưa sản phẩm tiêu biểu đi hội chợ phía Bắc"


@dataclass(frozen=True)
class Sample:
    """A sample fair, so many days from today, with what each maker sold in millions; None has not told yet."""

    name: str
    place: str
    days: int
    length: int
    sold: tuple[int | None, ...]
    own: int | None = None
    kind: FairKind = FairKind.FAIR
    is_own: bool = True
    is_open: bool = False


SAMPLES = (
    Sample("Hội chợ mẫu: Hàng công nghiệp nông thôn phía Bắc", "Trung tâm hội chợ mẫu", -200, 6, (18, 9, 24, 12), 31, is_own=False, is_open=True),
    Sample("Hội chợ mẫu: Tuần sản phẩm tiêu biểu Thái Nguyên", "Quảng trường mẫu", -100, 4, (7, 15, 11, 6), 22, FairKind.WEEK),
    Sample("Hội chợ mẫu: Kết nối cung cầu vùng chè", "Nhà văn hóa mẫu xã Tân Cương", -12, 2, (5, None, None, None), None, FairKind.MATCHING),
    Sample("Hội chợ mẫu: Hàng Tết về bản", "Chợ trung tâm mẫu, xã Định Hóa", 25, 5, (None, None, None), None),
)  # fmt: skip
OUTLETS = (
    (OutletKind.SHOWROOM, "Phòng trưng bày mẫu của Trung tâm Khuyến công", "", 5),
    (OutletKind.ECOMMERCE, "Sàn hàng Việt mẫu", "https://san-mau.example.vn/", 3),
    (OutletKind.SUPERMARKET, "Siêu thị mẫu Tân Cương", "", 2),
)


def load(stage: Stage) -> None:
    """What exists is kept."""
    for row in table("fairs"):
        _published(row)
    if Fair.objects.filter(is_illustrative=True).exists():
        return
    products = list(stage.products("scoring"))
    others = [product for product in products if product.facility and product.facility.name != FACILITY]
    makers = list({product.facility_id: product for product in others}.values())
    for sample in SAMPLES:
        _fair(stage, sample, makers)
    recognised = _recognised(stage)
    for place, (kind, name, url, number) in enumerate(OUTLETS):
        _outlet(stage, kind, name, url, recognised[place : place + number])
    _unlisted(recognised[-1:])
    stage.counts["sample_fairs"] = len(SAMPLES)


def _published(row: dict[str, str]) -> None:
    """A real fair as its source names it; who took part is not in the source."""
    begins, ends = dt.date.fromisoformat(row["starts_on"]), dt.date.fromisoformat(row["ends_on"])
    place = resolve_for_year(row["province"], begins.year)
    if Fair.objects.filter(territory=place, name=row["name"], starts_on=begins).exists():
        return
    fair = Fair(
        name=row["name"],
        territory=place,
        place=row["place"],
        host_territory=resolve_for_year(row["place"], begins.year),
        starts_on=begins,
        ends_on=ends,
        booths=int(row["booths"]) if row["booths"] else None,
        source=row["source"],
        is_public=True,
    )
    fairs.save_fair(fair=fair, actor=None)


def _fair(stage: Stage, sample: Sample, makers: list[Product]) -> None:
    keeper = stage.people[KEEPER]
    begins = stage.today + dt.timedelta(days=sample.days)
    fair = fairs.save_fair(
        fair=Fair(
            name=sample.name,
            kind=sample.kind,
            territory=stage.province,
            is_own=sample.is_own,
            organiser="" if sample.is_own else _("Đơn vị tổ chức mẫu"),
            place=sample.place,
            host_territory=stage.province if sample.is_own else resolve_for_year(ELSEWHERE, begins.year),
            starts_on=begins,
            ends_on=begins + dt.timedelta(days=sample.length),
            booths=120,
            is_public=True,
            is_illustrative=True,
            project=None if sample.is_own else _project(stage),
        ),
        actor=keeper,
    )
    for product, sold in zip(makers, sample.sold, strict=False):
        row = _part(stage, fair, product.facility, [product])
        if sold is not None:
            fairs.report(
                participation=row,
                actor=keeper,
                now=stage.at(sample.days + sample.length + 2),
                revenue=sold * MILLION,
                contracts=sold % 3,
                contracts_value=sold % 3 * 40 * MILLION,
            )
    _own(stage, fair, sample)


def _project(stage: Stage) -> Project | None:
    return Project.objects.filter(name=PROJECT, territory=stage.province).first()


def _part(stage: Stage, fair: Fair, facility: Facility | None, products: list[Product]) -> Participation:
    if facility is None:
        raise ValueError("A maker is needed.")
    return fairs.add_participant(
        fair=fair, facility=facility, actor=stage.people[KEEPER], products=products, booths=1, cost=6 * MILLION
    )


def _own(stage: Stage, fair: Fair, sample: Sample) -> None:
    """The demo's producer was there too: it told its figures itself, and opened them where the sample says so."""
    facility = Facility.objects.filter(name=FACILITY, territory=stage.province).first()
    if facility is None or fair.participations.filter(facility=facility).exists():
        return
    row = _part(stage, fair, facility, [])
    if sample.own is None:
        return
    told = stage.at(sample.days + sample.length + 4)
    user = stage.people[APPROVED]
    fairs.report(
        participation=row,
        actor=user,
        now=told,
        revenue=sample.own * MILLION,
        contracts=2,
        contracts_value=90 * MILLION,
        partners=_("Cửa hàng mẫu tại Hà Nội"),
    )
    if sample.is_open:
        fairs.consent(participation=row, actor=user, now=told)


def _recognised(stage: Stage) -> list[Product]:
    """Sample products of the province whose recognition holds today."""
    held = Recognition.objects.published().filter(in_force(stage.today)).values("product")
    rows = Product.objects.filter(is_illustrative=True, territory=stage.province, pk__in=held)
    return list(rows.order_by("sort_key"))


def _unlisted(products: list[Product]) -> None:
    """What a maker says of a supermarket and no outlet lists yet: the desk's page of markets finds it."""
    for product in products:
        facts = {"kind": ChannelKind.SUPERMARKET, "name": OUTLETS[-1][1]}
        DistributionChannel.objects.get_or_create(product=product, **facts, defaults={"source": _("Số liệu mẫu")})


def _outlet(stage: Stage, kind: OutletKind, name: str, url: str, products: list[Product]) -> None:
    keeper = stage.people[KEEPER]
    outlet = outlets.save_outlet(
        outlet=Outlet(
            kind=kind,
            name=name,
            url=url,
            territory=stage.province,
            opened_on=stage.today - dt.timedelta(days=400),
            is_public=True,
            is_illustrative=True,
        ),
        actor=keeper,
    )
    for product in products:
        if not Listing.objects.filter(outlet=outlet, product=product).exists():
            outlets.add_listing(outlet=outlet, product=product, actor=keeper, since=stage.today - dt.timedelta(days=90))
