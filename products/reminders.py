"""Letters before a recognition runs out, and on the day after: who gets which, and what it says.

Each of the windows (180, 90, 30, 7 days before, 1 day after) is due on one day. What is due is chosen with `<=`,
so a scheduler that slept loses none; of several overdue windows only the latest is written; windows that were due
before the recognition was registered are not. The ledger in `portal.notices` sees to it that none leaves twice.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from facilities.enums import ContactKind
from facilities.models import Contact, Representative
from portal.accounts.enums import Role
from portal.accounts.models import Grant
from portal.notices import services as notices
from portal.notices.services import Letter
from portal.territory.queries import current_id, unit_today
from portal.text.formats import day

from .enums import DatePrecision
from .models import Recognition

KIND = "recognition_expiry"
# A letter about an end long past helps nobody; until then a late letter is better than none.
LATE_DAYS = 90


@dataclass(frozen=True)
class Outcome:
    """What one run did: letters newly entered, given up, sent, failed."""

    planned: int
    dropped: int
    sent: int
    failed: int


def window_due(*, expires_on: dt.date, registered_on: dt.date, on: dt.date, days: Sequence[int]) -> dt.date | None:
    """The day on which the letter to be written on `on` was due, or None when there is none.

    `days` are counted back from the last valid day; negative ones lie after it.
    """
    past = [expires_on - dt.timedelta(days=before) for before in days]
    due = max((day_ for day_ in past if registered_on <= day_ <= on), default=None)
    if due is None:
        return None
    if on <= expires_on:
        return due
    return due if due > expires_on and on - due <= dt.timedelta(days=LATE_DAYS) else None


def run(*, on: dt.date, now: dt.datetime) -> Outcome:
    """Enter the day's letters into the ledger, give up what they replace, and send what is due.

    The number of queries up to sending does not grow with the number of recognitions.
    """
    letters = list(letters_for(on))
    planned = notices.plan_many(letters, on=on)
    dropped = notices.drop_unsent(kind=KIND, on=on, keep={letter.key for letter in letters})
    counts = notices.send_due(now=now, on=on)
    return Outcome(planned=planned, dropped=dropped, sent=counts.sent, failed=counts.failed)


def preview(*, on: dt.date) -> int:
    """How many letters a run would newly enter on the day; writes nothing."""
    return notices.count_new(kind=KIND, found=letters_for(on), on=on)


def letters_for(on: dt.date) -> Iterator[Letter]:
    """Every letter that is due on the day, whether or not the ledger already holds it. Four queries.

    The facility's approved representatives and the officers hear of it as people, who choose how; its consented
    addresses by letter, unless they are a representative's own.
    """
    due = list(_due(on))
    facilities = [recognition.product.facility_id for recognition, _due_on in due]
    consented, representatives, officers = _consented(facilities), _representatives(facilities), _officers(on)
    with translation.override("vi"):
        for recognition, due_on in due:
            people = representatives.get(recognition.product.facility_id or 0, {})
            addresses = consented.get(recognition.product.facility_id or 0, [])
            to_maker, told = _to_maker(recognition, on), {*people.values(), *addresses} - {""}
            for user_id in people:
                yield _letter(recognition, due_on, to_maker, user_id=user_id)
            for address in addresses:
                if address not in people.values():
                    yield _letter(recognition, due_on, _with_way_out(recognition, to_maker), address=address)
            for user_id, address in officers.get(current_id(recognition.territory_id), {}).items():
                if address not in told:
                    yield _letter(
                        recognition, due_on, _to_officer(recognition, on, reached=bool(people or told)), user_id=user_id
                    )


def _due(on: dt.date) -> Iterator[tuple[Recognition, dt.date]]:
    days = settings.REMINDER_DAYS
    found = (
        Recognition.objects.published()
        .filter(
            revoked_on__isnull=True,
            withdrawn_on__isnull=True,
            expires_on__lte=on + dt.timedelta(days=max(days)),
            expires_on__gte=on + dt.timedelta(days=min(days) - LATE_DAYS),
        )
        .select_related("product__facility")
        .order_by("pk")
    )
    for recognition in found:
        registered_on = timezone.localdate(recognition.created_at)
        due = window_due(expires_on=_last_day(recognition), registered_on=registered_on, on=on, days=days)
        if due is not None:
            yield recognition, due


def _consented(facility_ids: list[int | None]) -> dict[int, list[str]]:
    """Addresses at which facilities agreed to be reminded."""
    found: dict[int, list[str]] = defaultdict(list)
    contacts = Contact.objects.filter(facility__in=facility_ids, kind=ContactKind.EMAIL, may_notify=True)
    for facility_id, value in contacts.order_by("pk").values_list("facility_id", "value"):
        address = value.strip().lower()
        if address not in found[facility_id]:
            found[facility_id].append(address)
    return found


def _representatives(facility_ids: list[int | None]) -> dict[int, dict[int, str]]:
    """Approved representatives of each facility with their addresses."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    rows = Representative.objects.approved().filter(facility__in=facility_ids).order_by("pk")
    for facility_id, user_id, email in rows.values_list("facility_id", "user_id", "user__email"):
        found[facility_id or 0][user_id] = email.strip().lower()
    return found


