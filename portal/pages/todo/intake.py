"""What taking dossiers in asks for: drafts to finish, supplements past their day, results promised elsewhere."""

import datetime as dt
from typing import Any

from django.db.models import Count, DateTimeField, Min, Q, Value
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rounds.enums import DossierState, Origin, RoundState
from rounds.intake_board import with_completeness
from rounds.models import Dossier

from .tasks import HORIZON, Task, count_dossiers, dossiers_page, local_day

# Drafts that the staff finish; those filed on the portal or by a commune wait for whoever began them.
OF_STAFF = (Origin.PAPER, Origin.PUBLIC_SERVICE)
# Without a conclusion yet.
OPEN = (DossierState.DRAFT, DossierState.SUBMITTED, DossierState.NEEDS_SUPPLEMENT)


def numbers(now: dt.datetime) -> dict[str, Any]:
    """What the tasks below read from each round, as annotations of the one query of rounds."""
    late = {"state": DossierState.NEEDS_SUPPLEMENT, "supplement_until__lt": now}
    promised = {"state__in": OPEN, "public_service_due_on__lte": localdate(now) + HORIZON}
    return {
        "seen_at": Value(now, DateTimeField()),
        "drafts": count_dossiers(state=DossierState.DRAFT, origin__in=OF_STAFF),
        "late": count_dossiers(**late),
        "late_since": Min("dossiers__supplement_until", filter=_of(late)),
        "promised": count_dossiers(**promised),
        "promised_first": Min("dossiers__public_service_due_on", filter=_of(promised)),
    }


def _of(facts: dict[str, Any]) -> Q:
    return Q(**{f"dossiers__{name}": value for name, value in facts.items()})


def count_lacking(rounds: list[Any], on: dt.date) -> None:
    """Notes on each round how many dossiers handed in there lack papers that nobody was asked for. One query."""
    fresh = Dossier.objects.filter(round__in=rounds, state=DossierState.SUBMITTED)
    lacking = with_completeness(fresh, on=on).filter(papers_complete=False)
    rows = Dossier.objects.filter(pk__in=lacking.values("pk")).order_by().values_list("round").annotate(n=Count("pk"))
    found = dict(rows)
    for round_ in rounds:
        round_.unasked = found.get(round_.pk, 0)


def ask_for_papers(round_: Any, on: dt.date) -> Task | None:
    if not round_.unasked:
        return None
    n = round_.unasked
    what = ngettext(
        "Yêu cầu bổ sung cho %(n)d hồ sơ thiếu giấy tờ", "Yêu cầu bổ sung cho %(n)d hồ sơ thiếu giấy tờ", n
    ) % {"n": n}
    url = dossiers_page(round_, state__exact=DossierState.SUBMITTED, papers="lacking")
    due = local_day(round_.receiving_until) if round_.state == RoundState.RECEIVING else None
    return Task(what, round_.title, "file-x", _("Xem danh sách"), url, due)


def finish_drafts(round_: Any, on: dt.date) -> Task | None:
    if not round_.drafts:
        return None
    n = round_.drafts
    what = ngettext("Hoàn thành %(n)d hồ sơ đang lập", "Hoàn thành %(n)d hồ sơ đang lập", n) % {"n": n}
    url = dossiers_page(round_, state__exact=DossierState.DRAFT, origin__in=",".join(OF_STAFF))
    return Task(what, round_.title, "file-pen-line", _("Xem danh sách"), url, local_day(round_.receiving_until))


def settle_late(round_: Any, on: dt.date) -> Task | None:
    """Papers that did not come: conclude, or a leader lets the supplement in after its day."""
    if not round_.late:
        return None
    n = round_.late
    what = ngettext("Xử lý %(n)d hồ sơ quá hạn bổ sung", "Xử lý %(n)d hồ sơ quá hạn bổ sung", n) % {"n": n}
    until = round_.seen_at.isoformat()
    url = dossiers_page(round_, state__exact=DossierState.NEEDS_SUPPLEMENT, supplement_until__lt=until)
    return Task(what, round_.title, "file-clock", _("Xem danh sách"), url, local_day(round_.late_since))


def return_results(round_: Any, on: dt.date) -> Task | None:
    """Days that the public-service portal promised, of dossiers without a conclusion."""
    if not round_.promised:
        return None
    n = round_.promised
    what = ngettext("Trả kết quả %(n)d hồ sơ dịch vụ công", "Trả kết quả %(n)d hồ sơ dịch vụ công", n) % {"n": n}
    url = dossiers_page(round_, state__in=",".join(OPEN), public_service_due_on__lte=(on + HORIZON).isoformat())
    return Task(what, round_.title, "calendar-clock", _("Xem danh sách"), url, round_.promised_first)
