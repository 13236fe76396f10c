"""What readers wrote in the demo: an error, a question, an order, a word to the portal, and a few votes."""

import datetime as dt
from uuid import NAMESPACE_URL, UUID, uuid5

from facilities.models import Facility
from products.enums import ErrorAbout, InquiryKind
from products.models import Inquiry, Product
from products.services import inquiries, ratings
from products.services.inquiries import Words

from .producers import APPROVED, FACILITY
from .stage import Stage

WRITER = Words(message="", name="Người đọc mẫu", email="ban-doc@example.vn")


def load(stage: Stage) -> None:
    """What exists is kept: each letter has a name of its own. Invented, so on a sample's maker only."""
    facility = Facility.objects.filter(name=FACILITY, territory=stage.province).first()
    product = Product.objects.public().filter(facility=facility, is_illustrative=True).first() if facility else None
    if product is None or Inquiry.objects.filter(uuid=_name("order")).exists():
        return
    _errors(stage, product)
    _to_the_maker(stage, product)
    inquiries.send_inquiry(
        uuid=_name("contact"),
        kind=InquiryKind.CONTACT,
        words=_words("Tôi muốn biết kỳ bình chọn tới nhận hồ sơ từ tháng nào."),
        now=stage.at(-1),
        territory=stage.province,
    )
    _votes(stage, product)


def _errors(stage: Stage, product: Product) -> None:
    words = Words(message="Nhãn mới ghi hạn dùng 18 tháng, khác với trang này.", about=ErrorAbout.OTHER)
    inquiries.send_inquiry(uuid=_name("error"), kind=InquiryKind.ERROR, words=words, now=stage.at(-2), product=product)
    stage.counts["letters"] += 1


def _to_the_maker(stage: Stage, product: Product) -> None:
    order = Words(
        **{
            **vars(_words("Xin báo giá, kèm phiếu kiểm nghiệm. Thanh toán khi nhận hàng.")),
            "organisation": "Siêu thị mẫu",
            "quantity": "500 hộp mỗi tháng",
            "destination": "Đà Nẵng",
            "wanted_by": stage.today + dt.timedelta(days=45),
        }
    )
    question = _words("Cơ sở có nhận đoàn tham quan vào cuối tuần không?")
    for name, kind, words, days in (
        ("order", InquiryKind.PURCHASE, order, -2),
        ("question", InquiryKind.QUESTION, question, -20),
        ("answered", InquiryKind.QUESTION, _words("Chè có bản gói nhỏ 20 g không?"), -9),
    ):
        letter = inquiries.send_inquiry(
            uuid=_name(name), kind=kind, words=words, now=stage.at(days), product=product, facility=product.facility
        )
        stage.counts["letters"] += 1
    speaker = stage.people[APPROVED]
    inquiries.answer_inquiry(
        inquiry=letter, text="Dạ có, hộp 10 gói nhỏ 20 g, bán từ tháng 3.", actor=speaker, now=stage.at(-8)
    )


def _votes(stage: Stage, product: Product) -> None:
    page = f"/san-pham/{product.slug}/"
    for number in range(6):
        row = ratings.rate_page(page=page, useful=number > 1, language="vi", product=product, on=stage.today)
        if number == 0:
            ratings.remark(rating=row, comment="Chưa có giá bán.")
    for number in range(9):
        ratings.rate_page(page="/thong-ke/", useful=number > 3, language="vi", product=None, on=stage.today)
    stage.counts["ratings"] += 15


def _words(message: str) -> Words:
    return Words(**{**vars(WRITER), "message": message})


def _name(of: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"https://example.vn/thu/{of}")
