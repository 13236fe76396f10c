"""Papers about a whole round: submission, lists, decision, tally record, bodies. Each states its queries."""

import datetime as dt
from typing import Any

from django.utils import timezone

from portal.text.folding import normalise
from portal.text.formats import lowered
from products.enums import Level, ProductGroup
from rounds import queries, tally
from rounds.enums import Body, DossierState, VerdictChoice
from rounds.models import Dossier, Round, Seat

from . import offices
from .grounds import grounds
from .heads import of_authority, paper
from .things import by_group, dossier_row, goods_words, group_name, makers, tally_by_group
from .words import count, long_date, moment, points

ANNEX_OF = "(Kèm theo {what} {number} {date} của {who})"


def _gathered(round_: Round) -> list[Dossier]:
    """Every dossier of the round with what lists print of it. Five queries."""
    found = (
        round_.dossiers.select_related(
            "product__facility__territory",
            "product__facility__commune",
            "result",
            "verdict",
            "recognition__decision",
            "gathered_into",
        )
        .prefetch_related("product__members", "product__standards", "product__properties")
        .prefetch_related("product__facility__contacts")
    )
    return list(found)


def _proposed(dossiers: list[Dossier]) -> list[Dossier]:
    """Those the council proposes; once decided, those that were recognised."""
    recognised = [one for one in dossiers if one.recognition_id]
    if recognised:
        return recognised
    return [
        one
        for one in dossiers
        if one.state == DossierState.ELIGIBLE
        and getattr(one, "verdict", None) is not None
        and one.verdict.choice == VerdictChoice.RECOGNISE
    ]


def _rows(dossiers: list[Dossier], on: dt.date, **more: Any) -> list[dict[str, Any]]:
    return by_group(dossiers, {one.pk: dossier_row(one, on) | {k: f(one) for k, f in more.items()} for one in dossiers})


def _mean(dossier: Dossier) -> str:
    result = getattr(dossier, "result", None)
    if result is None:
        return ""
    threshold = dossier.round.threshold
    return points(tally.shown_mean(points=result.points, divisor=result.divisor, threshold=threshold))


def _note(dossier: Dossier) -> str:
    verdict = getattr(dossier, "verdict", None)
    return verdict.prize if verdict is not None else ""


def submission(round_: Round, on: dt.date) -> dict[str, Any]:
    """Tờ trình and its annex. Seven queries."""
    day = round_.submitted_on or on
    office, body = offices.submitter(round_, day), offices.authority(round_, day)
    dossiers = _gathered(round_)
    for one in dossiers:
        one.round = round_
    proposed = _proposed(dossiers)
    what = f"{offices.PROGRAMME} {offices.occasion(round_, day)}"
    frame = paper(
        office,
        day,
        symbol="TTr",
        number=round_.submission_number,
        kind="TỜ TRÌNH",
        subject=f"Về việc công nhận {what}",
        to=(f"{body.person}.",),
        recipients=("Như trên;",),
    )
    return frame | {
        "grounds": [*grounds(day), *_establishing(round_)],
        "opening": f"Thực hiện các quy định trên, {office.name} báo cáo kết quả bình chọn {what} và trình "
        f"{body.person} như sau:",
        "sections": [
            {"head": "1. Tiếp nhận và kiểm tra hồ sơ", "text": _received_words(dossiers)},
            {"head": "2. Chấm điểm", "text": _scored_words(round_, dossiers)},
            {
                "head": "3. Ý kiến của Hội đồng bình chọn",
                "text": f"Hội đồng bình chọn đề nghị công nhận {goods_words(proposed)} của {count(makers(proposed))} "
                "cơ sở công nghiệp nông thôn, chia theo nhóm như sau:",
            },
        ],
        "summary": tally_by_group(proposed),
        "request_head": "4. Đề nghị",
        "request": f"{office.name} trình {body.person} xem xét, quyết định công nhận {goods_words(proposed)} là {what} "
        "(danh sách kèm theo).",
        "enclosed_head": "Gửi kèm Tờ trình:",
        "enclosed": [
            "Dự thảo Quyết định công nhận;",
            "Biên bản tổng hợp kết quả chấm điểm của Ban Giám khảo;",
            "Biên bản họp Hội đồng bình chọn.",
        ],
        "annex": _annex(
            f"DANH SÁCH ĐỀ NGHỊ CÔNG NHẬN {what.upper()}",
            ANNEX_OF.format(
                what="Tờ trình", number=_number_words(frame["number"]), date=long_date(day), who=office.name
            ),
        ),
        "groups": _rows(proposed, day, mean=_mean, note=_note),
    }


