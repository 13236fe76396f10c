"""Papers about single dossiers, one copy each: letters, registration form, statement, receipt.

`gathered` reads everything they print, in a fixed number of queries; the rest asks the database nothing.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from facilities.models import Representative
from portal.territory.models import Commune
from portal.territory.queries import name_on
from portal.text.folding import normalise
from portal.text.formats import day as short_day
from portal.text.workdays import after_working_days
from products.models import Certificate
from rounds import queries
from rounds.completeness import missing_sentences
from rounds.enums import Addressee, DocumentState, DossierState, VerdictChoice
from rounds.models import Dossier, Round, SupplementRequest

from . import offices
from .heads import paper
from .things import facility_facts, product_facts
from .words import lines, long_date, moment, points

COMPLAINT_DAYS = 15
ANSWER_DAYS = 10
FORMAL = "quý cơ sở"
DUTIES = (
    "4. Trong thời hạn giá trị của Giấy chứng nhận, cơ sở được in biểu trưng của chương trình trên sản phẩm, được ưu "
    "tiên trong các hoạt động khuyến công, và báo cáo hằng năm về kết quả và hỗ trợ đã nhận."
)
# Who gets a letter about the result: whoever handed in and was neither taken back nor made part of a set.
LETTER_STATES = (DossierState.ELIGIBLE, DossierState.NOT_ELIGIBLE)


def gathered(dossiers: QuerySet[Dossier]) -> list[Dossier]:
    """The dossiers with all that these papers print. Seventeen queries, however many dossiers."""
    found = dossiers.select_related(
        "round__territory",
        "round__receiving_unit",
        "round__decision",
        "product__facility__territory",
        "product__facility__commune",
        "product__territory",
        "result",
        "verdict",
        "recognition__decision",
        "recognition__validity_rule",
        "filed_by",
    ).prefetch_related(
        "documents",
        Prefetch("requests", SupplementRequest.objects.filter(closed_at__isnull=True)),
        "product__members",
        "product__standards",
        "product__properties",
        "product__recognitions",
        "product__facility__contacts",
        "product__facility__years",
        Prefetch("product__facility__representatives", Representative.objects.select_related("user")),
        Prefetch("recognition__certificates", Certificate.objects.filter(superseded_on__isnull=True)),
    )
    return list(found.order_by("entry_code", "pk"))


def _basics(dossier: Dossier, on: dt.date) -> dict[str, Any]:
    round_ = dossier.round
    return {
        "code": dossier.entry_code,
        "facility": facility_facts(dossier.product.facility, on),
        "product": product_facts(dossier.product),
        "programme": f"{offices.PROGRAMME} {offices.occasion(round_, on)}",
        "council": offices.council_name(round_, on),
    }


# --- result letters -----------------------------------------------------------------------------------------


def result_letters(dossiers: Iterable[Dossier], on: dt.date) -> list[dict[str, Any]]:
    """One letter for each entrant whose dossier was decided on."""
    return [_result_letter(one, on) for one in dossiers if one.state in LETTER_STATES]


def complaint_last_day(announced_on: dt.date) -> dt.date:
    """The last day for a complaint: the 15th working day after the announcement (TT 26/2014/TT-BCT, Điều 20)."""
    return after_working_days(announced_on, COMPLAINT_DAYS)


def _result_letter(dossier: Dossier, on: dt.date) -> dict[str, Any]:
    round_ = dossier.round
    office = offices.standing(round_, on)
    facts = _basics(dossier, on)
    to = facts["facility"]["name"] or FORMAL
    frame = paper(
        office,
        on,
        symbol="",
        about=f"V/v thông báo kết quả bình chọn {facts['programme']}",
        to=(to,),
        recipients=("Như trên;",),
    )
    announced = timezone.localdate(round_.announced_at) if round_.announced_at else on
    return (
        facts
        | frame
        | {
            "to_address": facts["facility"]["address"],
            "opening": _decision_words(round_, on) + f"{office.name} thông báo kết quả đối với hồ sơ của {FORMAL} "
            "như sau:",
            "clauses": [
                _entry_words(dossier, facts["product"]),
                *_outcome(dossier, facts["programme"]),
            ],
            "complaint": f"Theo Điều 20 Thông tư số 26/2014/TT-BCT, {FORMAL} có quyền gửi khiếu nại, kiến nghị về kết "
            f"quả bằng văn bản đến {office.name} trong {COMPLAINT_DAYS} ngày làm việc kể từ ngày công bố "
            f"({long_date(announced)}), chậm nhất là {long_date(complaint_last_day(announced))}. Khiếu nại, kiến nghị "
            f"được trả lời trong {ANSWER_DAYS} ngày làm việc kể từ ngày nhận.",
            "closing": f"{office.name} thông báo để {FORMAL} biết./.",
        }
    )


def _entry_words(dossier: Dossier, product: dict[str, Any]) -> str:
    numbered = f", hồ sơ số {dossier.entry_code}" if dossier.entry_code else ""
    return f"1. {_capital(product['called'])}, nhóm {product['group'].lower()}{numbered}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _decision_words(round_: Round, on: dt.date) -> str:
    decision = round_.decision
    if decision is None:
        return ""
    person = offices.authority(round_, decision.signed_on or on).person
    signed = f" {long_date(decision.signed_on)}" if decision.signed_on else ""
    return f"Căn cứ Quyết định số {decision.full_number}{signed} của {person}, "


def _outcome(dossier: Dossier, programme: str) -> list[str]:
    if dossier.recognition is None:
        reason = _refusal(dossier)
        return [f"2. Kết quả: chưa được công nhận là {programme}.", *([f"Lý do: {reason}"] if reason else [])]
    found = [f"2. Kết quả: được công nhận là {programme}."]
    verdict = getattr(dossier, "verdict", None)
    if verdict is not None and verdict.prize:
        found[0] = f"2. Kết quả: được công nhận là {programme}, xếp loại: {verdict.prize}."
    return [*found, _validity(dossier), DUTIES]


def _validity(dossier: Dossier) -> str:
    recognition = dossier.recognition
    assert recognition is not None
    certain = recognition.validity_confirmed or (recognition.validity_rule and recognition.validity_rule.is_certain)
    until = long_date(recognition.expires_on) if recognition.expires_on else ""
    words = f"3. Giấy chứng nhận có giá trị đến hết {until}" if until else "3. Giấy chứng nhận ghi rõ thời hạn giá trị"
    words += "" if certain or not until else " (thời hạn tạm tính)"
    paper_ = next(iter(recognition.certificates.all()), None)
    return f"{words}; mã tra cứu trên cổng: {paper_.code}." if paper_ is not None else f"{words}."


def _refusal(dossier: Dossier) -> str:
    """The reason the council or the support team gave; the law's threshold where that alone decided."""
    verdict = getattr(dossier, "verdict", None)
    if dossier.state == DossierState.NOT_ELIGIBLE:
        return f"hồ sơ không đủ điều kiện tham gia bình chọn. {dossier.state_reason}".strip()
    if verdict is not None and verdict.choice == VerdictChoice.DECLINE and verdict.reason:
        return str(verdict.reason)
    result = getattr(dossier, "result", None)
    if result is not None and not result.passed:
        return (
            f"điểm trung bình của các giám khảo chưa đạt {points(dossier.round.threshold)} điểm theo Điều 17 Thông tư "
            "số 26/2014/TT-BCT."
        )
    return ""


