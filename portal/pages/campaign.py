"""The campaign of renewal: of each recognition that ends in a month, how its maker is reached, what was sent, what was
answered and which round the product entered. Joins the register, the ledger of letters and the rounds."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.enums import ContactKind
from facilities.models import Contact, Facility, Representative
from portal.notices.enums import FaultKind, NoticeState
from portal.notices.models import AddressFault, Errand, Notice
from products.campaign import ANSWERED, REACHED_BY, UNANSWERED, Month, ending_in, must_renew, with_answers
from products.models import Recognition, RenewalAnswer
from products.reminders import KIND
from products.standing_levels import LevelLine, lines_of
from rounds.enums import DossierState
from rounds.models import Dossier
from rounds.renewing import entered_after, renewal_of

D = DossierState
STRIP_MONTHS = 24
# Letters that reached the maker: mailed, or shown to whoever speaks for it on the portal.
ARRIVED = (NoticeState.SENT, NoticeState.SHOWN)
ONLY = {
    "": gettext_lazy("Tất cả"),
    "chua-tra-loi": gettext_lazy("Chưa trả lời"),
    "khong-lien-he": gettext_lazy("Chưa có cách báo"),
    "da-tra-loi": gettext_lazy("Đã trả lời"),
    "da-vao-ky": gettext_lazy("Đã vào kỳ"),
    "da-het": gettext_lazy("Đã hết, chưa vào kỳ"),
}


def annotated(rows: Any) -> Any:
    """Recognitions with everything the filters and totals ask: `answer`, `anew`, `reachable`, `entered`, `begun`."""
    after = entered_after()
    return with_answers(rows).annotate(entered=Exists(after.exclude(state=D.DRAFT)), begun=Exists(after))


def conditions(on: dt.date) -> dict[str, Q]:
    """What each filter leaves."""
    still = Q(begun=False, anew=False)
    return {
        "": Q(),
        "chua-tra-loi": still & UNANSWERED,
        "khong-lien-he": Q(reachable=False),
        "da-tra-loi": ANSWERED,
        "da-vao-ky": Q(entered=True),
        "da-het": Q(expires_on__lt=on, entered=False, anew=False),
    }


def rows_of(user: Any, *, level: str) -> Any:
    """Recognitions of the person's provinces, then and now, that must be renewed some day."""
    rows = must_renew(Recognition.objects.visible_to(user))
    return rows.filter(level=level) if level else rows


@dataclass(frozen=True)
class Totals:
    """What became of a month's recognitions so far."""

    must: int
    answered: int
    entered: int
    lapsed: int
    by_filter: dict[str, int]


def totals(rows: Any, month: Month, *, on: dt.date) -> Totals:
    """One query."""
    asked = conditions(on)
    names = {f"n{place}": key for place, key in enumerate(asked)}
    found = annotated(ending_in(rows, month)).aggregate(
        **{name: Count("pk", filter=asked[key]) if key else Count("pk") for name, key in names.items()}
    )
    by_filter = {key: found[name] for name, key in names.items()}
    return Totals(
        must=by_filter[""],
        answered=by_filter["da-tra-loi"],
        entered=by_filter["da-vao-ky"],
        lapsed=by_filter["da-het"],
        by_filter=by_filter,
    )


def chosen(rows: Any, month: Month, *, only: str, on: dt.date) -> Any:
    """The month's recognitions that a filter leaves, by last day, then maker and product."""
    found = annotated(ending_in(rows, month)).filter(conditions(on)[only])
    return found.select_related(
        "product__facility__commune", "product__facility__territory", "territory", "validity_rule"
    ).order_by("expires_on", "product__facility__sort_key", "product__sort_key", "pk")


@dataclass(frozen=True)
class Way:
    """One way to reach a maker that it agreed to."""

    kind: str
    value: str
    is_faulty: bool = False

    @property
    def icon(self) -> str:
        return {"account": "user-check", ContactKind.EMAIL: "mail"}.get(self.kind, "phone")

    @property
    def words(self) -> str:
        return _("tài khoản trên cổng") if self.kind == "account" else self.value


