"""The invented rounds of Thái Nguyên: announced, in deliberation, in scoring, receiving.

They are played through the real services, act by act, each with the moment it would have happened, so
that what the demo shows could have been entered by hand.
"""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import User
from portal.territory.models import Territory
from products.enums import Level
from products.models import Product
from rounds import queries
from rounds.completeness import required_kinds
from rounds.enums import Body, CheckAnswer, CheckKind, DocumentKind, RoundState, SeatRole, SetBasis, VerdictChoice
from rounds.intake_queries import rules_for
from rounds.judge_queries import outline_for
from rounds.models import CouncilSession, CriteriaSet, Dossier, EligibilityRule, Round
from rounds.services import (
    bodies,
    conflicts,
    council,
    criteria,
    declarations,
    dossiers,
    eligibility,
    lifecycle,
    nil_returns,
    requests,
    scoring,
    sessions,
    set_proposals,
)

from . import accounts, makers, scores
from .papers import Papers, title_of

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
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
# In the round that receives: the papers that are not there, by the dossier's place, and the one still being written.
LACKING: dict[int, tuple[DocumentKind, ...]] = {
    1: (DocumentKind.PHOTO_TOP,),
    2: (DocumentKind.BUSINESS_REGISTRATION, DocumentKind.PHOTO_SIDE),
    4: (DocumentKind.STATEMENT,),
    5: (DocumentKind.REGISTRATION_FORM, DocumentKind.STATEMENT, DocumentKind.PHOTO_FRONT),
}
STILL_DRAFT = 5
# Of each judge: how many of the dossiers, in the round's order, are handed in, and how many are begun.
PROGRESS = {1: (18, 3), 2: (24, 0), 3: (10, 2), 4: (14, 1), 5: (6, 2), 6: (21, 1), 7: (0, 1)}
CONFLICT = ("giamkhao3.thainguyen", 15)
CANNOT = ("giamkhao4.thainguyen", 14)


@dataclass
class Stage:
    """Everything the rounds are played with: the people, the place, the day, the papers."""

    now: dt.datetime
    province: Territory
    papers: Papers
    people: dict[str, User]
    template: CriteriaSet
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def today(self) -> dt.date:
        return timezone.localtime(self.now).date()

    @property
    def judges(self) -> list[User]:
        return [self.people[name] for name in accounts.JUDGES]

    def at(self, days: float, hour: int = 9) -> dt.datetime:
        """A moment that many days from today, at an hour in Vietnam."""
        return timezone.make_aware(dt.datetime.combine(self.today + dt.timedelta(days=days), dt.time(hour)))

    def products(self, part: str) -> list[Product]:
        return makers.products_of(part, province=self.province, on=self.today)


def load(stage: Stage) -> Counter[str]:
    """Play the rounds that are not there yet. A sample round is known by the decision that set up its council."""
    for number, play in enumerate((announced, deliberation, in_scoring, receiving), start=1):
        established = f"{number:02}/QĐ-MAU"
        if Round.objects.filter(establishing__title=established, territory=stage.province).exists():
            stage.counts["rounds_kept"] += 1
            continue
        play(stage, established)
        stage.counts["rounds_created"] += 1
    return stage.counts


def announced(stage: Stage, established: str) -> None:
    """A finished round: seven judges, ten dossiers, a decision, recognitions with certificates."""
    decided = stage.at(-330, 15)
    round_ = _open(stage, established, year=decided.year, ordinal=0, begins=-450, deadline=-410, scored_by=-380)
    _enter_all(stage, round_, stage.products("announced"), -440)
    _start_scoring(stage, round_, -408, -400)
    _score_all(stage, round_, -390, fails=frozenset({"005"}))
    secretary, leader = stage.people["thuky.thainguyen"], stage.people["lanhdao.thainguyen"]
    _advance(stage, round_, RoundState.DELIBERATION, stage.at(-379))
    session = _meet(stage, round_, stage.at(-370, 8))
    _speak(round_, secretary, stage.at(-370), declined={"010": _("Ít tính mới so với sản phẩm cùng nhóm.")})
    sessions.record_words(
        session=session,
        discussion=_("Hội đồng xem mẫu sản phẩm và nghe tổ giúp việc báo cáo (nội dung mẫu)."),
        conclusion=_("Hội đồng nhất trí danh sách đề nghị công nhận (nội dung mẫu)."),
        actor=secretary,
        now=stage.at(-370, 11),
    )
    sessions.close_session(session=session, actor=secretary, now=stage.at(-370, 11))
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


