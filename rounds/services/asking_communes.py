"""One click for a whole commune: a request for every paper that it owes, beside what others were asked already."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.text.errors import Refusal

from .. import queries, rules
from ..completeness import missing_by_addressee
from ..enums import Addressee, DossierState
from ..models import Dossier, Round
from .receiving import today_of
from .requests import request_supplement

WAITING = (DossierState.SUBMITTED, DossierState.NEEDS_SUPPLEMENT)


@transaction.atomic
def ask_commune(
    *, round_: Round, dossiers: Iterable[Dossier], until: dt.datetime, actor: Any, now: dt.datetime
) -> list[Dossier]:
    """Ask for what the commune owes in these dossiers; one already being supplemented keeps its other requests.

    An open request of the dossier keeps its own deadline. Raises Refusal `nothing_owed`, and what each request may.
    """
    rules.may_check.require(actor, round_)
    asked = []
    for dossier in dossiers:
        if dossier.state not in WAITING:
            continue
        owed = missing_by_addressee(queries.checklist(dossier, on=today_of(now))).get(Addressee.COMMUNE, ())
        known = {Addressee(one.addressee): one for one in dossier.requests.all() if one.closed_at is None}
        if not owed or Addressee.COMMUNE in known:
            continue
        words = {addressee: one.words for addressee, one in known.items()} | {Addressee.COMMUNE: "\n".join(owed)}
        limit = dossier.supplement_until if known and dossier.supplement_until else until
        asked.append(request_supplement(dossier=dossier, until=limit, words=words, actor=actor, now=now))
    if not asked:
        raise Refusal("nothing_owed", _("Xã này không còn nợ giấy tờ nào chưa được yêu cầu."))
    return asked
