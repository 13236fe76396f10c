"""What becomes of the sample recognitions: numbered and re-issued certificates, a suspension, answers on renewal,
yearly reports, and a round of the region that receives nominations. Played through the real services."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from facilities.enums import RepresentativeState
from facilities.models import Facility, YearlyReport
from portal.territory.enums import Region
from products import yearly
from products.enums import Level, ReissueKind, RenewalChoice
from products.models import Certificate
from products.services import answer_renewal, issue_batch, reissue_certificate, suspend, yearly_reports
from rounds.enums import Body, NotNominated, RoundState, SeatRole
from rounds.models import Round
from rounds.services import bodies, criteria, lifecycle, nominating
from rounds.services.nominating import Choice

from .endings import recognised
from .rounds import ISSUER, seat_all
from .stage import Stage

PLACE = "Thái Nguyên"
# What became of the reports of last year, facility by facility in alphabetical order; the rest owe theirs.
REPORTS = ("accepted", "accepted", "accepted", "submitted", "submitted", "returned", "draft")
REVENUES = (4_200_000_000, 1_850_000_000, 960_000_000, 12_400_000_000, 730_000_000, 2_100_000_000, 540_000_000)
ANSWERS = {
    "window90": (RenewalChoice.WILL_ENTER, ""),
    "window30": (RenewalChoice.UNDECIDED, ""),
    "window7": (RenewalChoice.NOT_REACHED, ""),
}


def load(stage: Stage) -> None:
    """Each part is left as it is when it is there already."""
    _suspended(stage)
    _certificates(stage)
    _answers(stage)
    _reports(stage)
    _region(stage)


def _suspended(stage: Stage) -> None:
    for product in stage.products("suspended"):
        made = recognised(stage, product, expires_on=stage.today + dt.timedelta(days=300))
        if made is not None:
            suspend(
                recognition=made,
                on=stage.today - dt.timedelta(days=20),
                until=stage.today + dt.timedelta(days=40),
                basis=_("Biên bản kiểm tra mẫu của đoàn liên ngành, số liệu minh họa"),
                reason=_("Cơ sở mẫu đang sửa nhãn theo kết luận kiểm tra (tình huống mẫu)."),
                actor=stage.people["lanhdao.thainguyen"],
                now=stage.now,
            )
            stage.counts["suspended_created"] += 1


def _certificates(stage: Stage) -> None:
    """The announced round's certificates get numbers; one is printed anew after its address changed."""
    officer = stage.people["canbo.thainguyen"]
    papers = list(
        Certificate.objects.filter(
            recognition__dossier__round__state=RoundState.ANNOUNCED, recognition__is_illustrative=True, book=None
        ).order_by("recognition__dossier__entry_code")
    )
    if not papers:
        return
    on = max(paper.issued_on for paper in papers if paper.issued_on)
    issue_batch(certificates=papers, issuer=ISSUER, actor=officer, on=on, place=PLACE)
    reissue_certificate(
        recognition=papers[0].recognition,
        kind=ReissueKind.DAMAGED,
        on=on + dt.timedelta(days=30),
        reason=_("Bản đầu bị ướt khi trưng bày (tình huống mẫu)."),
        actor=officer,
        place=PLACE,
    )
    stage.counts["certificates_numbered"] += len(papers)


def _answers(stage: Stage) -> None:
    for part, (choice, reason) in ANSWERS.items():
        for product in stage.products(part):
            answer_renewal(
                recognition=product.recognitions.get(),
                choice=choice,
                reason=reason,
                actor=stage.people["canbo.thainguyen"],
                now=stage.now,
                by_maker=False,
            )


def _reports(stage: Stage) -> None:
    """Last year's reports of sample facilities, entered from paper as an officer does."""
    officer, year = stage.people["canbo.thainguyen"], stage.today.year - 1
    if YearlyReport.objects.filter(year=year).exists():
        return
    # Whoever can write on the portal is left to do so.
    facilities = (
        yearly.owing(year)
        .filter(is_illustrative=True)
        .exclude(representatives__state=RepresentativeState.APPROVED)
        .order_by("sort_key")
    )
    for facility, state, revenue in zip(facilities, REPORTS, REVENUES, strict=False):
        _report(stage, facility, officer, year=year, state=state, revenue=revenue)
        stage.counts["yearly_reports_created"] += 1


