"""Rounds for the official forms: one with everything, one with next to nothing, one that bites."""

import datetime as dt
import unicodedata
from decimal import Decimal
from typing import Any

from django.utils import timezone

from facilities.enums import ContactKind, FacilityKind
from facilities.models import FacilityYear
from products.enums import ProductGroup, StandardKind
from products.models import ProductStandard
from rounds.enums import (
    Addressee,
    Body,
    DocumentKind,
    DocumentState,
    DossierState,
    RoundState,
    SeatRole,
    SessionState,
    SheetState,
    VerdictChoice,
)
from rounds.models import (
    Attendance,
    CouncilSession,
    Criterion,
    Dossier,
    DossierDocument,
    Result,
    Round,
    Score,
    ScoreSheet,
    SupplementRequest,
    Verdict,
)
from rounds.official.facts import minutes
from rounds.official.facts.words import clean
from tests import factories as typed_factories

factories: Any = typed_factories  # a factory makes a model, which its type does not say
ON = dt.date(2026, 11, 21)
NOON = dt.datetime(2026, 11, 21, 12, 0, tzinfo=timezone.get_default_timezone())
BITING = 'Bún & miến <i>"Thượng hạng"</i> của Công ty A&B {{ 7*7 }} {% raw %} #let x = 1 $y$ *đậm* _nghiêng_ \\ @ad'
LONG = " ".join(
    ["Bộ sản phẩm chế biến từ chè Shan tuyết cổ thụ hái tay của đồng bào vùng cao, đóng hộp gỗ pơ mu chạm khắc"] * 3
)[:290]
UNBROKEN = "https://vi-du.example/" + "duong-dan-rat-dai" * 9
MARKS = "Ễnh ương ộp oạp, Ằng ẵng, Nhện Ữ, Ỷ lại, Ỗ Ỡ Ặ Ẫ Ẩ Ử Ự Ợ"


def announced_round(entries: int = 5, *, judges: int = 3, **changes: Any) -> Round:
    """A round through all its road, dossiers of every kind in it, sheets and results, decision and announcement."""
    territory = changes.pop("territory", None) or factories.TerritoryFactory(name="Thái Nguyên", slug="thai-nguyen")
    round_ = factories.RoundFactory(
        territory=territory,
        year=2026,
        ordinal=7,
        state=RoundState.ANNOUNCED,
        submission_number="215/TTr-SCT",
        submitted_on=dt.date(2026, 11, 2),
        announced_at=NOON - dt.timedelta(days=5),
        decision=factories.DecisionFactory(
            number="2210", year=2026, signed_on=dt.date(2026, 11, 12), issuer=f"Ủy ban nhân dân {territory}"
        ),
        **changes,
    )
    title = "1125/QĐ-UBND ngày 12 tháng 8 năm 2026 của Chủ tịch Ủy ban nhân dân tỉnh"
    round_.establishing.create(body=Body.COUNCIL, title=title)
    factories.CriteriaSetFactory(round=round_)
    _bodies(round_, judges)
    for number in range(entries):
        _entry(round_, number)
    for number, dossier in enumerate(round_.dossiers.order_by("entry_code")):
        _judged(dossier, number)
    _asked(round_)
    _met(round_)
    return round_


def _met(round_: Round) -> None:
    """One session of the council, everybody there but one, its minutes locked."""
    seats = list(round_.seats.filter(body=Body.COUNCIL).order_by("pk"))
    session = CouncilSession.objects.create(
        round=round_,
        number=1,
        held_at=NOON - dt.timedelta(days=20),
        place="Phòng họp tầng 3, Sở Công Thương",
        chaired_by=seats[0],
        minuted_by=seats[1].user,
        discussion="Hội đồng đã xem mẫu sản phẩm.",
        conclusion="Nhất trí danh sách đề nghị công nhận.",
    )
    for place, seat in enumerate(seats):
        Attendance.objects.create(session=session, seat=seat, present=place > 0 or len(seats) == 1)
    Verdict.objects.filter(dossier__round=round_).update(session=session)
    session.minutes = clean(minutes.written(session, locked_at=NOON - dt.timedelta(days=20)))
    session.state, session.closed_at = SessionState.CLOSED, NOON - dt.timedelta(days=20)
    session.save()


