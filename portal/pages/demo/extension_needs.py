"""Invented needs of sample makers in Thái Nguyên: a call open now, needs in every state, two of them one project."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from extension.enums import ActivityHead, Funding
from extension.models import Call, Need, NormItem
from extension.services import calls, needs
from facilities.representing import represented
from products.enums import ProductGroup
from products.models import Product

from .stage import Stage

MILLION = 1_000_000
CALL = "Đợt mẫu: đăng ký nhu cầu hỗ trợ máy móc, hội chợ cho kế hoạch năm sau"
CALL_EN = "Sample call: needs for machines and fairs in next year's plan"
BODY = "Cơ sở công nghiệp nông thôn, tổ hợp tác và cụm công nghiệp trong tỉnh. Kèm báo giá nếu có. Đợt mẫu, số liệu minh họa."
PROJECT = "Đề án mẫu: hỗ trợ máy đóng gói cho các cơ sở chế biến"


@dataclass(frozen=True)
class Paper:
    """A need that came on paper: of whose product, how many days ago, its sums in millions."""

    product: str
    days: int
    title: str
    cost: int
    own: int


PAPERS = (
    Paper("Miến dong sợi nhỏ phơi nắng", -40, "Máy đóng gói miến tự động", 420, 220),
    Paper("Mật ong hoa rừng chai thủy tinh 500 ml", -39, "Máy chiết rót, đóng nắp chai", 260, 140),
    Paper("Khăn dệt thổ cẩm nhuộm chàm", -20, "Khung dệt cải tiến, 10 chiếc", 180, 90),
    Paper("Tranh gỗ mít chạm tứ quý", -15, "Mua lại máy chạm gỗ đã qua sử dụng", 150, 50),
)


def load(stage: Stage) -> Counter[str]:
    """Create the call and its needs, once."""
    if Call.objects.filter(title=CALL).exists():
        stage.counts["sample_needs_kept"] += Need.objects.filter(is_illustrative=True).count()
        return stage.counts
    call = _call(stage)
    _by_makers(stage, call)
    _by_the_centre(stage)
    stage.counts["sample_needs_created"] += Need.objects.filter(is_illustrative=True).count()
    return stage.counts


def _call(stage: Stage) -> Call:
    call = Call(
        territory=stage.province,
        title=CALL,
        title_en=CALL_EN,
        year=stage.today.year + 1,
        funding=Funding.LOCAL,
        opens_on=stage.today - dt.timedelta(days=10),
        closes_on=stage.today + dt.timedelta(days=20),
        body=BODY,
        contact="Trung tâm Khuyến công, phòng Nghiệp vụ (mẫu)",
        is_public=True,
        is_illustrative=True,
    )
    named = NormItem.objects.filter(code__in=["may_moc", "day_chuyen", "hoi_cho_tham_gia", "tu_van"])
    return calls.save_call(call=call, actor=stage.people["khuyencong.thainguyen"], items=named)


def _by_makers(stage: Stage, call: Call) -> None:
    """One by a facility's representative, one by the officer of its commune for who is in no register."""
    year, own = stage.today.year + 1, represented(stage.people["coso.tancuong"]).order_by("pk").first()
    if own is not None:
        needs.register(
            actor=stage.people["coso.tancuong"],
            now=stage.at(-3, 20),
            facility=own,
            call=call,
            year=year,
            item=_item("may_moc"),
            title="Máy sấy lạnh 300 kg một mẻ để sấy chè",
            reason="Đang sao củi, mỗi mẻ 20 kg. Có máy thì một ca làm được sáu lần, chè giữ màu và đỡ khói.",
            trade="chế biến chè",
            cost=600 * MILLION,
            own_funds=350 * MILLION,
        )
    grant = stage.people["xa.tancuong"].grants.filter(commune__isnull=False).first()
    if grant is not None:
        needs.register(
            actor=stage.people["xa.tancuong"],
            now=stage.at(-2, 10),
            commune=grant.commune,
            facility_name="Tổ hợp tác mẫu làm chè xóm Hồng Thái",
            call=call,
            year=year,
            item=_item("tu_van"),
            title="Thuê tư vấn thiết kế bao bì, nhãn cho chè túi lọc",
            trade="chế biến chè",
            cost=60 * MILLION,
            own_funds=30 * MILLION,
            is_illustrative=True,
        )


def _by_the_centre(stage: Stage) -> None:
    """Entered from paper: two become one project, one waits on the shelf, one cannot be supported."""
    makers = {product.name: product for product in stage.products("scoring") if product.facility}
    clerk = stage.people["khuyencong.thainguyen"]
    rows = [_entered(stage, makers, paper) for paper in PAPERS]
    first, second, shelved, declined = rows
    for need in (first, second, shelved):
        if need is not None:
            needs.shelve(need=need, actor=clerk, now=stage.at(-12), wanted_funding=Funding.LOCAL)
    if declined is not None:
        words = "Khuyến công chỉ hỗ trợ máy mới. Cơ sở chọn máy mới rồi đăng ký lại thì được xét."
        needs.decline(need=declined, actor=clerk, now=stage.at(-11), answer=words)
    found = [need for need in (first, second) if need is not None]
    if found:
        needs.turn(
            needs=found,
            actor=clerk,
            now=stage.at(-5),
            name=PROJECT,
            funding=Funding.LOCAL,
            head=ActivityHead.TECHNOLOGY,
            year=stage.today.year + 1,
        )


def _entered(stage: Stage, makers: dict[str, Product], paper: Paper) -> Need | None:
    """A need of the maker of a sample product; none where the demo has no such product."""
    found = makers.get(paper.product)
    if found is None:
        return None
    return needs.register(
        actor=stage.people["khuyencong.thainguyen"],
        now=stage.at(paper.days),
        facility=found.facility,
        product=found,
        year=stage.today.year + 1,
        item=_item("may_moc"),
        title=paper.title,
        trade="chế biến" if found.group == ProductGroup.PROCESSING else "",
        cost=paper.cost * MILLION,
        own_funds=paper.own * MILLION,
        is_illustrative=True,
    )


def _item(code: str) -> NormItem | None:
    return NormItem.objects.filter(code=code).first()