def deliberation(stage: Stage, established: str) -> None:
    """Every sheet is in, the results are sealed, the council has spoken of some dossiers."""
    round_ = _open(stage, established, year=stage.today.year, ordinal=1, begins=-120, deadline=-80, scored_by=-20)
    _enter_all(stage, round_, stage.products("deliberation"), -110)
    _report_nothing(stage, round_, stage.at(-100))
    _start_scoring(stage, round_, -78, -70)
    _score_all(stage, round_, -60, fails=frozenset({"004"}))
    _advance(stage, round_, RoundState.DELIBERATION, stage.at(-19))
    _meet(stage, round_, stage.at(-3, 8))
    _speak(round_, stage.people["thuky.thainguyen"], stage.at(-3), limit=5)


def in_scoring(stage: Stage, established: str) -> None:
    """Twenty-four dossiers, seven judges part-way: sheets handed in, begun, untouched, one conflict."""
    round_ = _open(stage, established, year=stage.today.year, ordinal=2, begins=-60, deadline=-35, scored_by=5)
    _enter_all(stage, round_, stage.products("scoring"), -55)
    _start_scoring(stage, round_, -34, -10)
    entered = _in_order(round_)
    who, place = CONFLICT
    conflicts.declare(
        dossier=entered[place],
        user=stage.people[who],
        reason=_("Tôi đã tư vấn lập hồ sơ này (tình huống mẫu)."),
        now=stage.at(-9),
    )
    for number, judge in enumerate(stage.judges, start=1):
        handed_in, begun = PROGRESS[number]
        for dossier in entered[:handed_in]:
            _sheet(dossier, judge, stage.at(-8 + number % 6), submit=True)
        for dossier in entered[handed_in : handed_in + begun]:
            _sheet(dossier, judge, stage.at(-1, 8 + number), submit=False)
    _cannot_assess(stage, entered)


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
    stage: Stage, established: str, *, year: int, ordinal: int, begins: int, deadline: int, scored_by: int
) -> Round:
    """A draft with its criteria and its three bodies, opened for receiving."""
    officer = stage.people["canbo.thainguyen"]
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
        quorum=5,
        is_illustrative=True,
    )
    since = stage.at(begins)
    bodies.record_establishing(
        round_=round_, body=Body.COUNCIL, title=established, signed_on=since.date(), scan=None, actor=officer
    )
    _seat_all(stage, round_, since.date(), officer)
    _agree_criteria(stage, round_, officer, since)
    return lifecycle.advance(round_=round_, to=RoundState.RECEIVING, actor=officer, now=stage.at(begins, 7))


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


def _seat_all(stage: Stage, round_: Round, since: dt.date, officer: User) -> None:
    jury = [SeatRole.HEAD_JUDGE, SeatRole.DEPUTY_JUDGE, *[SeatRole.JUDGE] * (len(accounts.JUDGES) - 2)]
    places = [
        ("chutich.thainguyen", Body.COUNCIL, SeatRole.CHAIR),
        ("lanhdao.thainguyen", Body.COUNCIL, SeatRole.VICE_CHAIR),
        ("thuky.thainguyen", Body.COUNCIL, SeatRole.SECRETARY),
        *((name, Body.COUNCIL, SeatRole.MEMBER) for name in accounts.MEMBERS),
        *((name, Body.JURY, role) for name, role in zip(accounts.JUDGES, jury, strict=True)),
        ("totruong.thainguyen", Body.SUPPORT, SeatRole.SUPPORT_LEAD),
    ]
    for name, body, role in places:
        person = stage.people[name]
        bodies.seat(round_=round_, user=person, body=body, role=role, since=since, actor=officer)
        if body == Body.JURY:
            moment = timezone.make_aware(dt.datetime.combine(since, dt.time(10)))
            declarations.sign(round_=round_, user=person, signed_name=str(person), now=moment)