# --- what the facility hands in -----------------------------------------------------------------------------


def registration_forms(dossiers: Iterable[Dossier], on: dt.date) -> list[dict[str, Any]]:
    """Phiếu đăng ký (Phụ lục 1); what is not known stays dotted."""
    return [_registration_form(one, on) for one in dossiers]


def _registration_form(dossier: Dossier, on: dt.date) -> dict[str, Any]:
    facts = _basics(dossier, on)
    day = timezone.localdate(dossier.submitted_at) if dossier.submitted_at else on
    facility, product = facts["facility"], facts["product"]
    return facts | {
        "form_mark": "Phụ lục 1",
        "place_date": f"{_place(dossier, day)}, {long_date(day)}",
        "kind": "PHIẾU ĐĂNG KÝ",
        "subject": f"Tham gia bình chọn {facts['programme']}",
        "to": [facts["council"]],
        "maker": [
            ("Tên cơ sở", facility["name"]),
            ("Loại hình", facility["kind"]),
            ("Mã số thuế hoặc số định danh", facility["tax_code"]),
            ("Địa chỉ", facility["address"]),
            ("Điện thoại", facility["phone"]),
            ("Thư điện tử", facility["email"]),
            ("Trang web", facility["website"]),
            ("Người đại diện", facility["representative"]),
            ("Chức vụ", facility["position"]),
            ("Năm thành lập", facility["founded_year"]),
        ],
        "goods": [
            (f"Tên {product['what'].lower()}", product["name"]),
            ("Nhóm sản phẩm", product["group"]),
            ("Nguyên, vật liệu chính", product["materials"]),
            ("Năm bắt đầu sản xuất", product["first_made_year"]),
            ("Tham gia bình chọn", "Lần đầu" if dossier.first_time else "Đã từng tham gia"),
        ],
        "members_head": "Bộ sản phẩm gồm:",
        "papers": _papers(dossier),
        "pledge": "Cơ sở cam kết: sản phẩm do chính cơ sở sản xuất, không sao chép, sản xuất được hàng loạt; không vi "
        "phạm quy định về sở hữu trí tuệ, chất lượng, vệ sinh lao động, an toàn thực phẩm và bảo vệ môi trường; nội "
        "dung hồ sơ là đúng sự thật.",
        "signer": ["ĐẠI DIỆN CƠ SỞ"],
        "signer_note": "(Ký, ghi rõ họ tên, đóng dấu nếu có)",
        "signer_name": facility["representative"],
    }


