"""The draft of the contract by which a project is carried out. Its wording is the portal's own: a draft to be gone over."""

import datetime as dt
from typing import Any

from extension import due_rules
from extension.enums import DueCode, EstimateState
from extension.models import Beneficiary, Project, ResultLine
from extension.money.advances import rule_for
from extension.results import queries as result_queries
from facilities.models import Facility
from portal.text.formats import day, lowered, number, percent
from rounds.official.facts import offices
from rounds.official.facts.grounds import extension_grounds
from rounds.official.facts.heads import NO_BREAK, paper
from rounds.official.facts.things import address_of
from rounds.official.facts.words import lines

from . import expenses
from .expenses import Expenses
from .parties import Parties, parties
from .parts import (
    BLANK,
    Sums,
    beneficiaries,
    decided,
    figure,
    in_both,
    in_words,
    kind_and_funding,
    mark,
    of_project,
    on_day,
    term,
)

Article = dict[str, Any]


def contract_facts(project: Project, on: dt.date, beneficiary: Beneficiary | None = None) -> dict[str, Any]:
    """The contract of the project, or its part with one of its facilities. About fifteen queries."""
    facility = beneficiary.facility if beneficiary else None
    is_whole = beneficiary is None
    number_ = project.contract_number if is_whole else ""
    day_of = (project.contract_on if is_whole else None) or on
    sides = parties(project, day_of, facility)
    held = expenses.approved(project, facility)
    sums = _sums(project, held, beneficiary)
    articles = _articles(project, sums, on)
    frame = paper(
        sides.giver,
        day_of,
        symbol="HĐ",
        kind="HỢP ĐỒNG",
        subject="Thực hiện đề án khuyến công",
        number=number_,
        dated=bool(is_whole and project.contract_on),
    )
    return frame | {
        "draft_mark": mark(project, "" if number_ and project.contract_on else "DỰ THẢO, CHƯA KÝ"),
        "grounds": [*extension_grounds(day_of, project.funding), *_grounds(project, held)],
        "opening": f"Hôm nay, {on_day(project.contract_on if is_whole else None, on)}, tại {BLANK}, hai bên gồm:",
        "giver": sides.giver_lines(),
        "receiver": sides.receiver_lines(),
        "agreed": "Hai bên thống nhất ký hợp đồng với các điều khoản dưới đây.",
        "before": [_work(project, facility, sides, day_of), _time(project)],
        "money": _money(project, sums),
        "sources": _sources(project, sums),
        "words": [
            f"Kinh phí khuyến công bằng chữ: {in_words(sums.extension if sums else None)}.",
            f"Tổng kinh phí bằng chữ: {in_words(sums.total if sums else None)}.",
        ],
        "expenses": held.rows(),
        "expenses_total": expenses.money_row(held.sums),
        "sources_total": number(sums.total) if sums else BLANK,
        "after": articles[:-1],
        "last": articles[-1:],
        "closing": (
            f"Hợp đồng có hiệu lực từ ngày ký, làm thành {BLANK} bản có giá trị như nhau, "
            f"Bên A giữ {BLANK} bản, Bên B giữ {BLANK} bản."
        ),
        "left": ["ĐẠI DIỆN BÊN B"],
        "right": ["ĐẠI DIỆN BÊN A"],
    }


def _grounds(project: Project, held: Expenses) -> list[str]:
    plan, estimate = project.plan, held.estimate
    known = (
        ("Quyết định giao kế hoạch", decided(plan.number, plan.signed_on, plan.issuer) if plan else ""),
        ("Quyết định phê duyệt dự toán", _decision(held)),
    )
    found = [f"Căn cứ {name} {words};" for name, words in known if words]
    if estimate:
        found += [f"Căn cứ mức chi tại {basis}, áp dụng vào ngày {day(estimate.on)};" for basis in held.bases()]
    return [*found, "Căn cứ nhu cầu và khả năng của hai bên."]


def _decision(held: Expenses) -> str:
    row = held.estimate
    is_decided = row is not None and row.state == EstimateState.APPROVED
    return decided(row.number, row.signed_on, row.issuer) if row and is_decided else ""