def _bodies(round_: Round, judges: int) -> None:
    for place in range(judges):
        user = factories.UserFactory(full_name=f"Giám khảo số {place + 1}", title="Chuyên viên chính, Sở Công Thương")
        role = SeatRole.HEAD_JUDGE if place == 0 else SeatRole.JUDGE
        factories.SeatFactory(round=round_, user=user, body=Body.JURY, role=role)
    for place, role in enumerate([SeatRole.CHAIR, SeatRole.SECRETARY, *[SeatRole.MEMBER] * 5]):
        user = factories.UserFactory(full_name=f"Thành viên hội đồng số {place + 1}", title="Phó Giám đốc")
        factories.SeatFactory(round=round_, user=user, body=Body.COUNCIL, role=role)
    factories.SeatFactory(round=round_, body=Body.SUPPORT, role=SeatRole.SUPPORT_LEAD)


def full_product(round_: Round, number: int) -> Any:
    """A product with everything known; every third is a set."""
    facility = factories.FacilityFactory(
        name=f"Hợp tác xã chè mẫu số {number + 1}",
        territory=round_.territory or factories.TerritoryFactory(),
        kind=FacilityKind.COOPERATIVE,
        slug=f"co-so-{round_.pk}-{number}",
        tax_code=f"{round_.pk % 90 + 10}{number:08}",
        commune=factories.CommuneFactory(),
        address_recognised=f"Xóm {number + 1}, xã Tân Cương, thành phố Thái Nguyên, tỉnh Thái Nguyên",
        founded_year=2015,
    )
    for kind, value in ((ContactKind.PHONE, "0208 3855 000"), (ContactKind.EMAIL, f"htx{number}@example.vn")):
        factories.ContactFactory(facility=facility, kind=kind, value=value)
    factories.RepresentativeFactory(
        facility=facility, position="Giám đốc", user__full_name=f"Người đại diện số {number + 1}"
    )
    FacilityYear.objects.create(facility=facility, year=2025, revenue=12_310_000_000, workers=42)
    is_set = number % 3 == 2
    product = factories.ProductFactory(
        name=f"{'Bộ sản phẩm trà' if is_set else 'Chè đinh nõn'} mẫu số {number + 1}",
        slug=f"san-pham-{round_.pk}-{number}",
        facility=facility,
        group=list(ProductGroup)[number % 4],
        is_set=is_set,
        materials="Chè búp tươi",
        summary="Chè hái một tôm, sao tay trên chảo gang, nước xanh, vị chát dịu, hậu ngọt.",
        first_made_year=2016,
    )
    for place in range(3 if is_set else 0):
        factories.SetMemberFactory(product_set=product, name=f"Trà mẫu {number + 1}.{place + 1}", position=place)
    ProductStandard.objects.create(product=product, kind=StandardKind.OCOP, stars=4)
    return product


def _entry(round_: Round, number: int) -> Dossier:
    state = DossierState.NOT_ELIGIBLE if number % 5 == 4 else DossierState.ELIGIBLE
    dossier = factories.DossierFactory(
        round=round_,
        product=full_product(round_, number),
        entry_code=f"{number + 1:03}",
        state=state,
        state_reason="Cơ sở không trực tiếp sản xuất sản phẩm." if state == DossierState.NOT_ELIGIBLE else "",
        submitted_at=NOON - dt.timedelta(days=60),
        received_on=dt.date(2026, 9, 22),
        receipt_code=f"TN{round_.pk:02}{number:04}",
        first_time=number % 2 == 0,
        statement="Sản phẩm của vùng chè đặc sản, làm theo quy trình truyền thống.",
        statement_market="Tiêu thụ trong nước và xuất khẩu.\nSản lượng tăng 12 % mỗi năm.",
        statement_technology="Dây chuyền đóng gói hút chân không, tiết kiệm năng lượng.",
        statement_culture="Bao bì mang hoa văn dân tộc Tày.",
    )
    for kind in (DocumentKind.REGISTRATION_FORM, DocumentKind.BUSINESS_REGISTRATION, DocumentKind.STATEMENT):
        DossierDocument.objects.create(dossier=dossier, kind=kind, on_paper=True)
    DossierDocument.objects.create(
        dossier=dossier,
        kind=DocumentKind.PHOTO_FRONT,
        on_paper=True,
        state=DocumentState.NEEDS_FIX,
        remark="Ảnh bị mờ.",
    )
    return dossier