def _annex(title: str, belongs_to: str) -> dict[str, str]:
    return {"head": "Phụ lục", "title": title, "belongs_to": belongs_to}


def _number_words(number: str) -> str:
    """ "số 12/TTr-SCT" inside a sentence."""
    return lowered(number).replace(": ", " ")


def _establishing(round_: Round) -> list[str]:
    """One ground per paper that set up the council or changed who sits in it, oldest first."""
    said = ("về việc thành lập Hội đồng bình chọn", "về việc kiện toàn Hội đồng bình chọn")
    return [f"Căn cứ {named} {said[place > 0]};" for place, named in enumerate(_established_by(round_))]


def _established_by(round_: Round) -> list[str]:
    """ "Quyết định số 1125/QĐ-UBND ngày …", however much of each was entered. One query."""
    papers = [one for one in round_.establishing.all() if one.body == Body.COUNCIL]
    return [_decision_words(one.title) for one in papers]


def _decision_words(title: str) -> str:
    text = normalise(title).rstrip(";.")
    return text if text.lower().startswith("quyết định") else f"Quyết định số {text.removeprefix('số ')}"


def _is_late_part(dossier: Dossier) -> bool:
    return dossier.gathered_into is not None and dossier.gathered_into.gathered_late


def _entered(dossiers: list[Dossier]) -> list[Dossier]:
    """Dossiers handed in and not taken back; parts of a set that was scored are counted as the set."""
    out = (DossierState.DRAFT, DossierState.WITHDRAWN, DossierState.GATHERED)
    return [one for one in dossiers if _is_late_part(one) or (one.state not in out and not one.gathered_late)]


def _received_words(dossiers: list[Dossier]) -> str:
    entered = _entered(dossiers)
    refused = sum(one.state == DossierState.NOT_ELIGIBLE for one in entered)
    eligible = sum(one.state in (DossierState.ELIGIBLE, DossierState.GATHERED) for one in entered)
    late = sum(_is_late_part(one) for one in dossiers)
    gathered = sum(one.state == DossierState.GATHERED for one in dossiers) - late
    words = (
        f"Có {count(len(entered))} hồ sơ của {count(makers(entered))} cơ sở công nghiệp nông thôn; "
        f"{count(eligible)} hồ sơ đủ điều kiện, {count(refused)} hồ sơ không đủ điều kiện."
    )
    if gathered:
        words += f" Trước khi chấm điểm, {count(gathered)} hồ sơ đã được gộp vào hồ sơ của các bộ sản phẩm."
    if late:
        words += f" Sau khi khóa điểm, hội đồng gộp {count(late)} hồ sơ đã đạt điểm thành bộ sản phẩm."
    return words


def _scored_words(round_: Round, dossiers: list[Dossier]) -> str:
    results = [one.result for one in dossiers if getattr(one, "result", None) is not None]
    passed = sum(result.passed for result in results)
    threshold = points(round_.threshold)
    return (
        f"Ban Giám khảo đã chấm điểm độc lập {count(len(results))} hồ sơ; {count(passed)} hồ sơ có điểm trung bình từ "
        f"{threshold} điểm trở lên, đạt mức quy định tại Điều 17 Thông tư số 26/2014/TT-BCT."
    )


def provisional_list(round_: Round, on: dt.date) -> dict[str, Any]:
    """Danh sách dự kiến, without any score. Five queries."""
    office = offices.standing(round_, on)
    proposed = _proposed(_gathered(round_))
    what = f"{offices.PROGRAMME} {offices.occasion(round_, on)}"
    frame = paper(
        office,
        on,
        symbol="TB",
        kind="DANH SÁCH",
        subject=f"Dự kiến công nhận {what}",
        recipients=("Các cơ sở có tên trong danh sách;", "Cổng thông tin điện tử (để công khai);"),
    )
    return frame | {
        "opening": f"Hội đồng bình chọn dự kiến đề nghị công nhận {goods_words(proposed)} của "
        f"{count(makers(proposed))} cơ sở công nghiệp nông thôn sau đây:",
        "groups": _rows(proposed, on),
        "closing": f"Danh sách này chưa phải là kết quả công nhận. Ý kiến về danh sách gửi bằng văn bản đến "
        f"{office.name}.",
    }