def _place(dossier: Dossier, on: dt.date) -> str:
    facility = dossier.product.facility
    commune: Commune | None = facility.commune if facility else None
    if commune is not None:
        return commune.name
    return name_on(facility.territory if facility else dossier.product.territory, on)


def _papers(dossier: Dossier) -> list[dict[str, str]]:
    return [
        {
            "place": str(place),
            "name": normalise(document.title) or document.get_kind_display(),
            "form": "Bản giấy" if document.on_paper else "Tệp",
            "note": document.remark if document.state == DocumentState.NEEDS_FIX else "",
        }
        for place, document in enumerate(dossier.documents.all(), 1)
    ]


def statements(dossiers: Iterable[Dossier], on: dt.date) -> list[dict[str, Any]]:
    """Bản thuyết minh (Phụ lục 2): the product, and one part per top criterion of the score sheet."""
    return [_statement(one, on) for one in dossiers]


def _statement(dossier: Dossier, on: dt.date) -> dict[str, Any]:
    facts = _basics(dossier, on)
    day = timezone.localdate(dossier.submitted_at) if dossier.submitted_at else on
    product, facility = facts["product"], facts["facility"]
    parts = [
        ("1. Đáp ứng thị trường và khả năng phát triển sản xuất", dossier.statement_market),
        ("2. Kinh tế, kỹ thuật, xã hội và môi trường", dossier.statement_technology),
        ("3. Văn hóa, thẩm mỹ", dossier.statement_culture),
        ("4. Nội dung khác", dossier.statement_other),
    ]
    return facts | {
        "form_mark": "Phụ lục 2",
        "place_date": f"{_place(dossier, day)}, {long_date(day)}",
        "kind": "BẢN THUYẾT MINH",
        "subject": f"{product['what']} tham gia bình chọn {facts['programme']}",
        "maker": [
            ("Tên cơ sở", facility["name"]),
            ("Địa chỉ", facility["address"]),
            ("Người đại diện", facility["representative"]),
        ],
        "goods": [
            (f"Tên {product['what'].lower()}", product["name"]),
            ("Nhóm sản phẩm", product["group"]),
            ("Nguyên, vật liệu chính", product["materials"]),
            ("Tiêu chuẩn, danh hiệu", "; ".join(product["standards"])),
            ("Sở hữu trí tuệ", "; ".join(product["properties"])),
            ("Mã truy xuất nguồn gốc", product["traceability_code"]),
        ],
        "members_head": "Bộ sản phẩm gồm:",
        "years": facility["years"],
        "general": lines(dossier.statement or product["summary"]),
        "parts": [{"head": head, "lines": lines(text)} for head, text in parts],
        "pledge": "Cơ sở cam đoan nội dung thuyết minh là đúng sự thật.",
        "signer": ["ĐẠI DIỆN CƠ SỞ"],
        "signer_note": "(Ký, ghi rõ họ tên, đóng dấu nếu có)",
        "signer_name": facility["representative"],
    }


# --- what the receiving unit writes -------------------------------------------------------------------------


def supplement_letters(
    dossiers: Iterable[Dossier], on: dt.date, *, addressee: str | None = None
) -> list[dict[str, Any]]:
    """One letter per open request, to whoever owes the papers."""
    return [
        _supplement_letter(dossier, request, on)
        for dossier in dossiers
        for request in dossier.requests.all()
        if addressee in (None, request.addressee)
    ]