def _judged(dossier: Dossier, number: int) -> None:
    if dossier.state != DossierState.ELIGIBLE:
        return
    round_ = dossier.round
    judges = [seat.user for seat in round_.seats.filter(body=Body.JURY)]
    leaves = list(Criterion.objects.filter(criteria_set__round=round_, parent__isnull=False))
    declined = number % 5 == 3
    for judge in judges:
        given = [
            (leaf, leaf.max_points * Decimal("0.65" if declined else "0.85")) for leaf in leaves if leaf.max_points
        ]
        sheet = ScoreSheet.objects.create(dossier=dossier, judge=judge, dossier_version=1, remark="Đóng gói đẹp.")
        Score.objects.bulk_create(
            Score(sheet=sheet, criterion=leaf, points=points, note="Tốt" if place == 0 else "", saved_at=NOON)
            for place, (leaf, points) in enumerate(given)
        )
        sheet.state, sheet.submitted_at = SheetState.SUBMITTED, NOON - dt.timedelta(days=30)
        sheet.total = sum((points for _leaf, points in given), Decimal(0))
        sheet.save()
    total = Decimal("65.00" if declined else "85.00") * len(judges)
    Result.objects.create(
        dossier=dossier, sheets=len(judges), points=total, divisor=len(judges), passed=not declined, rank=1
    )
    choice = VerdictChoice.DECLINE if declined else VerdictChoice.RECOGNISE
    Verdict.objects.create(
        dossier=dossier,
        choice=choice,
        votes_for=7,
        votes_against=0,
        reason="Sản phẩm chưa có bao bì hoàn chỉnh." if declined else "",
        prize="" if declined else "Giải A" if number == 0 else "",
        decided_at=NOON,
        recorded_by=judges[0],
    )
    if not declined:
        dossier.recognition = factories.RecognitionFactory(
            product=dossier.product,
            year=2026,
            round_ordinal=7,
            decision=round_.decision,
            issued_on=dt.date(2026, 11, 12),
            expires_on=dt.date(2028, 11, 11),
        )
        factories.CertificateFactory(recognition=dossier.recognition)
        dossier.save()


def _asked(round_: Round) -> None:
    first = round_.dossiers.order_by("entry_code").first()
    if first is None:
        return
    for addressee in Addressee:
        SupplementRequest.objects.create(
            dossier=first,
            addressee=addressee,
            words="Ảnh mặt bên: chưa có.\nBản sao đăng ký kinh doanh còn hiệu lực cần sửa: bản chụp bị mờ.",
            until=NOON + dt.timedelta(days=7),
            requested_at=NOON - dt.timedelta(days=1),
            requested_by=factories.UserFactory(),
        )


def minimal_round() -> Round:
    """Nobody has entered more than must be there."""
    decision = factories.DecisionFactory(number="9", year=2026, signed_on=None)
    round_ = factories.RoundFactory(year=2026, state=RoundState.ANNOUNCED, announced_at=NOON, decision=decision)
    factories.CriteriaSetFactory(round=round_)
    factories.SeatFactory(round=round_)
    dossier = factories.DossierFactory(round=round_, entry_code="")
    _asked_little(dossier)
    _judged(dossier, 0)
    # An open session of which nobody has written more than when and where.
    CouncilSession.objects.create(
        round=round_, number=1, held_at=NOON, place="Hội trường", minuted_by=factories.UserFactory()
    )
    return round_


def _asked_little(dossier: Dossier) -> None:
    SupplementRequest.objects.create(
        dossier=dossier,
        addressee=Addressee.COMMUNE,
        words="Giấy ủy quyền: chưa có.",
        until=NOON + dt.timedelta(days=3),
        requested_at=NOON,
        requested_by=factories.UserFactory(),
    )


def nasty_round() -> Round:
    """Long names, markup of every language, decomposed letters, a set of twelve, an address without a break."""
    round_ = announced_round(2, territory=factories.TerritoryFactory(name="Bà Rịa & <Vũng Tàu>"))
    first, second = round_.dossiers.order_by("entry_code")
    first.product.name, first.product.is_set, first.product.summary = LONG, True, f"{BITING}\n\x0b{MARKS}"
    first.product.save()
    for place in range(12):
        factories.SetMemberFactory(
            product_set=first.product, name=f"Thành phần {place + 1} & <{place}>", position=place
        )
    first.statement_market = f"{BITING}\n\n{MARKS}"
    first.save()
    facility: Any = first.product.facility
    facility.name, facility.address_recognised = BITING, UNBROKEN
    facility.save()
    second.product.name = unicodedata.normalize("NFD", f"Mỳ Chũ, {MARKS}")
    second.product.save()
    bare: Any = second.product.facility
    bare.address_recognised, bare.commune = "", None
    bare.save()
    return round_


def round_at(level: str) -> Round:
    """A full round of another level."""
    scopes: dict[str, dict[str, Any]] = {
        "district": {"locality": "Đồng Hỷ"},
        "commune": {"locality": "Tân Cương"},
        "region": {"territory": None, "region": "north"},
        "national": {"territory": None},
    }
    round_ = announced_round(5)
    for name, value in {"level": level, **scopes[level]}.items():
        setattr(round_, name, value)
    round_.save()
    return round_