def decision_draft(round_: Round, on: dt.date) -> dict[str, Any]:
    """Dự thảo quyết định công nhận and its annex; once signed, with its number and day. Six queries."""
    signed = round_.decision
    day = (signed.signed_on if signed else None) or on
    body, office = offices.authority(round_, day), offices.submitter(round_, day)
    proposed = _proposed(_gathered(round_))
    what = f"{offices.PROGRAMME} {offices.occasion(round_, day)}"
    frame = of_authority(
        body,
        day,
        kind="QUYẾT ĐỊNH",
        subject=f"Về việc công nhận {what}",
        number=signed.full_number if signed else "",
        recipients=("Như Điều 3;", "Bộ Công Thương (để báo cáo);"),
    )
    tail = f"Tờ trình số {round_.submission_number}" if round_.submission_number else "Tờ trình số ……/TTr-……"
    if round_.submitted_on:
        tail += f" {long_date(round_.submitted_on)}"
    return frame | {
        "is_draft": signed is None,
        "draft_mark": "DỰ THẢO" if signed is None else "",
        "person": body.person.upper(),
        "grounds": [*grounds(day), *_establishing(round_)],
        "proposal": f"Theo đề nghị của {office.name} tại {tail}.",
        "order": "QUYẾT ĐỊNH:",
        "articles": [
            {
                "head": "Điều 1.",
                "text": f"Công nhận {goods_words(proposed)} của {count(makers(proposed))} cơ sở công nghiệp nông thôn "
                f"là {what} (danh sách tại Phụ lục kèm theo).",
            },
            {
                "head": "Điều 2.",
                "text": "Cơ sở có sản phẩm, bộ sản phẩm được công nhận được cấp Giấy chứng nhận, có quyền lợi và trách "
                "nhiệm theo quy định của Bộ Công Thương về bình chọn sản phẩm công nghiệp nông thôn tiêu biểu.",
            },
            {
                "head": "Điều 3.",
                "text": f"Quyết định này có hiệu lực kể từ ngày ký. {office.name}, các cơ quan, đơn vị liên quan và "
                "các cơ sở có tên tại Điều 1 chịu trách nhiệm thi hành Quyết định này.",
            },
        ],
        "annex": _annex(
            f"DANH SÁCH {what.upper()}",
            ANNEX_OF.format(
                what="Quyết định",
                number=_number_words(frame["number"]),
                date=frame["place_date"].split(", ", 1)[1],
                who=body.person,
            ),
        ),
        "groups": _rows(proposed, day, note=_note),
    }


def tally_record(round_: Round, on: dt.date) -> dict[str, Any]:
    """Biên bản tổng hợp of the sealed scores. Ten queries at most."""
    seal = queries.seal_of(round_)
    closed = seal.sealed_at if seal else None
    day = timezone.localdate(closed) if closed else on
    rows = queries.board(round_, as_scored=True)
    judges = list(queries.active_seats(round_, Body.JURY))
    frame = paper(
        offices.council_office(round_, day),
        day,
        symbol="BB",
        kind="BIÊN BẢN",
        subject=f"Tổng hợp kết quả chấm điểm bình chọn {offices.PROGRAMME} {offices.occasion(round_, day)}",
        recipients=("Hội đồng bình chọn;",),
    )
    return frame | {
        "issuer": ["BAN GIÁM KHẢO"],
        "number": "",
        "superior": ["HỘI ĐỒNG BÌNH CHỌN"],
        "opening": f"Ban Giám khảo gồm {count(len(judges))} thành viên đã chấm điểm độc lập {count(len(rows))} hồ sơ. "
        f"Việc chấm điểm đóng lúc {_at(closed)}. Điểm trung bình là tổng điểm chia cho số phiếu hợp lệ; phiếu không "
        f"đánh giá được và phiếu không tính không có trong phép chia. Mức đạt là {points(round_.threshold)} điểm.",
        "groups": _board_groups(rows),
        "closing": f"Có {count(sum(row.passed for row in rows))} trên {count(len(rows))} hồ sơ đạt mức điểm. Biên bản "
        "này được lập để Hội đồng bình chọn xem xét.",
        "seal": f"Mã niêm phong điểm trên cổng: {seal.sha256}" if seal else "",
        "judges": [{"place": str(n), **_seat(seat)} for n, seat in enumerate(judges, 1)],
        "signer": ["TRƯỞNG BAN GIÁM KHẢO"],
        "writer": "NGƯỜI LẬP BIÊN BẢN",
    }