def _enter_all(stage: Stage, round_: Round, products: list[Product], first_day: int) -> None:
    """Enter, submit and admit every product; one a day would take too long, so one every ten minutes."""
    clerk, checker = stage.people["tiepnhan"], stage.people["totruong.thainguyen"]
    for place, product in enumerate(products):
        moment = stage.at(first_day) + 10 * place * MINUTE
        dossier = _enter(stage, round_, product, clerk, moment)
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
) -> Dossier:
    dossier = dossiers.create_dossier(
        round_=round_,
        product=product,
        actor=clerk,
        now=moment,
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


def _in_order(round_: Round) -> list[Dossier]:
    return list(round_.dossiers.select_related("product", "round").order_by("entry_code"))


def _score_all(stage: Stage, round_: Round, day: int, *, fails: frozenset[str]) -> None:
    for place, dossier in enumerate(_in_order(round_)):
        for number, judge in enumerate(stage.judges):
            moment = stage.at(day) + (20 * place + number) * MINUTE
            _sheet(dossier, judge, moment, submit=True, fails=fails)


def _sheet(
    dossier: Dossier, judge: User, now: dt.datetime, *, submit: bool, fails: frozenset[str] = frozenset()
) -> None:
    """Score one dossier for one judge: all of it, or the first half when it is only begun."""
    outline = outline_for(dossier.round_id, dossier.product.group)
    given = scores.points(
        outline.maxima,
        code=f"{dossier.round.establishing.first()} {dossier.entry_code}",
        judge=judge.username,
        percent=scores.quality(dossier.entry_code, fails=fails),
        step=dossier.round.score_step,
    )
    kept = list(given.items())[: len(given) if submit else len(given) // 2]
    values: dict[int, scoring.Value] = {pk: (points, "") for pk, points in kept}
    sheet = scoring.open_sheet(dossier=dossier, judge=judge, now=now)
    saved = scoring.save_scores(sheet=sheet, values=values, revision=sheet.revision, actor=judge, now=now)
    if submit:
        scoring.submit_sheet(sheet=saved.sheet, actor=judge, now=now + MINUTE)


def _cannot_assess(stage: Stage, entered: list[Dossier]) -> None:
    who, place = CANNOT
    judge, now = stage.people[who], stage.at(-2)
    sheet = scoring.open_sheet(dossier=entered[place + 1], judge=judge, now=now)
    scoring.cannot_assess(
        sheet=sheet, reason=_("Ngoài chuyên môn của giám khảo (tình huống mẫu)."), actor=judge, now=now
    )


def _meet(stage: Stage, round_: Round, now: dt.datetime) -> CouncilSession:
    """The council sits, everybody is there."""
    secretary = stage.people["thuky.thainguyen"]
    seats = list(queries.active_seats(round_, Body.COUNCIL))
    session = sessions.open_session(
        round_=round_,
        held_at=now,
        place=_("Phòng họp tầng 3, Sở Công Thương tỉnh Thái Nguyên (địa điểm mẫu)"),
        chaired_by=next(seat for seat in seats if seat.role == SeatRole.CHAIR),
        minuted_by=secretary,
        actor=secretary,
        now=now,
    )
    rows = {seat.pk: (True, "") for seat in seats}
    sessions.record_attendance(session=session, rows=rows, actor=secretary, now=now)
    return session


def _speak(
    round_: Round,
    secretary: User,
    now: dt.datetime,
    *,
    declined: dict[str, str] | None = None,
    limit: int | None = None,
) -> None:
    """The council's word: what passed is proposed, unless it is declined with a reason."""
    refused = declined or {}
    for dossier in round_.dossiers.select_related("result").order_by("entry_code")[:limit]:
        reason = refused.get(dossier.entry_code, "")
        if not dossier.result.passed:
            reason = _("Chưa đạt điểm trung bình.")
        council.record_verdict(
            dossier=dossier,
            choice=VerdictChoice.DECLINE if reason else VerdictChoice.RECOGNISE,
            votes_for=2 if reason else 7,
            votes_against=5 if reason else 0,
            reason=reason,
            actor=secretary,
            now=now,
        )