@dataclass
class Reminded:
    """What the ledger knows of letters to one maker about one recognition."""

    arrived: int = 0
    waiting: int = 0
    bounced: int = 0
    failed: int = 0
    by_hand: int = 0
    last_on: dt.date | None = None

    @property
    def any(self) -> bool:
        return bool(self.arrived or self.waiting or self.bounced or self.failed or self.by_hand)


@dataclass(frozen=True)
class Row:
    """One recognition that ends."""

    row: Recognition
    line: LevelLine
    ways: tuple[Way, ...] = ()
    call: str = ""
    reminded: Reminded = field(default_factory=Reminded)
    answers: tuple[RenewalAnswer, ...] = ()
    dossier: Dossier | None = None
    opens_dossier: bool = False

    @property
    def facility(self) -> Facility | None:
        return self.row.product.facility

    @property
    def answer(self) -> RenewalAnswer | None:
        return self.answers[0] if self.answers else None

    @property
    def earlier(self) -> tuple[RenewalAnswer, ...]:
        return self.answers[1:]

    @property
    def anew(self) -> bool:
        return bool(getattr(self.row, "anew", False))


def rows_shown(user: Any, found: Sequence[Recognition], *, on: dt.date, expiring_days: int) -> list[Row]:
    """What the page and the file show of each. Eight queries, however many rows."""
    facilities = {row.product.facility_id for row in found if row.product.facility_id}
    ways, calls, people = _ways(facilities)
    reminded = _reminded(found, people)
    answers = _answers(found)
    dossiers = _dossiers(found)
    after = {row.pk: renewal_of(row, dossiers[row.product_id]) for row in found}
    entered = {dossier.pk for dossier in after.values() if dossier}
    visible = set(Dossier.objects.visible_to(user).filter(pk__in=entered).values_list("pk", flat=True))
    return [
        Row(
            row=row,
            line=lines_of([row], on=on, expiring_days=expiring_days)[0],
            ways=tuple(ways[row.product.facility_id or 0]),
            call=calls.get(row.product.facility_id or 0, ""),
            reminded=reminded[row.uuid],
            answers=tuple(answers[row.pk]),
            dossier=(dossier := after[row.pk]),
            opens_dossier=dossier is not None and dossier.pk in visible,
        )
        for row in found
    ]


def _ways(facilities: set[int]) -> tuple[dict[int, list[Way]], dict[int, str], dict[int, set[int]]]:
    """Of each facility: ways it agreed to, a number to call where it agreed to none, who speaks for it. Three queries."""
    contacts = list(Contact.objects.filter(facility__in=facilities, kind__in=REACHED_BY).order_by("kind", "pk"))
    addresses = {row.value.strip().lower() for row in contacts if row.kind == ContactKind.EMAIL}
    faulty = set(
        AddressFault.objects.filter(address__in=addresses, kind=FaultKind.HARD, cleared_at__isnull=True).values_list(
            "address", flat=True
        )
    )
    ways: dict[int, list[Way]] = defaultdict(list)
    calls: dict[int, str] = {}
    for row in contacts:
        if row.may_notify:
            ways[row.facility_id].append(Way(row.kind, row.value, row.value.strip().lower() in faulty))
        elif row.kind != ContactKind.EMAIL:
            calls.setdefault(row.facility_id, row.value)
    people: dict[int, set[int]] = defaultdict(set)
    for facility_id, user_id in (
        Representative.objects.approved().filter(facility__in=facilities).values_list("facility_id", "user_id")
    ):
        if facility_id not in people:
            ways[facility_id].append(Way("account", ""))
        people[facility_id or 0].add(user_id)
    return ways, calls, people