def _sums(project: Project, held: Expenses, beneficiary: Beneficiary | None) -> Sums | None:
    """Those of the lines; without lines what the register says of the project, or of the facility's part."""
    if held.lines:
        return held.sums
    if beneficiary is None:
        return of_project(project)
    return None if beneficiary.extension_funds is None else Sums(beneficiary.extension_funds)


# --- articles ---------------------------------------------------------------------------------------------------


def _work(project: Project, facility: Facility | None, sides: Parties, on: dt.date) -> Article:
    code = f" (mã {project.code})" if project.code else ""
    whom = facility.name if facility else beneficiaries(project)
    where = (
        address_of(sides.receiver, on)
        if isinstance(sides.receiver, Facility)
        else offices.full_name(project.territory, on)
    )
    work = lines(project.summary)
    aims = [one for one in result_queries.lines_of(project) if one.target is not None and _is_for(one, facility)]
    return {
        "head": "Điều 1. Nội dung hợp đồng",
        "lines": [
            f"1. Bên A giao, Bên B nhận thực hiện đề án “{project.name}”{code}, {lowered(kind_and_funding(project))}.",
            f"2. Nội dung khuyến công: {project.get_head_display()}.",
            f"3. Đối tượng thụ hưởng: {whom or BLANK}.",
            f"4. Nơi thực hiện: {where}.",
            "5. Công việc phải làm:",
            *(work or [BLANK * 5]),
            "6. Kết quả phải đạt:",
            *([_aim(one) for one in aims] or [BLANK * 5]),
        ],
    }


def _is_for(line: ResultLine, facility: Facility | None) -> bool:
    return facility is None or line.beneficiary is None or line.beneficiary.facility_id == facility.pk


def _aim(line: ResultLine) -> str:
    whose = f" ({line.beneficiary})" if line.beneficiary else ""
    return f"- {line.indicator.name}{whose}: {figure(line.target)} {line.indicator.unit}."


def _time(project: Project) -> Article:
    return {"head": "Điều 2. Thời gian thực hiện", "lines": [f"Hợp đồng được thực hiện {term(project)}."]}


def _money(project: Project, sums: Sums | None) -> Article:
    whole = in_both(sums.total if sums else None)
    return {"head": "Điều 3. Kinh phí", "lines": [f"Tổng kinh phí thực hiện: {whole}, gồm:"]}


def _sources(project: Project, sums: Sums | None) -> list[dict[str, str]]:
    if sums is None:
        named = [(project.get_funding_display(), BLANK), ("Vốn đối ứng của Bên B", BLANK)]
        return [{"name": name, "sum": value} for name, value in named]
    named = [(project.get_funding_display(), number(sums.extension)), ("Vốn đối ứng", number(sums.counterpart))]
    named += [("Nguồn khác", number(sums.other))] if sums.other else []
    return [{"name": name, "sum": value} for name, value in named]


def _articles(project: Project, sums: Sums | None, on: dt.date) -> list[Article]:
    rules = due_rules.rules()
    parts = (
        ("Tạm ứng, thanh toán", _payment(project, sums, on)),
        ("Trách nhiệm của Bên A", GIVER),
        ("Trách nhiệm của Bên B", _receiver(project, rules, on)),
        ("Kiểm tra, nghiệm thu, quyết toán, thanh lý", _ending(project, rules, on)),
        ("Điều chỉnh, ngừng thực hiện", CHANGES),
        ("Vi phạm và tranh chấp", DISPUTES),
    )
    return [
        {"head": f"Điều {place}. {name}", "lines": [_numbered(n, line) for n, line in enumerate(said, start=1)]}
        for place, (name, said) in enumerate(parts, start=4)
    ]


def _numbered(place: int, line: str) -> str:
    """The number of an article named inside does not stand alone on the next line."""
    return f"{place}. {line.replace('Điều ', f'Điều{NO_BREAK}')}"


def _payment(project: Project, sums: Sums | None, on: dt.date) -> list[str]:
    return [
        _advance(project, sums, on),
        "Phần còn lại được thanh toán theo khối lượng đã nghiệm thu, không quá số kinh phí khuyến công được quyết toán.",
        "Mỗi lần đề nghị, Bên B gửi giấy đề nghị kèm hóa đơn, chứng từ và giấy tờ chứng minh khối lượng đã làm.",
        "Số đã nhận vượt số được quyết toán thì Bên B hoàn trả Bên A.",
    ]