def _officers(on: dt.date) -> dict[int, dict[int, str]]:
    """Officers of each unit of today with their addresses; an officer follows the unit's successor."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    grants = Grant.objects.active(on).filter(role=Role.OFFICER, territory__isnull=False, user__is_active=True)
    rows = grants.order_by("pk").values_list("territory_id", "user_id", "user__email")
    for territory_id, user_id, email in rows:
        found[current_id(territory_id)][user_id] = email.strip().lower()
    return found


def _letter(
    recognition: Recognition, due_on: dt.date, body: str, *, user_id: int | None = None, address: str = ""
) -> Letter:
    ended = due_on > _last_day(recognition)
    title = (
        _("Giấy chứng nhận đã hết hiệu lực: %(product)s")
        if ended
        else _("Giấy chứng nhận sắp hết hiệu lực: %(product)s")
    )
    return Letter(
        kind=KIND,
        subject_type=Recognition._meta.label_lower,
        subject_id=recognition.uuid,
        recipient=address,
        user_id=user_id,
        due_on=due_on,
        title=(title % {"product": recognition.product.name})[:300],
        body=body,
        territory_id=recognition.territory_id,
    )


def _to_maker(recognition: Recognition, on: dt.date) -> str:
    facts = _facts(recognition)
    ended = _last_day(recognition) < on
    lines = [
        _("Kính gửi %(facility)s,") % facts,
        "",
        _end_sentence(recognition, on) % facts,
        "",
        _("Việc cần làm:"),
        (
            _("1. Không in biểu trưng công nhận trên nhãn, bao bì sản xuất từ nay.")
            if ended
            else _("1. Sau thời hạn trên, không in biểu trưng công nhận trên nhãn, bao bì mới.")
        ),
        _(
            "2. Muốn sản phẩm được công nhận tiếp, hãy đăng ký vào kỳ bình chọn tới. "
            "Sở Công Thương %(province)s báo thời gian nhận hồ sơ và giấy tờ cần có."
        )
        % facts,
        "",
        _("Trang của sản phẩm: %(address)s") % facts,
    ]
    return "\n".join(lines)


def _with_way_out(recognition: Recognition, body: str) -> str:
    """To an address without an account: why it is written to, and whom to tell besides the link in the letter."""
    words = _(
        "Quý cơ sở nhận thư này vì đã đồng ý nhận thư nhắc. Muốn thôi nhận, hãy báo Sở Công Thương %(province)s, "
        "hoặc bấm liên kết ngừng nhận ở cuối thư."
    )
    return body + "\n\n" + words % _facts(recognition)


def _to_officer(recognition: Recognition, on: dt.date, *, reached: bool) -> str:
    facts = _facts(recognition)
    lines = [
        _end_sentence(recognition, on) % facts,
        _("Cơ sở: %(facility)s.") % facts,
        "",
        _("Việc cần làm:"),
        (
            _("1. Hỏi cơ sở có đăng ký kỳ bình chọn tới hay không. Cơ sở cũng đã nhận thư nhắc.")
            if reached
            else _(
                "1. Báo cho cơ sở bằng công văn hoặc điện thoại: sổ chưa có địa chỉ thư điện tử "
                "mà cơ sở đồng ý nhận thư nhắc, nên cơ sở chưa được báo."
            )
        ),
        _("2. Nếu ngày hết hiệu lực khác với giấy chứng nhận, hãy sửa trong sổ công nhận."),
        "",
        _("Trang của sản phẩm: %(address)s") % facts,
    ]
    return "\n".join(lines)


def _end_sentence(recognition: Recognition, on: dt.date) -> str:
    if _last_day(recognition) < on:
        return _(
            "Giấy chứng nhận sản phẩm công nghiệp nông thôn tiêu biểu %(level)s năm %(year)s của “%(product)s” "
            "đã hết hiệu lực sau %(last)s."
        )
    return _(
        "Giấy chứng nhận sản phẩm công nghiệp nông thôn tiêu biểu %(level)s năm %(year)s của “%(product)s” "
        "có hiệu lực đến hết %(last)s."
    )


def _facts(recognition: Recognition) -> dict[str, object]:
    facility = recognition.product.facility
    return {
        "facility": facility.name if facility else _("đang bổ sung theo quyết định"),
        "product": recognition.product.name,
        "level": recognition.get_level_display().lower(),
        "year": recognition.year,
        "last": _last_day_in_words(recognition),
        "province": unit_today(recognition.territory_id).name,
        "address": settings.SITE_URL + reverse("product", args=[recognition.product.slug]),
    }


def _last_day_in_words(recognition: Recognition) -> str:
    """The last valid day as far as it is known: "ngày 31/12/2026" or only "năm 2026"."""
    last = _last_day(recognition)
    if recognition.expiry_precision == DatePrecision.YEAR:
        return _("năm %(year)s") % {"year": last.year}
    return _("ngày %(day)s") % {"day": day(last)}


def _last_day(recognition: Recognition) -> dt.date:
    assert recognition.expires_on is not None, "a recognised row has its last day (recognition_stage_agrees)"
    return recognition.expires_on
