"""Telling everyone who took part how a round ended, when its result is announced."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities.enums import ContactKind
from facilities.models import Contact, Representative
from portal.notices.services import Letter, plan_many, post_soon
from portal.text.formats import day

from ..enums import DossierState
from ..models import Dossier, Round
from ..notices import RESULT
from .receiving import today_of


def tell_results(*, round_: Round, now: dt.datetime) -> int:
    """Plan one letter per scored dossier for its facility's people and agreed addresses. A fixed number of queries."""
    letters = list(_letters(round_, today_of(now)))
    planned = plan_many(letters, on=today_of(now))
    if planned:
        post_soon()
    return planned


def _letters(round_: Round, on: dt.date) -> Iterator[Letter]:
    rows = Dossier.objects.filter(round=round_, state=DossierState.ELIGIBLE).select_related("product", "recognition")
    dossiers = list(rows.order_by("pk"))
    facilities = {row.product.facility_id for row in dossiers if row.product.facility_id}
    people, addresses = _people(facilities), _addresses(facilities)
    for dossier in dossiers:
        facility = dossier.product.facility_id or 0
        words = _words(dossier, round_)
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


def _words(dossier: Dossier, round_: Round) -> tuple[str, str]:
    recognition = dossier.recognition
    facts = {
        "product": dossier.product.name,
        "round": round_.title,
        "address": settings.SITE_URL + reverse("round", args=[round_.slug]),
        "last": day(recognition.expires_on) if recognition and recognition.expires_on else "",
    }
    if recognition is None:
        said = _("Hồ sơ “%(product)s” không có trong danh sách được công nhận của %(round)s.")
        title = _("Kết quả bình chọn: “%(product)s” chưa được công nhận")
    else:
        said = _("“%(product)s” được công nhận trong %(round)s. Giấy chứng nhận có hiệu lực đến hết ngày %(last)s.")
        title = _("Kết quả bình chọn: “%(product)s” được công nhận")
    more = _("Kết quả đầy đủ và thời hạn kiến nghị: %(address)s")
    return title % facts, f"{said % facts}\n\n{more % facts}"