def _reminded(found: Sequence[Recognition], people: dict[int, set[int]]) -> dict[Any, Reminded]:
    """Letters to the maker, not those to officers; what was told by telephone beside them. Two queries."""
    told: dict[Any, Reminded] = defaultdict(Reminded)
    speaks = {row.uuid: people.get(row.product.facility_id or 0, set()) for row in found}
    letters = Notice.objects.filter(
        kind=KIND, subject_type=Recognition._meta.label_lower, subject_id__in=list(speaks)
    ).exclude(state=NoticeState.DROPPED)
    for letter in letters.only("subject_id", "user_id", "state", "sent_at", "due_on", "bounced_at"):
        if letter.user_id is None or letter.user_id in speaks[letter.subject_id]:
            _count(told[letter.subject_id], letter)
    errands = Errand.objects.filter(kind=KIND, subject_id__in=list(speaks), done_at__isnull=False)
    for subject_id in errands.values_list("subject_id", flat=True):
        told[subject_id].by_hand += 1
    return told


def _count(told: Reminded, letter: Notice) -> None:
    if letter.bounced_at is not None:
        told.bounced += 1
    elif letter.state in ARRIVED:
        told.arrived += 1
        told.last_on = max(filter(None, (told.last_on, letter.due_on)))
    elif letter.state == NoticeState.FAILED:
        told.failed += 1
    else:
        told.waiting += 1


def _answers(found: Sequence[Recognition]) -> dict[int, list[RenewalAnswer]]:
    """Every answer, the one that counts first. One query."""
    told: dict[int, list[RenewalAnswer]] = defaultdict(list)
    for answer in RenewalAnswer.objects.filter(recognition__in=found).select_related("answered_by"):
        told[answer.recognition_id].append(answer)
    return told


def _dossiers(found: Sequence[Recognition]) -> dict[int, list[Dossier]]:
    """Dossiers of the products with their rounds. One query."""
    told: dict[int, list[Dossier]] = defaultdict(list)
    rows = Dossier.objects.filter(product__in={row.product_id for row in found}).select_related("round__territory")
    for dossier in rows:
        told[dossier.product_id].append(dossier)
    return told


HEADINGS = (
    gettext_lazy("Sản phẩm"),
    gettext_lazy("Cơ sở"),
    gettext_lazy("Xã, phường"),
    gettext_lazy("Tỉnh khi công nhận"),
    gettext_lazy("Cấp"),
    gettext_lazy("Năm"),
    gettext_lazy("Có hiệu lực đến hết"),
    gettext_lazy("Cách báo cơ sở"),
    gettext_lazy("Thư đã đến"),
    gettext_lazy("Thư bị trả lại"),
    gettext_lazy("Đã báo tận nơi"),
    gettext_lazy("Trả lời"),
    gettext_lazy("Lý do, ghi chú"),
    gettext_lazy("Trả lời ngày"),
    gettext_lazy("Kỳ đã vào"),
    gettext_lazy("Hồ sơ"),
)
WIDTHS = (40, 36, 18, 18, 12, 8, 16, 34, 10, 12, 12, 20, 36, 14, 44, 16)


def cells(rows: Sequence[Row]) -> Iterator[list[Any]]:
    """The rows as the file keeps them."""
    for one in rows:
        answer, dossier, facility = one.answer, one.dossier, one.facility
        yield [
            one.row.product.name,
            facility.name if facility else None,
            str(facility.commune) if facility and facility.commune else None,
            str(one.row.territory),
            str(one.row.get_level_display()),
            one.row.year,
            one.row.expires_on,
            "; ".join(way.words for way in one.ways) or _("gọi điện"),
            one.reminded.arrived,
            one.reminded.bounced,
            one.reminded.by_hand,
            str(answer.get_choice_display()) if answer else _("chưa trả lời"),
            answer.reason if answer else None,
            timezone.localdate(answer.answered_at) if answer else None,
            dossier.round.title if dossier else None,
            str(dossier.get_state_display()) if dossier else None,
        ]
