"""The record that ends a contract."""

import datetime as dt
from typing import Any

from extension.enums import AcceptanceOutcome
from extension.models import Liquidation, Project, Settlement
from extension.money.ledger import ledger_of
from portal.text.formats import number
from rounds.official.facts.heads import paper
from rounds.official.facts.words import blank_date, lines, long_date

from .parties import parties
from .parts import BLANK, about, contract_words, dong, in_words

LIQUIDATED = {"Tên đề án", "Mã đề án", "Loại, nguồn kinh phí", "Đối tượng thụ hưởng", "Hợp đồng"}


def liquidation_facts(project: Project, settlement: Settlement, on: dt.date) -> dict[str, Any]:
    """What was promised, what was settled, what was paid; the day and the number once they are written down."""
    done = Liquidation.objects.filter(project=project).first()
    day_of = done.signed_on if done else on
    sides = parties(project, day_of)
    frame = paper(
        sides.giver,
        day_of,
        symbol="BB",
        kind="BIÊN BẢN",
        subject="Thanh lý hợp đồng thực hiện đề án khuyến công",
        number=done.number if done else "",
        dated=done is not None,
    )
    ledger = ledger_of(project)
    owed = settlement.extension_funds - ledger.sums.net
    return frame | {
        "draft_mark": "" if done else "DỰ THẢO, CHƯA KÝ",
        "grounds": [ground for ground in _grounds(project, settlement) if ground],
        "opening": f"Hôm nay, {long_date(day_of) if done else blank_date(on)}, hai bên thanh lý hợp đồng dưới đây.",
        "parties": [["Bên giao", sides.giver.name], ["Bên thực hiện", sides.receiver_name or BLANK]],
        "project": [pair for pair in about(project) if pair[0] in LIQUIDATED],
        "sums": _sums(project, settlement),
        "paid": [
            ["Khuyến công được quyết toán, bằng chữ", in_words(settlement.extension_funds)],
            ["Khuyến công đã chi, trừ thu hồi", dong(ledger.sums.net)],
            ["Còn phải chi cho bên thực hiện", dong(max(owed, 0))],
            ["Bên thực hiện còn phải hoàn trả", dong(max(-owed, 0))],
        ],
        "closing": [
            *(lines(done.note) if done else []),
            "Hai bên thống nhất thanh lý hợp đồng kể từ ngày ký biên bản này.",
        ],
        "receiver": ["ĐẠI DIỆN BÊN THỰC HIỆN"],
        "giver": ["ĐẠI DIỆN BÊN GIAO"],
    }


def _grounds(project: Project, settlement: Settlement) -> tuple[str, ...]:
    contract = contract_words(project)
    accepted = project.acceptances.filter(outcome=AcceptanceOutcome.PASSED).order_by("-ordinal").first()
    held_on = accepted.held_on if accepted else None
    approved = long_date(settlement.signed_on) if settlement.signed_on else ""
    return (
        f"Căn cứ Hợp đồng {contract}." if contract else "",
        f"Căn cứ Biên bản nghiệm thu {long_date(held_on)}." if held_on else "",
        f"Căn cứ văn bản số {settlement.number} {approved} phê duyệt quyết toán.",
    )


def _sums(project: Project, settlement: Settlement) -> list[dict[str, str]]:
    names = (("extension_funds", "Khuyến công"), ("counterpart_funds", "Vốn đối ứng"), ("other_funds", "Nguồn khác"))
    rows = [(words, getattr(project, name) or 0, getattr(settlement, name)) for name, words in names]
    rows.append(("Cộng", sum(row[1] for row in rows), settlement.total))
    return [
        {"name": words, "approved": number(approved), "settled": number(settled)} for words, approved, settled in rows
    ]
