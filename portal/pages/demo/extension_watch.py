"""Supervision in the demo: each sample project that runs or ran has its reports, an inspection and what came of it."""

import datetime as dt
from decimal import Decimal
from uuid import uuid5

from extension.enums import ActivityHead, DueCode, Funding, ProjectState
from extension.models import DueRule, Inspection, Project
from extension.services import findings, inspecting, progress
from extension.services.findings import Found
from extension.services.inspecting import Sent, Spot, Taken
from extension.services.progress import Told
from extension.watch.monthly import months, next_month
from extension.watch.queries import Line, lines_of
from rounds.enums import DocumentKind

from .stage import Stage

CLERK, SECOND, LEADER = "khuyencong.thainguyen", "tiepnhan", "lanhdao.thainguyen"
SPOT = Spot(Decimal("21.567100"), Decimal("105.825200"), 14)
AT_FAIRS = (
    "Đã chọn năm cơ sở, thống nhất sản phẩm trưng bày.",
    "Đã đăng ký năm gian hàng với ban tổ chức.",
    "Đã ký hợp đồng thuê gian hàng, thiết kế chung.",
    "Đã in tờ giới thiệu, đóng gói hàng mẫu.",
    "Năm cơ sở đã dự hội chợ lần một, gặp nhà phân phối.",
    "Đã tổng hợp doanh thu và biên bản ghi nhớ của hội chợ.",
    "Đang chuẩn bị gian hàng cho hội chợ lần hai.",
    "Hoàn tất chứng từ để nghiệm thu.",
)
WITH_MACHINES = (
    "Đã ký hợp đồng mua máy và đặt cọc.",
    "Đã dọn mặt bằng, đổ bệ máy, kéo điện ba pha.",
    "Máy đã về xưởng, đang lắp.",
    "Đã lắp xong, chạy thử không tải.",
    "Chạy thử có tải, hướng dẫn hai lao động vận hành.",
    "Sản xuất mẻ đầu, chỉnh nhiệt độ.",
    "Chạy ổn định, ghi sổ sản lượng.",
    "Hoàn tất chứng từ để nghiệm thu.",
)


def tell(stage: Stage, project: Project, state: ProjectState, moment: dt.datetime) -> None:
    """Before a project is accepted: its months told, one inspection, one finding put right."""
    if state != ProjectState.ACCEPTED or project.inspections.exists():
        return
    start = project.phase_since or stage.today
    _reports(stage, project, months(start, moment.date()), to=100, unseen=0)
    done = _inspect(stage, project, moment - dt.timedelta(days=40))
    for row in done.findings.all():
        at = moment - dt.timedelta(days=25)
        findings.answer_finding(
            finding=row, answer="Đã dán nhãn số máy, gửi lại ảnh.", actor=stage.people[SECOND], now=at
        )
        findings.close_finding(finding=row, actor=stage.people[CLERK], now=at + dt.timedelta(days=2))


def load(stage: Stage) -> None:
    """The rule of sample months, and what is under way: a late report, an open finding, an inspection to come."""
    DueRule.objects.get_or_create(
        code=DueCode.PROGRESS,
        funding=Funding.LOCAL,
        territory=stage.province,
        defaults={"day": 25, "legal_basis": "Quy ước mẫu của cổng, không phải văn bản của tỉnh"},
    )
    running = Project.objects.filter(
        territory=stage.province, is_illustrative=True, state=ProjectState.RUNNING, inspections=None
    )
    for project in running.order_by("pk"):
        _under_way(stage, project)
        stage.counts["sample_projects_watched"] += 1


def _under_way(stage: Stage, project: Project) -> None:
    start = project.phase_since or stage.today
    told = [month for month in months(start, stage.today) if month < stage.today.replace(day=1)]
    _reports(stage, project, told[:-1], to=65, unseen=1)
    _inspect(stage, project, stage.at(-20))
    inspecting.plan_inspection(
        project=project,
        planned_on=stage.today + dt.timedelta(days=3),
        inspectors=[stage.people[SECOND], stage.people[CLERK]],
        actor=stage.people[CLERK],
        now=stage.now,
    )


def _reports(stage: Stage, project: Project, told: list[dt.date], *, to: int, unseen: int) -> None:
    """One report a month, the work growing evenly; the last `unseen` wait to be read."""
    funds = project.extension_funds or 0
    done = AT_FAIRS if project.head == ActivityHead.PRODUCTS else WITH_MACHINES
    for number, month in enumerate(told, start=1):
        percent = to * number // len(told)
        at = stage.at((next_month(month) - stage.today).days - 8)
        report = progress.send_progress(
            project=project,
            month=month,
            told=Told(
                percent=percent,
                done=done[min(number, len(done)) - 1],
                spent_extension=funds * percent // 200,
                spent_counterpart=(project.counterpart_funds or 0) * percent // 100,
            ),
            actor=stage.people[SECOND],
            now=min(at, stage.now),
        )
        if number <= len(told) - unseen:
            progress.see_progress(report=report, actor=stage.people[CLERK], now=min(at, stage.now))


def _inspect(stage: Stage, project: Project, at: dt.datetime) -> Inspection:
    """A whole inspection: planned a week before, every question answered, one of them not well."""
    leader = stage.people[LEADER]
    plan = inspecting.plan_inspection(
        project=project,
        planned_on=at.date(),
        inspectors=[leader, stage.people[CLERK]],
        actor=stage.people[CLERK],
        now=at - dt.timedelta(days=7),
    )
    lines, _others = lines_of(plan, stage.today)
    failed = lines[min(1, len(lines) - 1)].item
    saved = inspecting.save_sheet(
        inspection=plan,
        sent=Sent(
            revision=0,
            answers={line.item.pk: _answer(stage, line, failed.pk) for line in lines},
            notes={failed.pk: "Còn một hạng mục chưa khớp hợp đồng."},
            words={
                "place": "Xưởng của cơ sở mẫu",
                "met": "Chủ cơ sở mẫu",
                "conclusion": "Đề án làm đúng nơi, đúng cơ sở. Cần hoàn thiện một hạng mục trước khi nghiệm thu.",
            },
            spot=SPOT,
        ),
        actor=leader,
        now=at,
    )
    _photos(stage, saved, [line.item.pk for line in lines if line.item.needs_photo], at)
    found = [Found("Một hạng mục chưa khớp hợp đồng.", at.date() + dt.timedelta(days=15))]
    return inspecting.finish_inspection(inspection=saved, findings=found, revision=saved.revision, actor=leader, now=at)


def _answer(stage: Stage, line: Line, failed: int) -> str:
    """A trial run writes no photo, so what needs one does not apply there."""
    if line.item.needs_photo and not stage.papers.write:
        return "na"
    return "no" if line.item.pk == failed else "yes"


def _photos(stage: Stage, inspection: Inspection, items: list[int], at: dt.datetime) -> None:
    """Patterns stand in for photos, as everywhere in the demo."""
    product = next(row.product for row in inspection.project.beneficiaries.all() if row.product)
    views = (DocumentKind.PHOTO_FRONT, DocumentKind.PHOTO_SIDE, DocumentKind.PHOTO_TOP)
    for number, item in enumerate(items):
        picture = stage.papers.of(product, views[number % len(views)])
        if picture is not None:
            key = uuid5(inspection.uuid, str(item))
            with picture.content.open("rb") as upload:
                taken = Taken(key=key, upload=upload, taken_at=at, item=item, spot=SPOT)
                inspecting.add_photo(inspection=inspection, taken=taken, actor=stage.people[LEADER], now=at)
