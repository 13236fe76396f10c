"""What stands in a province's calendar: for its staff everything with a day, for everyone what is public anyway."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from icalendar import Calendar, Event

from extension.models import Call, Fair, Project
from extension.steps import due as step_due
from facilities import reporting
from facilities.enums import Reporter
from facilities.models import ReportingRule
from portal.notices import schedule
from portal.notices.enums import Recipients
from portal.territory.queries import Unit, family_ids
from portal.text.formats import day as said_day
from products import due
from products.models import Recognition
from products.reminder_words import KIND
from rounds.enums import RoundState
from rounds.models import Round
from rounds.services import complaints, receiving

BEHIND, AHEAD = dt.timedelta(days=60), dt.timedelta(days=400)
# Names in one entry: a telephone shows a screenful.
NAMED = 20
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Entry:
    """One day, or several up to and including `last`, in a calendar. `key` stays when the words change."""

    key: str
    first: dt.date
    title: str
    words: str = ""
    path: str = ""
    last: dt.date | None = None


def staff_calendar(unit: Unit, on: dt.date) -> bytes:
    """Everything with a day in the province's work. Fourteen queries."""
    entries = [
        *_expiries(unit, on),
        *_rounds(unit, on, public=False),
        *_reports(on),
        *_support_days(unit, on),
        *_open_to_makers(unit, on),
    ]
    return _written(_("Việc sản phẩm tiêu biểu %(province)s") % {"province": unit.name}, unit, entries, on)


def public_calendar(unit: Unit, on: dt.date) -> bytes:
    """What everyone may know: public rounds, calls and fairs, how many recognitions end on which day. Four queries."""
    entries = [*_expiry_counts(unit, on), *_rounds(unit, on, public=True), *_open_to_makers(unit, on)]
    return _written(_("Sản phẩm tiêu biểu %(province)s") % {"province": unit.name}, unit, entries, on)


# --- recognitions -----------------------------------------------------------------------------------------------


def _ending(unit: Unit, on: dt.date) -> QuerySet[Recognition]:
    return due.in_force().filter(
        territory__in=family_ids(unit.pk), expires_on__gte=on - BEHIND, expires_on__lte=on + AHEAD
    )


def _expiries(unit: Unit, on: dt.date) -> Iterator[Entry]:
    """The days on which recognitions end, with their names, and the days on which reminders leave. Two queries."""
    rows = _ending(unit, on).order_by("expires_on", "product__sort_key", "pk")
    ending: dict[dt.date, list[str]] = defaultdict(list)
    levels: Counter[tuple[dt.date, str]] = Counter()
    facts = rows.values_list("expires_on", "level", "product__name", "product__facility__name")
    for last, level, name, maker in facts.iterator():
        ending[last or on].append(f"{name}, {maker}" if maker else name)
        levels[last or on, level] += 1
    for last, names in ending.items():
        path = reverse("admin:products_recognition_changelist") + f"?expires_on__exact={last}"
        yield Entry(f"het-{unit.slug}-{last}", last, _ending_words(len(names)), _listed(names), path)
    yield from _reminder_days(unit, levels, on)


def _reminder_days(unit: Unit, levels: Counter[tuple[dt.date, str]], on: dt.date) -> Iterator[Entry]:
    """One entry per day on which letters to makers leave."""
    plan = schedule.rules_for(KIND, on)
    leaving: dict[dt.date, Counter[dt.date]] = defaultdict(Counter)
    for (last, level), number in levels.items():
        for one in plan.days(last, level, unit.pk):
            if one.recipients == Recipients.FACILITY and on - BEHIND <= one.due_on:
                leaving[one.due_on][last] += number
    for due_on, ends in leaving.items():
        said = [
            _("%(what)s ngày %(day)s") % {"what": _ending_words(number), "day": said_day(last)}
            for last, number in sorted(ends.items())
        ]
        title = ngettext("Thư nhắc %(n)d cơ sở", "Thư nhắc %(n)d cơ sở", ends.total()) % {"n": ends.total()}
        yield Entry(f"nhac-{unit.slug}-{due_on}", due_on, title, "\n".join(said), reverse("admin:index"))


def _expiry_counts(unit: Unit, on: dt.date) -> Iterator[Entry]:
    """How many end on a day, without a name. One query."""
    found = _ending(unit, on).order_by("expires_on").values_list("expires_on").annotate(n=Count("pk"))
    for last, number in found:
        path = reverse("catalogue") + f"?province={unit.slug}&status=expiring"
        yield Entry(f"het-{unit.slug}-{last}", last or on, _ending_words(number), "", path)


def _ending_words(number: int) -> str:
    said = ngettext("%(n)d giấy chứng nhận hết hiệu lực", "%(n)d giấy chứng nhận hết hiệu lực", number)
    return said % {"n": number}


def _listed(names: list[str]) -> str:
    more = len(names) - NAMED
    if more <= 0:
        return "\n".join(names)
    rest = ngettext("và %(n)d sản phẩm khác", "và %(n)d sản phẩm khác", more) % {"n": more}
    return "\n".join([*names[:NAMED], rest])


# --- rounds, reports --------------------------------------------------------------------------------------------


def _rounds(unit: Unit, on: dt.date, *, public: bool) -> Iterator[Entry]:
    """The terms of the province's rounds. One query."""
    found = Round.objects.public() if public else Round.objects.exclude(state=RoundState.CANCELLED)
    for round_ in found.filter(territory__in=family_ids(unit.pk)).select_related("territory").order_by("pk"):
        path = (
            reverse("round", args=[round_.slug]) if public else reverse("admin:rounds_round_change", args=[round_.pk])
        )
        for entry in _terms(round_, path, public=public):
            if on - BEHIND <= (entry.last or entry.first) and entry.first <= on + AHEAD:
                yield entry


