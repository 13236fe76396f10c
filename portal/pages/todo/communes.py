"""What is between a department and its communes: who has not answered yet, and what a commune owes itself."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.enums import Role
from portal.accounts.queries import Reach, communes_of
from portal.territory.models import Commune
from portal.territory.queries import family_ids
from products.enums import Level
from rounds import commune_queries
from rounds.enums import DossierState, RoundState
from rounds.models import CommuneReturn, Dossier

from .rounds import hats_in
from .tasks import HORIZON, Task, local_day, page

ASKERS = frozenset({Role.OFFICER, Role.LEADER})


def commune_tasks(reach: Reach, rounds: list[Any], on: dt.date) -> Iterator[Task]:
    """Communes that neither filed nor reported "none", near the end of receiving. Three queries."""
    near = [
        round_
        for round_ in rounds
        if round_.state == RoundState.RECEIVING
        and round_.level == Level.PROVINCE
        and (last := local_day(round_.receiving_until))
        and last <= on + HORIZON
        and hats_in(reach, round_) & ASKERS
    ]
    if not near:
        return
    answered = _answered(near)
    communes = _communes()
    for round_ in near:
        silent = sum(communes[unit] for unit in family_ids(round_.territory_id)) - len(answered[round_.pk])
        if silent > 0:
            what = ngettext(
                "Nhắc %(n)d xã chưa nộp hồ sơ, chưa báo cáo", "Nhắc %(n)d xã chưa nộp hồ sơ, chưa báo cáo", silent
            ) % {"n": silent}
            url = page("rounds_round_intake", {"xem": "silent"}, args=[round_.pk])
            yield Task(what, round_.title, "map", _("Xem theo xã"), url, local_day(round_.receiving_until))


def _communes() -> dict[int, int]:
    rows = Commune.objects.filter(valid_to__isnull=True).order_by().values_list("territory").annotate(n=Count("pk"))
    return defaultdict(int, rows)


def _answered(rounds: list[Any]) -> dict[int, set[int]]:
    """Communes by round that entered something, reported, or are at a draft, as the board of intake says."""
    found: dict[int, set[int]] = defaultdict(set)
    reports = CommuneReturn.objects.filter(round__in=rounds).values_list("round", "commune")
    filed = Dossier.objects.filter(round__in=rounds, product__facility__commune__isnull=False)
    pairs = (
        filed.exclude(state=DossierState.WITHDRAWN)
        .order_by()
        .values_list("round", "product__facility__commune")
        .distinct()
    )
    for round_id, commune_id in [*reports, *pairs]:
        found[round_id].add(commune_id)
    return found


def own_commune_tasks(user: Any, reach: Reach, now: dt.datetime) -> Iterator[Task]:
    """What the person's own communes owe. Seven queries for a commune, none for who is no commune's officer."""
    if Role.COMMUNE_OFFICER not in reach.roles:
        return
    on = timezone.localdate(now)
    for commune in communes_of(user, on=on):
        owed = sorted(commune_queries.owed_by(user, commune, on=on), key=lambda row: row.what)
        for what, rows in groupby(owed, key=lambda row: row.what):
            yield _owed(commune, what, list(rows))
        for row in commune_queries.rounds_of(commune, now=now, on=on):
            if row.must_answer and (row.last_day is None or row.last_day <= on + HORIZON):
                said = _("Nộp hồ sơ hoặc báo cáo không có")
                why = f"{commune}: {row.round.title}"
                yield Task(said, why, "folder-open", _("Mở việc của xã"), _home(commune), row.last_day)


def _owed(commune: Commune, what: str, rows: Iterable[Any]) -> Task:
    rows = list(rows)
    said = _SENTENCES[what](len(rows)) % {"n": len(rows)}
    due = min((row.due for row in rows if row.due), default=None)
    return Task(said, str(commune), "file-pen-line", _("Mở việc của xã"), _home(commune), due)


_SENTENCES = {
    "asked": lambda n: ngettext("Bổ sung giấy tờ cho %(n)d hồ sơ", "Bổ sung giấy tờ cho %(n)d hồ sơ", n),
    "authorisation": lambda n: ngettext("Gửi giấy ủy quyền của %(n)d hồ sơ", "Gửi giấy ủy quyền của %(n)d hồ sơ", n),
    "public_service": lambda n: ngettext(
        "Theo dõi hạn trả của %(n)d hồ sơ dịch vụ công", "Theo dõi hạn trả của %(n)d hồ sơ dịch vụ công", n
    ),
}


def _home(commune: Commune) -> str:
    return reverse("commune", args=[commune.pk])
