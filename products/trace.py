"""The public trace of a recognition: what befell it, when, on what paper and why, in the order of time.

Recognition and certificates tell their own beginnings, so that a corrected day is told right; everything
that happened afterwards is told by the events that each act wrote.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.text.formats import day

from .enums import EventKind
from .models import Certificate, Decision, Recognition, RecognitionEvent
from .ready import Ready


@dataclass(frozen=True)
class TraceLine:
    """One line: since when (only the year where no more is known), what in one sentence, and why."""

    kind: str
    on: dt.date | None
    year: int
    words: str
    reason: str = ""
    basis: str = ""
    until: dt.date | None = None
    decision: Decision | None = None
    certificate_code: str = ""

    @property
    def label(self) -> str:
        return str(EventKind(self.kind).label)


def trace_of(recognition: Recognition) -> list[TraceLine]:
    """The trace of one recognition. Two queries."""
    return traces_of([recognition])[recognition.pk]


def traces_of(recognitions: Iterable[Recognition]) -> dict[int, list[TraceLine]]:
    """The traces of many recognitions, by key. Two queries; select their decisions with them."""
    rows = {row.pk: row for row in recognitions}
    events: dict[int, list[RecognitionEvent]] = {pk: [] for pk in rows}
    papers: dict[int, list[Certificate]] = {pk: [] for pk in rows}
    for event in _EVENTS(list(rows)):
        events[event.recognition_id].append(event)
    for paper in _PAPERS(list(rows)):
        papers[paper.recognition_id].append(paper)
    return {pk: _lines(row, papers[pk], events[pk]) for pk, row in rows.items()}


_EVENTS = Ready(
    lambda rows: (
        RecognitionEvent.objects.filter(recognition__in=rows)
        .select_related("decision", "certificate")
        .order_by("on", "pk")
    )
)
_PAPERS = Ready(
    lambda rows: Certificate.objects.filter(recognition__in=rows).select_related("supersedes").order_by("edition", "pk")
)


def _lines(row: Recognition, papers: list[Certificate], events: list[RecognitionEvent]) -> list[TraceLine]:
    told = {event.certificate_id for event in events if event.certificate_id}
    lines = [] if any(event.kind == EventKind.RECOGNISED for event in events) else [_recognised(row)]
    lines += [_issued(row, paper) for paper in papers if paper.pk not in told]
    lines += [_happened(event) for event in events]
    # What is known to the day goes by it; what is not, to the beginning of its year. Equal days keep their order.
    return sorted(lines, key=lambda line: line.on or dt.date(line.year, 1, 1))


def _recognised(row: Recognition) -> TraceLine:
    on = (row.decision.signed_on if row.decision else None) or row.issued_on
    words = _("Công nhận %(level)s") % {"level": row.get_level_display().lower()}
    if row.decision:
        words = _("%(act)s theo Quyết định số %(number)s") % {"act": words, "number": row.decision.full_number}
    return TraceLine(EventKind.RECOGNISED, on, row.year, _sentence(words), decision=row.decision)


def _issued(row: Recognition, paper: Certificate) -> TraceLine:
    on = paper.issued_on or row.issued_on
    number = paper.official_number
    if paper.edition == 1 and paper.supersedes is None:
        words = _("Cấp giấy chứng nhận số %(number)s.") % {"number": number} if number else _("Cấp giấy chứng nhận.")
        return TraceLine(EventKind.ISSUED, on, row.year, words, certificate_code=paper.code)
    reason = paper.supersedes.superseded_reason if paper.supersedes else ""
    words = (
        _("Cấp lại giấy chứng nhận, số mới %(number)s.") % {"number": number}
        if number
        else _("Cấp lại giấy chứng nhận.")
    )
    return TraceLine(
        EventKind.REISSUED, on, on.year if on else row.year, words, reason=reason, certificate_code=paper.code
    )


def _happened(event: RecognitionEvent) -> TraceLine:
    words = _WORDS[EventKind(event.kind)](event)
    if event.decision:
        words = _("%(act)s theo Quyết định số %(number)s") % {"act": words, "number": event.decision.full_number}
    return TraceLine(
        kind=event.kind,
        on=event.on,
        year=event.on.year,
        words=_sentence(words),
        reason=event.reason,
        basis=event.basis,
        until=event.until,
        decision=event.decision,
        certificate_code=event.certificate.code if event.certificate else "",
    )


def _numbered(event: RecognitionEvent, plain: str, numbered: str) -> str:
    number = event.certificate.official_number if event.certificate else ""
    return numbered % {"number": number} if number else plain


def _validity(event: RecognitionEvent) -> str:
    if event.before == event.after and event.after:
        return _("Xác nhận hiệu lực đến hết %(after)s theo giấy chứng nhận") % {"after": day(event.after)}
    return _("Sửa hiệu lực: trước là đến hết %(before)s, nay là đến hết %(after)s") % {
        "before": day(event.before) if event.before else "–",
        "after": day(event.after) if event.after else "–",
    }


def _suspended(event: RecognitionEvent) -> str:
    days = {"first": day(event.on), "last": day(event.until) if event.until else ""}
    if event.before:
        after = _("đến hết %(last)s") % days if event.until else _("đến khi có thông báo mới")
        words = {"after": after, "before": day(event.before)}
        return _("Kéo dài tạm dừng %(after)s, trước là đến hết %(before)s") % words
    if event.until:
        return _("Tạm dừng từ %(first)s đến hết %(last)s") % days
    return _("Tạm dừng từ %(first)s, đến khi có thông báo mới") % days


_WORDS: dict[EventKind, Callable[[RecognitionEvent], str]] = {
    EventKind.RECOGNISED: lambda _event: _("Công nhận"),
    EventKind.ISSUED: lambda event: _numbered(event, _("Cấp giấy chứng nhận"), _("Cấp giấy chứng nhận số %(number)s")),
    EventKind.REISSUED: lambda event: _numbered(
        event, _("Cấp lại giấy chứng nhận"), _("Cấp lại giấy chứng nhận, số mới %(number)s")
    ),
    EventKind.VALIDITY_CHANGED: _validity,
    EventKind.SUSPENDED: _suspended,
    EventKind.RESUMED: lambda event: _("Khôi phục từ %(day)s") % {"day": day(event.on)},
    EventKind.WITHDRAWN: lambda event: _("Cơ sở xin rút từ %(day)s") % {"day": day(event.on)},
    EventKind.REVOKED: lambda event: _("Thu hồi từ %(day)s") % {"day": day(event.on)},
    EventKind.WITHHELD: lambda event: _("Thôi hiện công khai từ %(day)s") % {"day": day(event.on)},
}


def _sentence(words: str) -> str:
    return words if words.endswith(".") else f"{words}."