def _at(closed: dt.datetime | None) -> str:
    return moment(closed) if closed else "……"


def _board_groups(rows: list[queries.BoardRow]) -> list[dict[str, Any]]:
    found = []
    for group in ProductGroup:
        mine = [row for row in rows if row.outcome.group == group]
        if mine:
            head = f"Nhóm {group_name(group)[:1].lower()}{group_name(group)[1:]}"
            found.append({"head": head, "rows": [_board_row(row) for row in mine]})
    return found


def _board_row(row: queries.BoardRow) -> dict[str, str]:
    facility = row.dossier.product.facility
    return {
        "rank": str(row.rank) if row.rank else "–",
        "code": row.dossier.entry_code,
        "product": normalise(row.dossier.product.name),
        "facility": normalise(facility.name) if facility else "",
        "sheets": str(row.outcome.sheets),
        "points": points(row.outcome.points) if row.outcome.sheets else "–",
        "mean": points(row.mean) if row.mean is not None else "–",
        "passed": "Đạt" if row.passed else "Không đạt" if row.quorate else "Chưa đủ phiếu",
    }


def _seat(seat: Seat) -> dict[str, str]:
    user = seat.user
    return {"name": str(user), "title": user.title, "role": seat.get_role_display()}


def bodies_list(round_: Round, on: dt.date) -> dict[str, Any]:
    """The annex of the newest decision on the council: council, jury and support team. Two queries."""
    body = offices.authority(round_, on)
    seats = list(queries.active_seats(round_).select_related("user__organisation"))
    papers = _established_by(round_)
    established = papers[-1] if papers else "Quyết định số ……/QĐ-…… ngày …… tháng …… năm ……"
    if " của " not in established:
        established += f" của {body.person}"
    frame = of_authority(body, on, kind="", subject="")
    return frame | {
        "annex": {
            "head": "Phụ lục",
            "title": f"DANH SÁCH HỘI ĐỒNG BÌNH CHỌN, BAN GIÁM KHẢO, TỔ CHUYÊN MÔN GIÚP VIỆC BÌNH CHỌN "
            f"{offices.PROGRAMME} {offices.occasion(round_, on)}".upper(),
            "belongs_to": f"(Kèm theo {established})",
        },
        "bodies": [
            {
                "head": f"{roman}. {one.label}",
                "rows": [
                    {"place": str(n), **_seat(seat), "unit": str(seat.user.organisation or "")}
                    for n, seat in enumerate([seat for seat in seats if seat.body == one], 1)
                ],
            }
            for roman, one in zip(("I", "II", "III"), Body, strict=True)
        ],
    }


def abstract_list(round_: Round, on: dt.date) -> dict[str, Any]:
    """Danh sách trích ngang (Phụ lục 5) of what this round recognised, for the level above. Six queries."""
    office = offices.standing(round_, on)
    recognised = [one for one in _gathered(round_) if one.recognition_id]
    above = {
        Level.DISTRICT: Level.PROVINCE,
        Level.COMMUNE: Level.PROVINCE,
        Level.PROVINCE: Level.REGION,
        Level.REGION: Level.NATIONAL,
    }[Level(round_.level)]
    frame = paper(
        office,
        on,
        symbol="DS",
        kind="DANH SÁCH TRÍCH NGANG",
        subject=f"{offices.PROGRAMME[:1].upper()}{offices.PROGRAMME[1:]} {offices.occasion(round_, on)} đề nghị tham "
        f"gia bình chọn {offices.LEVEL_WORDS[above]}",
        recipients=(f"Hội đồng bình chọn {offices.LEVEL_WORDS[above]};",),
    )
    return frame | {
        "form_mark": "Phụ lục 5",
        "groups": _rows(recognised, on, certificate=_certificate),
        "total": f"Danh sách có {goods_words(recognised)} của {count(makers(recognised))} cơ sở.",
    }


def _certificate(dossier: Dossier) -> str:
    recognition = dossier.recognition
    if recognition is None:
        return ""
    decision = recognition.decision
    said = f"Quyết định số {decision.full_number}" if decision else ""
    if decision and decision.signed_on:
        said += f" {long_date(decision.signed_on)}"
    until = f"có giá trị đến hết {long_date(recognition.expires_on)}" if recognition.expires_on else ""
    return "; ".join(part for part in (said, until) if part)
