"""Reminders of the yearly reports: the facility's to the department, and the department's to the agency."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.enums import Reporter, YearlyReportState
from facilities.models import ReportingRule, YearlyReport
from facilities.reporting import due_on
from portal.accounts.enums import Role
from portal.accounts.models import Grant
from portal.notices import faults, schedule
from portal.notices import services as notices
from portal.notices.enums import Audience, Recipients
from portal.notices.kinds import Kind, register
from portal.notices.schedule import Due, Reminder
from portal.notices.services import Letter
from portal.notices.wording import Field, Words
from portal.territory.models import Territory
from portal.territory.queries import current_id, unit_today
from portal.text.formats import day

from . import yearly
from .models import DepartmentReport
from .reminder_letters import makers
from .services.yearly_reports import KIND

DEPARTMENT_KIND = "department_report"
ROLES = {Recipients.OFFICER: Role.OFFICER, Recipients.LEADER: Role.LEADER}
HANDED_IN = (YearlyReportState.SUBMITTED, YearlyReportState.ACCEPTED)


def _to_facility(_recipients: str, ended: bool) -> Words:
    title = _("Báo cáo năm {year} đã quá hạn") if ended else _("Báo cáo năm {year}: nộp trước hết ngày {last_day}")
    body = _(
        "Kính gửi {facility},\n\nCơ sở có sản phẩm được công nhận trong năm {year} nên cần báo cáo kết quả năm với Sở "
        "Công Thương {province}. Hạn nộp: hết ngày {last_day}.\n\nViệc cần làm: mở trang báo cáo, ghi doanh thu, lao "
        "động và kết quả của từng sản phẩm rồi bấm Nộp báo cáo: {link}"
    )
    return Words(
        title, body, _("Sở Công Thương {province} nhắc {facility} nộp báo cáo năm {year}, hạn {last_day}: {link}")
    )


def _to_department(_recipients: str, ended: bool) -> Words:
    title = _("Báo cáo năm {year} của Sở đã quá hạn") if ended else _("Báo cáo năm {year} của Sở: hạn {last_day}")
    body = _(
        "Sở Công Thương {province} gửi Cục báo cáo năm {year} trước hết ngày {last_day}. Số liệu cổng đã đếm sẵn; "
        "hãy xem, ghi nhận xét, số văn bản rồi gửi: {link}"
    )
    return Words(title, body, _("Báo cáo năm {year} của Sở Công Thương {province}, hạn {last_day}: {link}"))


_COMMON = {
    "year": Field(gettext_lazy("năm báo cáo"), "2026"),
    "last_day": Field(gettext_lazy("hạn nộp"), "15/01/2027"),
    "province": Field(gettext_lazy("tỉnh hiện nay"), "Thái Nguyên"),
    "link": Field(gettext_lazy("trang cần mở"), "https://…"),
}
schedule.register(
    Reminder(
        kind=KIND,
        fields={"facility": Field(gettext_lazy("tên cơ sở"), "Hợp tác xã chè Hảo Đạt"), **_COMMON},
        default=_to_facility,
        by_level=False,
    )
)
schedule.register(Reminder(kind=DEPARTMENT_KIND, fields=_COMMON, default=_to_department, by_level=False))
register(
    Kind(
        code=KIND,
        label=gettext_lazy("Báo cáo năm của cơ sở"),
        whom=frozenset({Audience.FACILITY}),
        by_consent=True,
        link=lambda _user, _subject_id: reverse("my_reports"),
    )
)
register(
    Kind(
        code=DEPARTMENT_KIND,
        label=gettext_lazy("Báo cáo năm của Sở gửi Cục"),
        whom=frozenset({Audience.STAFF}),
        link=lambda _user, _subject_id: reverse("admin:department_reports"),
    )
)


def plan(on: dt.date) -> int:
    """Enter the day's reminders into the ledger, and give up those whose report has come. Returns how many are new."""
    new = 0
    for kind, found in _of(on):
        letters = list(found)
        new += notices.plan_many(letters, on=on)
        notices.drop_unsent(kind=kind, on=on, keep={letter.key for letter in letters})
    return new


def preview(on: dt.date) -> int:
    """How many letters `plan` would newly enter; writes nothing."""
    return sum(notices.count_new(kind=kind, found=found, on=on) for kind, found in _of(on))