def _supplement_letter(dossier: Dossier, request: SupplementRequest, on: dt.date) -> dict[str, Any]:
    office = offices.receiving(dossier.round, on)
    facts = _basics(dossier, on)
    day = timezone.localdate(request.requested_at)
    frame = paper(
        office,
        day,
        symbol="",
        about=f"V/v bổ sung hồ sơ tham gia bình chọn {facts['programme']}",
        to=(_addressee(dossier, request, facts, day),),
        recipients=("Như trên;",),
    )
    maker = facts["facility"]["name"] or "cơ sở"
    numbered = f" số {dossier.entry_code}" if dossier.entry_code else ""
    return (
        facts
        | frame
        | {
            "opening": f"{office.name} đã kiểm tra hồ sơ{numbered} của {maker} đăng ký tham gia bình chọn "
            f"{facts['programme']} với {facts['product']['called']}. Theo Điều 12 "
            "Thông tư số 26/2014/TT-BCT, hồ sơ còn các nội dung cần bổ sung sau:",
            "clauses": [_bulleted(line) for line in lines(request.words)],
            "deadline": f"Hạn bổ sung: {moment(request.until)}. Giấy tờ gửi về {office.name} hoặc nộp trên cổng. Quá "
            "hạn trên, hồ sơ được xem xét theo những giấy tờ đã có.",
            "closing": f"{office.name} đề nghị phối hợp thực hiện./.",
        }
    )


def _bulleted(line: str) -> str:
    return line if line.startswith("-") else f"- {line}"


def _addressee(dossier: Dossier, request: SupplementRequest, facts: dict[str, Any], on: dt.date) -> str:
    facility = dossier.product.facility
    if request.addressee == Addressee.COMMUNE:
        return f"{offices.COMMITTEE} {_commune_words(facility.commune if facility else None)}".strip()
    if request.addressee == Addressee.LOWER_AUTHORITY:
        return "Đơn vị tổ chức bình chọn cấp dưới"
    return facts["facility"]["name"] or FORMAL


def _commune_words(commune: Commune | None) -> str:
    return f"{commune.get_kind_display().lower()} {commune.name}" if commune else "cấp xã"


def receipts(dossiers: Iterable[Dossier], on: dt.date) -> list[dict[str, Any]]:
    """Giấy biên nhận of a dossier: what was received, what is still missing."""
    return [_receipt(one, on) for one in dossiers]


def _receipt(dossier: Dossier, on: dt.date) -> dict[str, Any]:
    round_ = dossier.round
    day = dossier.received_on or (timezone.localdate(dossier.submitted_at) if dossier.submitted_at else on)
    office = offices.receiving(round_, day)
    facts = _basics(dossier, day)
    missing = missing_sentences(queries.checklist(dossier, on=on))
    frame = paper(
        office,
        day,
        symbol="BN",
        kind="GIẤY BIÊN NHẬN HỒ SƠ",
        subject=f"Tham gia bình chọn {facts['programme']}",
    )
    return (
        facts
        | frame
        | {
            "rows": [
                ("Cơ sở nộp hồ sơ", facts["facility"]["name"]),
                ("Địa chỉ", facts["facility"]["address"]),
                (facts["product"]["what"], facts["product"]["name"]),
                ("Nhóm sản phẩm", facts["product"]["group"]),
                ("Số hồ sơ", dossier.entry_code),
                ("Mã biên nhận", dossier.receipt_code),
                ("Nguồn nộp", dossier.get_origin_display()),
                ("Mã hồ sơ dịch vụ công", dossier.public_service_code),
                ("Ngày nhận", short_day(day)),
                (
                    "Ngày hẹn trả",
                    short_day(dossier.public_service_due_on) if dossier.public_service_due_on else "",
                ),
            ],
            "papers": _papers(dossier),
            "papers_head": "Giấy tờ đã nhận:",
            "missing_head": "Giấy tờ còn thiếu hoặc cần sửa:" if missing else "",
            "missing": [f"- {sentence}" for sentence in missing],
            "closing": "Giấy biên nhận này được lập thành hai bản, mỗi bên giữ một bản.",
            "giver": "NGƯỜI NỘP HỒ SƠ",
            "taker": "NGƯỜI NHẬN HỒ SƠ",
            "signer_note": "(Ký, ghi rõ họ tên)",
        }
    )