def _advance(project: Project, sums: Sums | None, on: dt.date) -> str:
    rule = rule_for(project, on)
    if rule is None or sums is None:
        return f"Sau khi hợp đồng có hiệu lực, Bên A tạm ứng cho Bên B {BLANK} đồng (bằng chữ: {BLANK})."
    most = in_both(sums.extension * rule.percent // 100)
    return (
        f"Sau khi hợp đồng có hiệu lực, Bên A tạm ứng cho Bên B nhiều nhất {percent(rule.percent)} "
        f"kinh phí khuyến công, là {most}."
    )


GIVER = [
    "Tạm ứng, thanh toán kinh phí khuyến công cho Bên B đúng Điều 3 và Điều 4.",
    "Hướng dẫn Bên B lập hồ sơ, chứng từ; trả lời vướng mắc trong phạm vi của mình.",
    "Kiểm tra tiến độ, chất lượng và việc dùng kinh phí; báo trước cho Bên B.",
    "Tổ chức nghiệm thu, quyết toán và thanh lý hợp đồng khi Bên B có đủ hồ sơ.",
]


def _receiver(project: Project, rules: due_rules.Rules, on: dt.date) -> list[str]:
    rule = rules.rule(DueCode.PROGRESS, funding=project.funding, territory_id=project.territory_id, on=on)
    by = f" trước ngày {rule.day}" if rule and rule.day else ""
    return [
        "Thực hiện đúng nội dung, nơi thực hiện và thời gian tại Điều 1 và Điều 2.",
        "Bỏ đủ vốn đối ứng tại Điều 3; dùng kinh phí khuyến công đúng dự toán.",
        "Máy móc, thiết bị được hỗ trợ là máy mới, có hóa đơn, chứng từ hợp lệ.",
        "Không dùng ngân sách nhà nước từ chương trình khác cho khoản chi đã được hỗ trợ theo hợp đồng này.",
        f"Báo cáo tiến độ cho Bên A{by} hằng tháng; báo ngay khi có vướng mắc làm chậm tiến độ.",
        "Tạo điều kiện cho việc kiểm tra; khắc phục đúng hạn các tồn tại được nêu khi kiểm tra.",
        "Giữ hồ sơ, chứng từ; cung cấp số liệu kết quả khi nghiệm thu và khi được hỏi lại.",
    ]


def _ending(project: Project, rules: due_rules.Rules, on: dt.date) -> list[str]:
    place: dict[str, Any] = {"funding": project.funding, "territory_id": project.territory_id}
    term_ = rules.rule(DueCode.SETTLEMENT, on=on, **place)
    year = project.year_to or project.year
    last = rules.in_year(DueCode.LIQUIDATION, year=year, on=max(on, dt.date(year, 12, 31)), **place)
    days = f"{term_.days} ngày{' làm việc' if term_.working_days else ''}" if term_ and term_.days else f"{BLANK} ngày"
    return [
        "Bên A kiểm tra trong khi thực hiện; kết quả ghi thành biên bản có chữ ký của hai bên.",
        "Làm xong, Bên B báo cáo kết quả; hội đồng nghiệm thu so kết quả với Điều 1 và lập biên bản.",
        f"Bên B nộp hồ sơ quyết toán trong {days} kể từ ngày nghiệm thu.",
        f"Hai bên thanh lý hợp đồng sau khi quyết toán được phê duyệt, chậm nhất ngày {day(last) if last else BLANK}.",
    ]


CHANGES = [
    "Thay đổi nội dung, kinh phí, thời gian hoặc bên thực hiện phải được cấp có thẩm quyền đồng ý bằng văn bản.",
    "Điều đã được đồng ý thay đổi ghi vào phụ lục hợp đồng trước khi làm.",
    "Đề án bị ngừng thì hai bên xác nhận khối lượng đã làm; Bên B hoàn trả kinh phí chưa dùng hoặc dùng không đúng.",
]
DISPUTES = [
    "Bên không làm đúng hợp đồng phải khắc phục và bồi thường thiệt hại đã gây ra theo quy định của pháp luật.",
    "Hai bên giải quyết tranh chấp bằng thương lượng; không thương lượng được thì đưa ra Tòa án có thẩm quyền.",
]