def _of(on: dt.date) -> tuple[tuple[str, Iterator[Letter]], ...]:
    return (KIND, facility_letters(on)), (DEPARTMENT_KIND, department_letters(on))


def facility_letters(on: dt.date) -> Iterator[Letter]:
    """To facilities that owe the report of the year before, or in December of this one. Six queries at most."""
    lines, rules = schedule.rules_for(KIND, on), list(ReportingRule.objects.order_by("-valid_from"))
    for year in (on.year - 1, on.year):
        deadline = due_on(rules, reporter=Reporter.FACILITY, year=year)
        if deadline is None or not (due := _due(lines, deadline, on)):
            continue
        handed = YearlyReport.objects.filter(year=year, state__in=HANDED_IN).values("facility")
        facilities = list(yearly.owing(year).exclude(pk__in=handed).select_related("territory"))
        keys = [facility.pk for facility in facilities]
        known, broken = makers(keys), faults.broken()
        with translation.override("vi"):
            for facility in facilities:
                words = _facts(facility.territory, year, deadline, reverse("my_reports")) | {"facility": facility.name}
                for one in (one for one in due if one.recipients == Recipients.FACILITY):
                    said = schedule.words(one.rule, words, _to_facility(one.recipients, deadline < on))
                    blank = _blank(KIND, f"{facility.uuid}:{year}", one, said, facility.territory_id)
                    users = known.people.get(facility.pk, {})
                    yield from (blank(user_id=user_id, recipient="") for user_id in users)
                    silent = {*users.values(), *broken}
                    others = [to for to in known.addresses.get(facility.pk, []) if to not in silent]
                    yield from (blank(user_id=None, recipient=to) for to in others)


def _due(lines: schedule.Schedule, deadline: dt.date, on: dt.date, unit: int | None = None) -> list[Due]:
    return lines.windows(deadline, dt.date(deadline.year - 1, 12, 1), "", unit, on)


def department_letters(on: dt.date) -> Iterator[Letter]:
    """To officers and leaders of the provinces of today that have not sent the year's report. Five queries at most."""
    lines, rules = schedule.rules_for(DEPARTMENT_KIND, on), list(ReportingRule.objects.order_by("-valid_from"))
    year = on.year - 1
    deadline = due_on(rules, reporter=Reporter.DEPARTMENT, year=year)
    if deadline is None or not (due := _due(lines, deadline, on)):
        return
    sent = DepartmentReport.objects.filter(year=year, state__in=HANDED_IN).values("territory")
    provinces = {one.pk: one for one in Territory.objects.filter(valid_to__isnull=True).exclude(pk__in=sent)}
    grants = (
        Grant.objects.active(on)
        .filter(role__in=ROLES.values(), territory__isnull=False, user__is_active=True)
        .order_by("pk")
    )
    holders = [
        (role, current_id(unit), user) for role, unit, user in grants.values_list("role", "territory_id", "user_id")
    ]
    with translation.override("vi"):
        for one in due:
            for role, unit, user_id in holders:
                if unit not in provinces or role != ROLES.get(Recipients(one.recipients)):
                    continue
                facts = _facts(provinces[unit], year, deadline, reverse("admin:department_reports"))
                words = schedule.words(one.rule, facts, _to_department(one.recipients, deadline < on))
                key = f"department:{provinces[unit].slug}:{year}"
                yield _blank(DEPARTMENT_KIND, key, one, words, unit)(user_id=user_id, recipient="")


def _facts(province: Territory, year: int, deadline: dt.date, path: str) -> dict[str, Any]:
    return {
        "year": year,
        "last_day": day(deadline),
        "province": unit_today(province.pk).name,
        "link": settings.SITE_URL + path,
    }


def _blank(kind: str, key: str, due: Due, words: Words, territory_id: int) -> Any:
    """A letter that only lacks its reader. The report may not exist yet, so that its key is made of what it is about."""

    def to(*, user_id: int | None, recipient: str) -> Letter:
        return Letter(
            kind=kind,
            subject_type="facilities.yearlyreport" if kind == KIND else "products.departmentreport",
            subject_id=uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}:{key}"),
            recipient=recipient,
            user_id=user_id,
            due_on=due.due_on,
            title=words.title[:300],
            body=words.body,
            territory_id=territory_id,
        )

    return to