def _report(stage: Stage, facility: Facility, officer: Any, *, year: int, state: str, revenue: int) -> None:
    report = yearly_reports.open_report(facility=facility, year=year, actor=officer, on=stage.today, on_paper=True)
    lines = {line.product_id: _line(revenue // 2 // report.lines.count()) for line in report.lines.all()}
    report = yearly_reports.save_report(
        report=report,
        facts={
            "revenue": revenue,
            "export_value": 0,
            "budget_paid": revenue // 100,
            "workers": 5 + revenue // 400_000_000,
            "markets": _("Trong tỉnh, Hà Nội và sàn thương mại điện tử (nội dung mẫu)."),
            "difficulties": _("Vốn đổi máy móc, bao bì mới sau sáp nhập (nội dung mẫu)."),
        },
        lines=lines,
        actor=officer,
    )
    if state == "draft":
        return
    report = yearly_reports.submit_report(report=report, actor=officer, now=stage.at(-200))
    if state == "accepted":
        yearly_reports.accept_report(report=report, actor=officer, now=stage.at(-190))
    if state == "returned":
        reason = _("Doanh thu sản phẩm lớn hơn doanh thu cơ sở ở bảng kèm theo (tình huống mẫu).")
        yearly_reports.give_back_report(report=report, reason=reason, actor=officer, now=stage.at(-190))


def _line(revenue: int) -> dict[str, Any]:
    return {"revenue": revenue, "export_value": 0, "logo_packs": 20_000, "unit": _("sản phẩm")}


def _region(stage: Stage) -> None:
    """A round of the northern region takes nominations; Thái Nguyên has begun its list."""
    year = stage.today.year + 1
    if Round.objects.filter(level=Level.REGION, year=year, is_illustrative=True).exists():
        return
    keeper = stage.people["cuc.phiabac"]
    round_ = lifecycle.create_round(
        actor=keeper,
        level=Level.REGION,
        region=Region.NORTH,
        year=year,
        ordinal=0,
        name=_("Kỳ mẫu cấp khu vực phía Bắc năm %(year)s") % {"year": year},
        receiving_from=stage.at(-15, 8),
        receiving_until=stage.at(75, 17),
        scoring_until=stage.at(120, 17),
        quorum=5,
        lower_round_held=True,
        is_illustrative=True,
    )
    since = stage.at(-25)
    bodies.record_establishing(
        round_=round_,
        body=Body.COUNCIL,
        title=_("Quyết định mẫu thành lập hội đồng cấp khu vực, số liệu minh họa"),
        signed_on=since.date(),
        scan=None,
        actor=keeper,
    )
    seat_all(stage, round_, since.date(), keeper, {})
    for name in ("cuc.quocgia", "cuc.phiabac"):
        bodies.seat(
            round_=round_,
            user=stage.people[name],
            body=Body.COUNCIL,
            role=SeatRole.MEMBER,
            since=since.date(),
            actor=keeper,
        )
    draft = criteria.copy_set(source=stage.template, round_=round_, actor=keeper)
    tag = criteria.version_tag(draft)
    criteria.propose(criteria_set=draft, tag=tag, actor=keeper, now=stage.at(-20))
    criteria.approve(criteria_set=draft, tag=tag, actor=stage.people["cuc.quocgia"], now=stage.at(-19))
    lifecycle.advance(
        round_=round_,
        to=RoundState.RECEIVING,
        actor=keeper,
        now=stage.at(-15, 8),
        reason=_("Hội đồng mẫu dùng chung người với kỳ cấp tỉnh (tình huống mẫu)."),
    )
    _begun_list(stage, round_)
    stage.counts["regional_rounds_created"] += 1


def _begun_list(stage: Stage, round_: Round) -> None:
    """Only sample products are decided on; real ones stay to be decided."""
    officer = stage.people["canbo.thainguyen"]
    listed = nominating.open_list(round_=round_, territory=stage.province, actor=officer, now=stage.now)
    nominating.decide(nomination_list=listed, choices=list(_choices(listed)), actor=officer, now=stage.now)


def _choices(listed: Any) -> Iterator[Choice]:
    samples = listed.nominations.filter(product__is_illustrative=True).order_by("product__sort_key")
    for place, line in enumerate(samples[:8]):
        if place % 4 == 3:
            yield Choice(line.product_id, why_not=NotNominated.MAKER_DECLINES, reason=_("Cơ sở bận đơn hàng (mẫu)."))
        else:
            yield Choice(line.product_id, chosen=True)