def _terms(round_: Round, path: str, *, public: bool) -> Iterator[Entry]:
    def term(what: str, first: dt.date, title: str, words: str = "", last: dt.date | None = None) -> Entry:
        return Entry(f"ky-{round_.uuid}-{what}", first, f"{title}: {round_.title}", words, path, last)

    if round_.receiving_from:
        yield term("mo", timezone.localdate(round_.receiving_from), _("Bắt đầu nhận hồ sơ"))
    if round_.receiving_until:
        yield term("nhan", receiving.last_day(round_), _("Hạn nhận hồ sơ"), _until(round_.receiving_until))
    if until := complaints.last_day(round_):
        announced = timezone.localdate(round_.announced_at)
        yield term("kien-nghi", announced, _("Công bố kết quả, nhận khiếu nại, kiến nghị"), last=until)
    if public:
        return
    if round_.scoring_until:
        yield term(
            "cham", timezone.localdate(round_.scoring_until), _("Hạn nộp phiếu chấm"), _until(round_.scoring_until)
        )


def _until(moment: dt.datetime) -> str:
    local = timezone.localtime(moment)
    return _("Đến %(time)s ngày %(day)s.") % {"time": f"{local:%H:%M}", "day": said_day(local.date())}


def _reports(on: dt.date) -> Iterator[Entry]:
    """By when facilities and departments report on last year and this one. One query."""
    rules = list(ReportingRule.objects.order_by("-valid_from"))
    titles = {
        Reporter.FACILITY: _("Hạn cơ sở báo cáo năm %(year)d"),
        Reporter.DEPARTMENT: _("Hạn Sở báo cáo Cục năm %(year)d"),
    }
    for reporter, title in titles.items():
        for year in (on.year - 1, on.year):
            if last := reporting.due_on(rules, reporter=reporter, year=year):
                path = reverse("admin:yearly_reports" if reporter == Reporter.FACILITY else "admin:department_reports")
                yield Entry(f"bao-cao-{reporter}-{year}", last, title % {"year": year}, "", path)


# --- industrial extension ---------------------------------------------------------------------------------------


def _support_days(unit: Unit, on: dt.date) -> Iterator[Entry]:
    """Steps, settlements and liquidations of projects, plans and reports of the year. Eight queries."""
    projects = Project.objects.filter(territory__in=family_ids(unit.pk))
    for matter in step_due.matters_of(projects, on):
        page = "admin:project_money" if matter.kind == step_due.SETTLEMENT else "admin:project_steps"
        path = reverse(page, args=[matter.subject.uuid])
        key = f"de-an-{matter.subject.uuid}-{matter.kind}"
        yield Entry(key, matter.due_on, matter.what, matter.subject.name, path)
    for matter in step_due.year_matters_of({unit.pk}, on):
        is_plan = matter.subject.code in step_due.OF_PLANS
        path = reverse("admin:extension_plan_changelist" if is_plan else "admin:extension_reports")
        yield Entry(f"khuyen-cong-{matter.subject.uuid}", matter.due_on, matter.what, matter.body, path)


def _open_to_makers(unit: Unit, on: dt.date) -> Iterator[Entry]:
    """Calls for needs and fairs, as published. Two queries."""
    here = family_ids(unit.pk)
    calls = Call.objects.filter(territory__in=here, is_public=True, closes_on__gte=on - BEHIND)
    for call in calls.filter(opens_on__lte=on + AHEAD).order_by("pk"):
        title = _("Nhận đăng ký nhu cầu khuyến công: %(title)s") % {"title": call.title}
        yield Entry(f"dot-{call.uuid}", call.opens_on, title, call.contact, reverse("extension"), call.closes_on)
    fairs = Fair.objects.filter(territory__in=here, is_public=True, starts_on__lte=on + AHEAD)
    for fair in fairs.filter(starts_on__gte=on - BEHIND).select_related("host_territory").order_by("pk"):
        path = reverse("extension_fair", args=[fair.slug])
        yield Entry(f"hoi-cho-{fair.uuid}", fair.starts_on, fair.name, fair.where, path, fair.ends_on)


# --- as a calendar ----------------------------------------------------------------------------------------------


def _written(name: str, unit: Unit, entries: Iterable[Entry], on: dt.date) -> bytes:
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    book = Calendar()
    book.add("prodid", f"-//{host}//San pham CNNT tieu bieu//VI")
    book.add("version", "2.0")
    book.add("method", "PUBLISH")
    book.add("x-wr-calname", name)
    book.add("x-wr-timezone", settings.TIME_ZONE)
    book.add("refresh-interval", dt.timedelta(hours=12), parameters={"VALUE": "DURATION"})
    # The day's state: the same all day long, so that an unchanged calendar is known by its tag.
    stamp = timezone.make_aware(dt.datetime.combine(on, dt.time.min)).astimezone(dt.UTC)
    for entry in sorted(entries, key=lambda one: (one.first, one.key)):
        book.add_component(_event(entry, unit, stamp, host))
    return book.to_ical()


def _event(entry: Entry, unit: Unit, stamp: dt.datetime, host: str) -> Event:
    event = Event()
    event.add("uid", f"{entry.key}@{host}")
    event.add("dtstamp", stamp)
    event.add("dtstart", entry.first)
    event.add("dtend", (entry.last or entry.first) + _DAY)
    event.add("summary", entry.title)
    if entry.words:
        event.add("description", entry.words)
    if entry.path:
        event.add("url", settings.SITE_URL + entry.path)
    event.add("transp", "TRANSPARENT")
    event.add("location", unit.name)
    return event
