"""Telling everyone who entered how a round ended for them, when its result is announced."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities.enums import ContactKind
from facilities.models import Contact, Representative
from portal.notices.services import Letter, plan_many, post_soon
from portal.text.formats import day

from ..enums import DossierState
from ..models import Dossier, Round
from ..notices import RESULT
from .holding import held
from .receiving import today_of

# Everyone who entered and did not step back: the scored ones, those found not eligible, the parts of a set.
TOLD = (DossierState.ELIGIBLE, DossierState.NOT_ELIGIBLE, DossierState.GATHERED)


def tell_results(*, round_: Round, now: dt.datetime) -> int:
    """Plan one letter per entry for its facility's people and agreed addresses. A fixed number of queries."""
    return _tell(round_, Q(round=round_, state__in=TOLD), now)


def tell_result(*, dossier: Dossier, now: dt.datetime) -> int:
    """The same for one dossier, whose result was corrected after the announcement."""
    return _tell(dossier.round, Q(pk=dossier.pk), now)


def _tell(round_: Round, which: Q, now: dt.datetime) -> int:
    planned = plan_many(list(_letters(round_, which, today_of(now))), on=today_of(now))
    if planned:
        post_soon()
    return planned


def _letters(round_: Round, which: Q, on: dt.date) -> Iterator[Letter]:
    rows = Dossier.objects.filter(which).select_related(
        "product", "recognition", "gathered_into__product", "gathered_into__recognition"
    )
    dossiers = list(rows.order_by("pk"))
    waiting = held(round_)
    facilities = {row.product.facility_id for row in dossiers if row.product.facility_id}
    people, addresses = _people(facilities), _addresses(facilities)
    for dossier in dossiers:
        facility = dossier.product.facility_id or 0
        words = _words(dossier, round_, waiting)
        for user_id in people[facility]:
            yield _letter(dossier, round_, on, words, user_id=user_id)
        for address in addresses[facility]:
            if address not in people[facility].values():
                yield _letter(dossier, round_, on, words, address=address)


def _people(facilities: set[int]) -> dict[int, dict[int, str]]:
    found: dict[int, dict[int, str]] = defaultdict(dict)
    rows = Representative.objects.approved().filter(facility__in=facilities).order_by("pk")
    for facility_id, user_id, email in rows.values_list("facility_id", "user_id", "user__email"):
        found[facility_id or 0][user_id] = email.strip().lower()
    return found


def _addresses(facilities: set[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = Contact.objects.filter(facility__in=facilities, kind=ContactKind.EMAIL, may_notify=True).order_by("pk")
    for facility_id, value in rows.values_list("facility_id", "value"):
        if (address := value.strip().lower()) not in found[facility_id]:
            found[facility_id].append(address)
    return found


def _letter(
    dossier: Dossier,
    round_: Round,
    on: dt.date,
    words: tuple[str, str],
    *,
    user_id: int | None = None,
    address: str = "",
) -> Letter:
    title, body = words
    return Letter(
        kind=RESULT.code,
        subject_type=Dossier._meta.label_lower,
        subject_id=dossier.uuid,
        recipient=address,
        user_id=user_id,
        due_on=on,
        title=title[:300],
        body=body,
        territory_id=round_.territory_id,
    )


def _words(dossier: Dossier, round_: Round, waiting: Collection[int]) -> tuple[str, str]:
    """The title and the body for one entry. What became of a part is what became of its set."""
    whole = dossier.gathered_into or dossier
    recognition = whole.recognition
    facts = {
        "product": dossier.product.name,
        "set": whole.product.name,
        "round": round_.title,
        "address": settings.SITE_URL + reverse("round", args=[round_.slug]),
        "last": day(recognition.expires_on) if recognition and recognition.expires_on else "",
        "reason": dossier.state_reason,
    }
    title, said = _outcome(dossier, whole, waiting)
    if whole is not dossier:
        said = _("“%(product)s” được xét trong bộ “%(set)s”.") + " " + said
    more = _("Kết quả đầy đủ và thời hạn kiến nghị: %(address)s")
    return title % facts, f"{said % facts}\n\n{more % facts}"


def _outcome(dossier: Dossier, whole: Dossier, waiting: Collection[int]) -> tuple[str, str]:
    if dossier.state == DossierState.NOT_ELIGIBLE:
        return (
            _("Kết quả bình chọn: hồ sơ “%(product)s” không đủ điều kiện"),
            _("Hồ sơ “%(product)s” không đủ điều kiện tham gia %(round)s. Lý do: %(reason)s"),
        )
    if whole.pk in waiting:
        return (
            _("Kết quả bình chọn: “%(product)s” đang chờ trả lời kiến nghị"),
            _("Kết quả của “%(set)s” trong %(round)s chưa công bố vì đang có kiến nghị được xem xét."),
        )
    if whole.recognition is None:
        return (
            _("Kết quả bình chọn: “%(product)s” chưa được công nhận"),
            _("“%(set)s” không có trong danh sách được công nhận của %(round)s."),
        )
    return (
        _("Kết quả bình chọn: “%(product)s” được công nhận"),
        _("“%(set)s” được công nhận trong %(round)s. Giấy chứng nhận có hiệu lực đến hết ngày %(last)s."),
    )
