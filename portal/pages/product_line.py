"""The line of a product's life beside its recognitions: nominated, entered; and what befell each, for the drawing.

Public facts only: an entry is told once it has led to a published recognition, or while the round's own public
list names it. Who was not nominated and what did not pass is nobody's business here, and no score ever is.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from products.enums import EventKind, Level
from products.models import Product, Recognition
from products.ready import Ready
from products.trace import TraceLine, traces_of
from rounds.enums import DossierState, ListState, RoundState, VerdictChoice
from rounds.models import Dossier, Nomination

TAKEN = (ListState.RECEIVED, ListState.CLOSED)
# Told with the recognition itself.
SAID = frozenset({EventKind.RECOGNISED})


@dataclass(frozen=True)
class Step:
    """One thing that happened on a day (or in a year of which no more is known)."""

    year: int
    on: dt.date | None
    what: str
    more: str


@dataclass(frozen=True)
class LifeLine:
    """Everything that is told besides recognitions and support, and how recognitions hang together."""

    steps: tuple[Step, ...] = ()
    rests_on: dict[int, int] = field(default_factory=dict)
    traces: dict[int, list[TraceLine]] = field(default_factory=dict)

    def pauses(self, row: Recognition, *, on: dt.date) -> tuple[tuple[dt.date, dt.date], ...]:
        """Days on which the recognition was suspended; one without an end lasts until the day it was resumed, or today."""
        resumed = [line.on for line in self.traces.get(row.pk, ()) if line.kind == EventKind.RESUMED and line.on]
        return tuple(
            (line.on, _pause_end(line, resumed, on))
            for line in self.traces.get(row.pk, ())
            if line.kind == EventKind.SUSPENDED and line.on
        )

    def marks(self, row: Recognition) -> tuple[dt.date, ...]:
        return tuple(line.on for line in self.traces.get(row.pk, ()) if line.on and _is_told(line, row))


def _pause_end(line: TraceLine, resumed: list[dt.date], on: dt.date) -> dt.date:
    assert line.on is not None
    began = line.on
    ends = [back - dt.timedelta(days=1) for back in resumed if back > began]
    return min([*ends, *([line.until] if line.until else [])], default=max(on, began))


def line_of(product: Product, rows: Iterable[Recognition]) -> LifeLine:
    """The line of a public product. Three queries."""
    held = list(rows)
    traces = traces_of(held)
    entries = _entries(product, held)
    steps = tuple(step for entry in entries for step in _steps_of(entry))
    return LifeLine(steps, _rests_on(entries), traces)


def _entries(product: Product, rows: list[Recognition]) -> list[Dossier]:
    """Dossiers that led to one of these recognitions, and one that a public provisional list names. One query."""
    return _ENTRIES(product.pk, [row.pk for row in rows])


def _entered_or_listed(product: int, rows: list[int]) -> QuerySet[Dossier]:
    provisional = Q(
        round__state__in=[RoundState.PROVISIONAL, RoundState.SUBMITTED],
        round__publish_provisional=True,
        state=DossierState.ELIGIBLE,
        verdict__choice=VerdictChoice.RECOGNISE,
    )
    found = Dossier.objects.filter(Q(recognition__in=rows) | provisional, product=product)
    return found.select_related(
        "round__territory", "nomination__nomination_list__territory", "nomination__nomination_list__commune"
    ).order_by("pk")


_ENTRIES = Ready(_entered_or_listed)


def _nomination(entry: Dossier) -> Nomination | None:
    return getattr(entry, "nomination", None)


def _rests_on(entries: list[Any]) -> dict[int, int]:
    """Recognition → the one of the level below that it was nominated with."""
    found = {}
    for entry in entries:
        nominated = _nomination(entry)
        if entry.recognition_id and nominated is not None and nominated.recognition_id:
            found[entry.recognition_id] = nominated.recognition_id
    return found


def _steps_of(entry: Dossier) -> list[Step]:
    nominated = _nomination(entry)
    found = [_entered(entry)] if entry.recognition_id else [_on_the_list(entry)]
    if nominated is not None and nominated.nomination_list.state in TAKEN and nominated.nomination_list.sent_at:
        found.append(_nominated(entry, nominated))
    return found


def _entered(entry: Dossier) -> Step:
    on = entry.received_on or (timezone.localdate(entry.submitted_at) if entry.submitted_at else None)
    what = _("Đăng ký lại") if entry.renews_id else _("Tham gia bình chọn")
    return Step(on.year if on else entry.round.year, on, what, entry.round.title)


def _on_the_list(entry: Dossier) -> Step:
    return Step(entry.round.year, None, _("Có tên trong danh sách dự kiến công nhận"), entry.round.title)


def _nominated(entry: Dossier, nominated: Nomination) -> Step:
    sheet = nominated.nomination_list
    on = timezone.localdate(sheet.sent_at) if sheet.sent_at else None
    unit = sheet.commune or sheet.territory.name
    letter = _("công văn số %(number)s") % {"number": sheet.letter_number} if sheet.letter_number else ""
    level = str(Level(entry.round.level).label).lower()
    return Step(
        on.year if on else sheet.year,
        on,
        _("Được đề cử lên %(level)s") % {"level": level},
        ", ".join(part for part in (_("%(unit)s đề cử") % {"unit": unit}, letter) if part),
    )


def _is_told(line: TraceLine, row: Recognition) -> bool:
    """Without what the recognition's own entry says: that it was recognised, and its first certificate on that day."""
    first = line.kind == EventKind.ISSUED and (line.on is None or line.on == row.issued_on)
    return line.kind not in SAID and not first
