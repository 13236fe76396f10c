"""What the papers of a list of nominations print: the letter of proposal and the abstract list."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from portal.text.folding import normalise
from portal.text.formats import roman
from products.enums import Level, ProductGroup
from products.models import Recognition
from rounds.models import Nomination, NominationList, Round

from . import offices
from .heads import paper
from .things import dossier_row, goods_words, group_name, makers
from .words import count, long_date

ABOVE = "Hội đồng bình chọn"


def office_of(row: NominationList, on: dt.date) -> offices.Office:
    """Who writes: the department of the province, or the people's committee of the commune."""
    if row.commune is not None:
        name = str(row.commune)
        head = f"{offices.COMMITTEE} {name[:1].lower()}{name[1:]}"
        upper = (offices.COMMITTEE.upper(), name.upper())
        return offices.Office(head, (), upper, "UBND", ("CHỦ TỊCH",), row.commune.name)
    sender = Round(level=Level.PROVINCE, territory=row.territory, year=row.year)
    return offices.standing(sender, on)


def round_of(row: NominationList) -> Round:
    """The round above, or one of its name while it is not known here."""
    return row.round or Round(level=row.level, region=row.region, year=row.year, ordinal=row.ordinal)


def day_of(row: NominationList, on: dt.date) -> dt.date:
    """The paper's own day: of the letter, else of sending, else today."""
    return row.letter_on or (timezone.localdate(row.sent_at) if row.sent_at else on)


def _entries(lines: list[Nomination]) -> list[Any]:
    """Lines as the lists of dossiers read them."""
    return [SimpleNamespace(pk=line.pk, product=line.product, entry_code="", line=line) for line in lines]


def letter(row: NominationList, lines: list[Nomination], on: dt.date) -> dict[str, Any]:
    """Công văn đề nghị: who asks whom to take what, on which recognitions, with what enclosed."""
    day, round_ = day_of(row, on), round_of(row)
    office = office_of(row, day)
    entries = _entries(lines)
    occasion = offices.occasion(round_, day)
    above = offices.standing(round_, day)
    frame = paper(
        office,
        day,
        symbol="CV",
        number=row.letter_number,
        about=f"V/v đề nghị bình chọn {offices.PROGRAMME} {occasion}",
        to=(f"{above.name}.",),
        recipients=("Như trên;",),
    )
    return frame | {
        "opening": f"Thực hiện Điều 12 Thông tư số 26/2014/TT-BCT về hồ sơ bình chọn {offices.PROGRAMME}, {office.name} "
        f"đề nghị {above.name} xem xét, bình chọn {offices.PROGRAMME} {occasion} đối với {goods_words(entries)} của "
        f"{count(makers(entries))} cơ sở công nghiệp nông thôn (danh sách trích ngang kèm theo).",
        "clauses": _clauses(lines),
        "enclosed": f"Hồ sơ gửi kèm gồm: danh sách trích ngang (Phụ lục 5) và {count(len(lines))} bộ hồ sơ đăng ký"
        f"{', kèm giấy chứng nhận còn hiệu lực của cấp dưới' if any(line.recognition for line in lines) else ''}.",
        "closing": f"{office.name} cam kết các sản phẩm có tên trong danh sách đáp ứng điều kiện tham gia bình chọn. "
        "Trân trọng./.",
    }


def _clauses(lines: list[Nomination]) -> list[str]:
    certified = sum(line.recognition is not None for line in lines)
    found = []
    if certified:
        found.append(
            f"{count(certified)} sản phẩm, bộ sản phẩm đã được công nhận ở cấp dưới, giấy chứng nhận còn hiệu lực."
        )
    if certified < len(lines):
        found.append(f"{count(len(lines) - certified)} sản phẩm, bộ sản phẩm ở nơi không tổ chức bình chọn cấp dưới.")
    return found


def abstract_list(row: NominationList, lines: list[Nomination], on: dt.date) -> dict[str, Any]:
    """Danh sách trích ngang (Phụ lục 5) of what is nominated, under its groups in the order of the list."""
    day, round_ = day_of(row, on), round_of(row)
    entries = _entries(lines)
    level = offices.LEVEL_WORDS[Level(row.level)]
    frame = paper(
        office_of(row, day),
        day,
        symbol="DS",
        kind="DANH SÁCH TRÍCH NGANG",
        subject=f"{offices.PROGRAMME[:1].upper()}{offices.PROGRAMME[1:]} đề nghị tham gia bình chọn "
        f"{offices.occasion(round_, day)}",
        recipients=(f"{ABOVE} {level};",),
    )
    return frame | {
        "form_mark": "Phụ lục 5",
        "groups": _grouped(entries, day),
        "total": f"Danh sách có {goods_words(entries)} của {count(makers(entries))} cơ sở.",
    }


def _grouped(entries: list[Any], on: dt.date) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    place = 0
    for group in ProductGroup:
        mine = [one for one in entries if one.product.group == group]
        if not mine:
            continue
        rows = [
            {
                **dossier_row(one, on),
                "place": str(place + index),
                "certificate": certificate_words(one.line.recognition),
            }
            for index, one in enumerate(mine, 1)
        ]
        place += len(mine)
        name = group_name(group)
        head = f"{roman(len(found) + 1)}. Nhóm {name[:1].lower()}{name[1:]}"
        found.append({"head": head, "count": count(len(mine)), "rows": rows})
    return found


def certificate_words(recognition: Recognition | None) -> str:
    """Decision, certificate number and until when, as far as known."""
    if recognition is None:
        return ""
    decision = recognition.decision
    said = f"Quyết định số {decision.full_number}" if decision else ""
    if decision and decision.signed_on:
        said += f" {long_date(decision.signed_on)}"
    paper_ = next((one for one in recognition.certificates.all() if one.superseded_on is None), None)
    number = f"số {normalise(paper_.official_number)}" if paper_ and paper_.official_number else ""
    until = f"có giá trị đến hết {long_date(recognition.expires_on)}" if recognition.expires_on else ""
    return "; ".join(part for part in (said, number, until) if part)
