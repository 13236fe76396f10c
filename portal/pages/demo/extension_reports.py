"""Two quarterly reports of the province: the one before last taken in and locked, the last one waiting at the agency."""

from extension.enums import Cycle
from extension.models import ReportPeriod
from extension.reports import reporting
from extension.reports.periods import Period
from extension.services import reports
from portal.territory.queries import family_ids

from .stage import Stage

WORDS = "Các đề án thực hiện đúng tiến độ. Đề nghị Cục hướng dẫn sớm mức chi cho giai đoạn 2026–2030."


def load(stage: Stage) -> None:
    """Safe to run twice: what was reported stays."""
    last = _before(Period(Cycle.QUARTER, stage.today.year, (stage.today.month - 1) // 3 + 1))
    for period in (_before(last), last):
        facts = {"territory": stage.province, "cycle": period.cycle, "year": period.year, "ordinal": period.ordinal}
        if ReportPeriod.objects.filter(**facts).exists():
            continue
        figures = reporting.figures_of(family_ids(stage.province.pk), period, samples=True)
        row = reports.send_report(
            territory=stage.province,
            period=period,
            words=WORDS,
            figures=figures,
            actor=stage.people["lanhdao.thainguyen"],
            now=stage.now,
            samples=True,
        )
        stage.counts["extension_reports"] += 1
        if period != last:
            reports.lock_report(report=row, actor=stage.people["cuc.quocgia"], now=stage.now)


def _before(period: Period) -> Period:
    """The quarter before."""
    if period.ordinal == 1:
        return Period(Cycle.QUARTER, period.year - 1, 4)
    return Period(Cycle.QUARTER, period.year, period.ordinal - 1)
