"""The invented rounds of Thái Nguyên: announced, in deliberation, in scoring, receiving, being prepared, on site.

They are played through the real services, act by act, each with the moment it would have happened, so
that what the demo shows could have been entered by hand.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import User
from products.enums import Level
from products.models import Product
from rounds import queries
from rounds.completeness import required_kinds
from rounds.enums import Body, CheckAnswer, CheckKind, DocumentKind, RoundState, SeatRole, SetBasis
from rounds.intake_queries import rules_for
from rounds.models import Dossier, EligibilityRule, Round
from rounds.services import (
    bodies,
    criteria,
    declarations,
    dossiers,
    eligibility,
    lifecycle,
    nil_returns,
    requests,
    set_proposals,
)

from . import accounts, council, jury
from .makers import PREFIX
from .papers import title_of
from .stage import DAY, MINUTE, Stage

# What the support team found about each condition that a person looks at.
FOUND = {
    "rural_area": gettext_lazy(
        "Cơ sở sản xuất tại xã, phường thuộc địa bàn nông thôn trước khi bỏ cấp huyện (kiểm tra mẫu)."
    ),
    "own_product": gettext_lazy("Xem nơi sản xuất và bản thuyết minh (kiểm tra mẫu)."),
    "series": gettext_lazy("Sản lượng năm trước ghi trong bản thuyết minh (kiểm tra mẫu)."),
}
CHECKED = gettext_lazy("Theo phiếu đăng ký và giấy tờ kèm theo (kiểm tra mẫu).")
STATEMENT = {
    "statement_market": gettext_lazy(
        "“%(name)s” bán tại cửa hàng của cơ sở, hội chợ và sàn thương mại điện tử (nội dung mẫu)."
    ),
    "statement_technology": gettext_lazy(
        "Cơ sở dùng nguyên liệu trong vùng, có máy thay cho công đoạn nặng nhọc (nội dung mẫu)."
    ),
    "statement_culture": gettext_lazy("Kiểu dáng và bao bì giữ nét của làng nghề (nội dung mẫu)."),
    "statement_other": gettext_lazy("Có thể sản xuất thêm theo đơn đặt hàng (nội dung mẫu)."),
}
ISSUER = "Ủy ban nhân dân tỉnh Thái Nguyên (quyết định mẫu)"
SIGNER = "Chủ tịch Ủy ban nhân dân tỉnh"
# In the round that receives: the papers that are not there, by the dossier's place, and the one still being written.
LACKING: dict[int, tuple[DocumentKind, ...]] = {
    1: (DocumentKind.PHOTO_TOP,),
    2: (DocumentKind.BUSINESS_REGISTRATION, DocumentKind.PHOTO_SIDE),
    4: (DocumentKind.STATEMENT,),
    5: (DocumentKind.REGISTRATION_FORM, DocumentKind.STATEMENT, DocumentKind.PHOTO_FRONT),
}
STILL_DRAFT = 5
# In the round being prepared: points moved from one criterion to another, and what a judge is told beside them.
MOVED = {"4.1": "6", "4.2": "4"}
GUIDED = {
    "4.1": gettext_lazy("Xem phiếu kiểm nghiệm, chứng nhận hệ thống quản lý chất lượng còn hạn (hướng dẫn mẫu)."),
    "4.2": gettext_lazy("Chỉ tính giải thưởng, danh hiệu trong năm năm gần đây (hướng dẫn mẫu)."),
}
LATE_SET_OF = f"{PREFIX}Hộ kinh doanh mộc Cao Ngạn"


def load(stage: Stage) -> Counter[str]:
    """Play the rounds that are not there yet. A sample round is known by the decision that set up its council."""
    plays = (announced, deliberation, in_scoring, receiving, in_preparation, on_site)
    for number, play in enumerate(plays, start=1):
        established = f"{number:02}/QĐ-MAU"
        if Round.objects.filter(establishing__title=established, territory=stage.province).exists():
            stage.counts["rounds_kept"] += 1
            continue
        play(stage, established)
        stage.counts["rounds_created"] += 1
    return stage.counts


def announced(stage: Stage, established: str) -> None:
    """A finished round: seven judges, ten dossiers, a decision, recognitions with certificates, two complaints."""
    decided = stage.at(-330, 15)
    round_ = _open(
        stage,
        established,
        year=decided.year,
        ordinal=0,
        begins=-450,
        deadline=-410,
        scored_by=-380,
        publish_means=True,
        publish_recusals=True,
    )
    _enter_all(stage, round_, stage.products("announced"), -440)
    _start_scoring(stage, round_, -408, -400)
    jury.score_all(stage, round_, -390, fails=frozenset({"005"}))
    secretary, leader = stage.people["thuky.thainguyen"], stage.people["lanhdao.thainguyen"]
    _advance(stage, round_, RoundState.DELIBERATION, stage.at(-379))
    session = council.meet(stage, round_, stage.at(-370, 8))
    declined = {"010": _("Ít tính mới so với sản phẩm cùng nhóm.")}
    council.speak(round_, secretary, stage.at(-370), declined=declined)
    council.close(stage, session, stage.at(-370, 11))
    lifecycle.advance(
        round_=round_,
        to=RoundState.SUBMITTED,
        actor=stage.people["canbo.thainguyen"],
        now=stage.at(-350),
        submission_number="01/TTr-MAU",
        submitted_on=stage.at(-350).date(),
    )
    lifecycle.record_decision(
        round_=round_,
        number="01",
        symbol="QĐ-MAU",
        signed_on=decided.date(),
        issuer=ISSUER,
        signer=SIGNER,
        scan=None,
        actor=leader,
        now=decided,
    )
    lifecycle.announce(round_=round_, actor=leader, now=stage.at(-325))
    council.complain(stage, round_)


def deliberation(stage: Stage, established: str) -> None:
    """Every sheet is in, the results are sealed; the council sits, has spoken of five, and is asked about a set."""
    round_ = _open(stage, established, year=stage.today.year, ordinal=1, begins=-120, deadline=-80, scored_by=-20)
    _enter_all(stage, round_, stage.products("deliberation"), -110)
    _report_nothing(stage, round_, stage.at(-100))
    _start_scoring(stage, round_, -78, -70)
    jury.score_all(stage, round_, -60, fails=frozenset({"004"}))
    _advance(stage, round_, RoundState.DELIBERATION, stage.at(-19))
    council.remark(stage, round_, stage.at(-12))
    council.meet(stage, round_, stage.at(-3, 8))
    council.speak(round_, stage.people["thuky.thainguyen"], stage.at(-3), limit=5)
    council.late_set(stage, round_, LATE_SET_OF, stage.at(-3, 10))


def in_scoring(stage: Stage, established: str) -> None:
    """Twenty-four dossiers in their booths, seven judges part-way, everything a chair meets before the deadline."""
    round_ = _open(
        stage,
        established,
        year=stage.today.year,
        ordinal=2,
        begins=-60,
        deadline=-35,
        scored_by=5,
        declared=jury.DECLARED,
    )
    _enter_all(stage, round_, stage.products("scoring"), -55, has_booths=True)
    _start_scoring(stage, round_, -34, -10)
    jury.part_way(stage, round_)


def receiving(stage: Stage, established: str) -> None:
    """A round that takes dossiers: one is complete, some lack papers, two are asked to supplement, two make a set."""
    round_ = _open(stage, established, year=stage.today.year + 1, ordinal=0, begins=-12, deadline=20, scored_by=60)
    clerk, checker = stage.people["tiepnhan"], stage.people["totruong.thainguyen"]
    entered = [
        _enter(stage, round_, product, clerk, stage.at(-10 + place), without=LACKING.get(place, ()))
        for place, product in enumerate(stage.products("receiving"))
    ]
    for place, dossier in enumerate(entered):
        if place != STILL_DRAFT:
            dossiers.submit(dossier=dossier, actor=clerk, now=stage.at(-10 + place, 10))
    _from_public_service(stage, entered[0], clerk)
    _check(entered[0], checker, stage.at(-1, 10), limit=5)
    paper = entered[1].documents.get(kind=DocumentKind.BUSINESS_REGISTRATION)
    dossiers.mark_needs_fix(document=paper, remark=_("Bản sao mờ, không đọc được ngày cấp."), actor=checker)
    for place in (1, 2):
        requests.request_supplement(dossier=entered[place], until=stage.at(7, 17), actor=checker, now=stage.at(-2, 14))
    _refuse(entered[4], checker, stage.at(-1))
    _gather(stage, round_, entered[6:8])


def in_preparation(stage: Stage, established: str) -> None:
    """A draft: its criteria were approved once, and the next version waits for a second person."""
    round_ = _prepare(
        stage, established, since=-6, year=stage.today.year + 2, ordinal=0, begins=30, deadline=60, scored_by=95
    )
    officer = stage.people["canbo.thainguyen"]
    reason = _("Chuyển một điểm từ giải thưởng sang chất lượng theo góp ý của hội đồng (tình huống mẫu).")
    draft = criteria.revise(criteria_set=round_.criteria_sets.get(), reason=reason, actor=officer)
    lines = criteria.lines_of(draft)
    place, known = {line.code: at for at, line in enumerate(lines)}, {row.code: row.pk for row in draft.criteria.all()}
    rows = [
        criteria.RowFacts(
            code=line.code,
            name=line.name,
            guidance=str(GUIDED.get(line.code, line.guidance)),
            max_points=Decimal(MOVED[line.code]) if line.code in MOVED else line.maximum,
            parent=place[line.parent] if line.parent else None,
            pk=known[line.code],
        )
        for line in lines
    ]
    saved = criteria.save_draft(
        criteria_set=draft,
        name=draft.name,
        legal_basis=draft.legal_basis,
        change_reason=reason,
        is_illustrative=draft.is_illustrative,
        rows=rows,
        tag=criteria.version_tag(draft),
        actor=officer,
    )
    criteria.propose(criteria_set=saved, tag=criteria.version_tag(saved), actor=officer, now=stage.at(-2))


def on_site(stage: Stage, established: str) -> None:
    """A small round judged twice, on the papers and on site, its dossiers divided among the jury."""
    round_ = _open(
        stage,
        established,
        year=stage.today.year,
        ordinal=3,
        begins=-40,
        deadline=-20,
        scored_by=3,
        quorum=3,
        has_site_pass=True,
        site_weight=40,
        site_scoring_from=stage.at(-2, 8),
        site_scoring_until=stage.at(6, 17),
        drop_extremes=1,
    )
    _enter_all(stage, round_, stage.products("site"), -38, has_booths=True)
    _advance(stage, round_, RoundState.SCREENING, stage.at(-19))
    jury.divide(stage, round_, stage.at(-16))
    _advance(stage, round_, RoundState.SCORING, stage.at(-15))
    jury.two_passes(stage, round_)


def _from_public_service(stage: Stage, dossier: Dossier, clerk: User) -> None:
    dossiers.update_dossier(
        dossier=dossier,
        actor=clerk,
        public_service_code="MAU-000.00.19.H55-0001",
        public_service_received_on=stage.at(-10).date(),
        public_service_due_on=stage.at(20).date(),
    )


def _refuse(dossier: Dossier, checker: User, now: dt.datetime) -> None:
    """Not made by the facility itself: the reason names the condition."""
    rule = next(row for row in rules_for(dossier, on=timezone.localdate(now)) if row.code == "own_product")
    found = _("Sản phẩm do cơ sở khác gia công (tình huống mẫu).")
    eligibility.answer(dossier=dossier, rule=rule, answer=CheckAnswer.NOT_MET, reason=found, actor=checker, now=now)
    dossiers.reject(dossier=dossier, actor=checker, now=now)


def _gather(stage: Stage, round_: Round, parts: list[Dossier]) -> None:
    """The support team proposes, the leader decides."""
    proposal = set_proposals.propose_gather(
        round_=round_,
        dossiers=parts,
        name=_("Bộ đồ mây dùng trong bếp"),
        basis=SetBasis.FITTING,
        reason=_("Bán kèm nhau, cùng chất liệu (đề xuất mẫu)."),
        actor=stage.people["totruong.thainguyen"],
        now=stage.at(-1, 14),
    )
    set_proposals.decide(proposal=proposal, accept=True, actor=stage.people["lanhdao.thainguyen"], now=stage.at(-1, 15))


def _report_nothing(stage: Stage, round_: Round, now: dt.datetime) -> None:
    """The commune of the demo has no facility in this round and says so."""
    nil_returns.report_nothing(
        round_=round_,
        commune=accounts.commune(stage.province),
        actor=stage.people["xa.tancuong"],
        now=now,
        note=_("Báo cáo mẫu."),
    )


def _check(dossier: Dossier, checker: User, now: dt.datetime, *, limit: int | None = None) -> None:
    """The support team looks at what a person has to look at, all of it or the first few."""
    open_ = [row for row in queries.eligibility(dossier, on=timezone.localdate(now)) if row.kind == CheckKind.ANSWERED]
    asked = {row.rule_id: row.code for row in open_ if row.outcome == "open"}
    found = {
        rule: (CheckAnswer.MET, str(FOUND.get(rule.code, CHECKED)))
        for rule in EligibilityRule.objects.filter(pk__in=list(asked)[:limit]).order_by("position")
    }
    eligibility.answer_all(dossier=dossier, answers=found, actor=checker, now=now)


def _open(
    stage: Stage,
    established: str,
    *,
    begins: int,
    declared: Mapping[str, dict[str, Any]] | None = None,
    **facts: Any,
) -> Round:
    """A draft with its criteria and its three bodies, opened for receiving."""
    round_ = _prepare(stage, established, since=begins, begins=begins, declared=declared or {}, **facts)
    officer = stage.people["canbo.thainguyen"]
    return lifecycle.advance(round_=round_, to=RoundState.RECEIVING, actor=officer, now=stage.at(begins, 7))


def _prepare(
    stage: Stage,
    established: str,
    *,
    since: int,
    year: int,
    ordinal: int,
    begins: int,
    deadline: int,
    scored_by: int,
    declared: Mapping[str, dict[str, Any]] = MappingProxyType({}),
    **settings: Any,
) -> Round:
    """A draft with its criteria and its three bodies; `declared` is what judges wrote in their declarations."""
    officer = stage.people["canbo.thainguyen"]
    facts = {"quorum": 5, **settings}
    round_ = lifecycle.create_round(
        actor=officer,
        level=Level.PROVINCE,
        territory=stage.province,
        year=year,
        ordinal=ordinal,
        name=_title(year, ordinal),
        receiving_unit=stage.people["tiepnhan"].organisation,
        receiving_from=stage.at(begins, 8),
        receiving_until=stage.at(deadline, 17),
        scoring_until=stage.at(scored_by, 17),
        is_illustrative=True,
        **facts,
    )
    moment = stage.at(since)
    bodies.record_establishing(
        round_=round_, body=Body.COUNCIL, title=established, signed_on=moment.date(), scan=None, actor=officer
    )
    seat_all(stage, round_, moment.date(), officer, declared)
    _agree_criteria(stage, round_, officer, moment)
    return round_


def _agree_criteria(stage: Stage, round_: Round, officer: User, now: dt.datetime) -> None:
    """The officer copies the template and hands it in; the leader, who wrote nothing in it, approves."""
    draft = criteria.copy_set(source=stage.template, round_=round_, actor=officer)
    tag = criteria.version_tag(draft)
    criteria.propose(criteria_set=draft, tag=tag, actor=officer, now=now)
    criteria.approve(criteria_set=draft, tag=tag, actor=stage.people["lanhdao.thainguyen"], now=now)


def _title(year: int, ordinal: int) -> str:
    """The name says that the round is a sample; two in one year are told apart as batches."""
    facts = {"year": year, "batch": ordinal}
    if ordinal:
        return _("Kỳ mẫu cấp tỉnh Thái Nguyên năm %(year)s, đợt %(batch)s") % facts
    return _("Kỳ mẫu cấp tỉnh Thái Nguyên năm %(year)s") % facts


def seat_all(
    stage: Stage, round_: Round, since: dt.date, officer: User, declared: Mapping[str, dict[str, Any]]
) -> None:
    judges = [SeatRole.HEAD_JUDGE, SeatRole.DEPUTY_JUDGE, *[SeatRole.JUDGE] * (len(accounts.JUDGES) - 2)]
    places = [
        ("chutich.thainguyen", Body.COUNCIL, SeatRole.CHAIR),
        ("lanhdao.thainguyen", Body.COUNCIL, SeatRole.VICE_CHAIR),
        ("thuky.thainguyen", Body.COUNCIL, SeatRole.SECRETARY),
        *((name, Body.COUNCIL, SeatRole.MEMBER) for name in accounts.MEMBERS),
        *((name, Body.JURY, role) for name, role in zip(accounts.JUDGES, judges, strict=True)),
        ("totruong.thainguyen", Body.SUPPORT, SeatRole.SUPPORT_LEAD),
    ]
    for name, body, role in places:
        person = stage.people[name]
        bodies.seat(round_=round_, user=person, body=body, role=role, since=since, actor=officer)
        if body == Body.JURY:
            moment = timezone.make_aware(dt.datetime.combine(since, dt.time(10)))
            own = declared.get(name, {})
            declarations.sign(round_=round_, user=person, signed_name=str(person), now=moment, **own)


def _enter_all(
    stage: Stage, round_: Round, products: list[Product], first_day: int, *, has_booths: bool = False
) -> None:
    """Enter, submit and admit every product; one a day would take too long, so one every ten minutes."""
    clerk, checker = stage.people["tiepnhan"], stage.people["totruong.thainguyen"]
    for place, product in enumerate(products):
        moment = stage.at(first_day) + 10 * place * MINUTE
        booth = f"{'AB'[place % 2]}{place // 2 + 1:02}" if has_booths else ""
        dossier = _enter(stage, round_, product, clerk, moment, booth=booth)
        dossiers.submit(dossier=dossier, actor=clerk, now=moment + 5 * MINUTE)
        _check(dossier, checker, moment + 2 * DAY)
        dossiers.admit(dossier=dossier, actor=checker, now=moment + 3 * DAY)


def _enter(
    stage: Stage,
    round_: Round,
    product: Product,
    clerk: User,
    moment: dt.datetime,
    *,
    without: tuple[DocumentKind, ...] = (),
    booth: str = "",
) -> Dossier:
    dossier = dossiers.create_dossier(
        round_=round_,
        product=product,
        actor=clerk,
        now=moment,
        booth=booth,
        is_illustrative=True,
    )
    facts: dict[str, Any] = {name: str(text) % {"name": product.name} for name, text in STATEMENT.items()}
    if product.is_set:
        facts["set_basis"] = SetBasis.FITTING
    dossiers.update_dossier(dossier=dossier, actor=clerk, **facts)
    for kind in required_kinds(level=round_.level, lower_round_held=round_.lower_round_held):
        if kind not in without:
            _paper(stage, dossier, DocumentKind(kind), clerk)
    stage.counts["dossiers_created"] += 1
    return dossier


def _paper(stage: Stage, dossier: Dossier, kind: DocumentKind, clerk: User) -> None:
    file = stage.papers.of(dossier.product, kind)
    dossiers.add_document(
        dossier=dossier, kind=kind, file=file, on_paper=file is None, title=title_of(kind), actor=clerk
    )
    stage.counts["papers_created"] += 1


def _start_scoring(stage: Stage, round_: Round, screened: int, opened: int) -> None:
    _advance(stage, round_, RoundState.SCREENING, stage.at(screened))
    _advance(stage, round_, RoundState.SCORING, stage.at(opened))


def _advance(stage: Stage, round_: Round, to: RoundState, now: dt.datetime) -> None:
    lifecycle.advance(round_=round_, to=to, actor=stage.people["canbo.thainguyen"], now=now)
