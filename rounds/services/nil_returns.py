"""A commune's word that it has nothing to file in a round (báo cáo không có)."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.audit.services import record
from portal.territory.models import Commune
from portal.territory.queries import family_ids
from portal.text.errors import Refusal
from portal.text.folding import normalise

from ..enums import DossierState, RoundState
from ..models import CommuneReturn, Dossier, Round
from .guards import moment

# A draft is not yet with the Sở; what was withdrawn no longer is.
NOT_FILED = (DossierState.DRAFT, DossierState.WITHDRAWN)


def speaks_for(user: Any, commune: Commune) -> bool:
    """Whether the person is an officer of the commune today. No query once the person's reach is known."""
    reach = staff_reach(user)
    return Role.COMMUNE_OFFICER in reach.roles and commune.pk in reach.commune_ids


def require_officer(user: Any, commune: Commune) -> None:
    if not speaks_for(user, commune):
        raise Refusal("not_your_commune", _("Chỉ cán bộ của xã được làm việc này."))


@transaction.atomic
def report_nothing(*, round_: Round, commune: Commune, actor: Any, now: dt.datetime, note: str = "") -> CommuneReturn:
    """The commune reports that none of its facilities files in the round (báo cáo không có), before the deadline.

    Raises Refusal `not_your_commune`, `round_elsewhere`, `round_not_receiving`, `dossiers_filed`, `reported_already`.
    """
    require_officer(actor, commune)
    locked = Round.objects.select_for_update().get(pk=round_.pk)
    _refuse_elsewhere(locked, commune)
    _refuse_closed(locked, now, _("không ghi báo cáo được nữa"))
    _refuse_filed(locked, commune)
    if CommuneReturn.objects.filter(round=locked, commune=commune).exists():
        raise Refusal("reported_already", _("Xã đã báo cáo không có cho kỳ này. Hãy tải lại trang."))
    report = CommuneReturn.objects.create(
        round=locked, commune=commune, note=normalise(note), reported_at=now, reported_by=actor
    )
    _note(report, actor, "commune.nothing", _("%(commune)s báo cáo không có hồ sơ cho %(round)s."), reason=report.note)
    return report


@transaction.atomic
def take_back(*, report: CommuneReturn, actor: Any, now: dt.datetime) -> None:
    """The commune takes its report back, before the deadline. Raises Refusal `not_your_commune`, `round_not_receiving`."""
    require_officer(actor, report.commune)
    locked = Round.objects.select_for_update().get(pk=report.round_id)
    _refuse_closed(locked, now, _("không rút báo cáo được nữa"))
    held = CommuneReturn.objects.filter(pk=report.pk).select_related("commune", "round").first()
    if held is not None:
        _note(held, actor, "commune.nothing_taken_back", _("%(commune)s rút báo cáo không có của %(round)s."))
        held.delete()


def end_report(*, dossier: Dossier, actor: Any) -> bool:
    """A dossier of the commune came in after all: its report that there is none ends. The round's row is locked.

    Returns whether there was one. One query, more only when there was.
    """
    facility = dossier.product.facility
    if facility is None or facility.commune_id is None:
        return False
    rows = CommuneReturn.objects.filter(round_id=dossier.round_id, commune_id=facility.commune_id)
    report = rows.select_related("commune", "round").first()
    if report is None:
        return False
    _note(
        report,
        actor,
        "commune.nothing_ended",
        _("Báo cáo không có của %(commune)s cho %(round)s hết giá trị vì đã có hồ sơ %(code)s."),
        code=dossier.entry_code or dossier.product.name,
    )
    report.delete()
    return True


def _refuse_elsewhere(round_: Round, commune: Commune) -> None:
    if round_.territory_id not in family_ids(commune.territory_id):
        raise Refusal("round_elsewhere", _("Kỳ bình chọn này không thuộc tỉnh của xã."))


def _refuse_closed(round_: Round, now: dt.datetime, what: str) -> None:
    if round_.receiving_open(now):
        return
    if round_.receiving_until is not None and now >= round_.receiving_until:
        said = _("Kỳ bình chọn đã hết hạn nhận hồ sơ từ %(moment)s nên %(what)s. Hãy báo Sở Công Thương bằng công văn.")
        raise Refusal("round_not_receiving", said % {"moment": moment(round_.receiving_until), "what": what})
    state = str(RoundState(round_.state).label).lower()
    raise Refusal("round_not_receiving", _("Kỳ bình chọn %(state)s nên %(what)s.") % {"state": state, "what": what})


def _refuse_filed(round_: Round, commune: Commune) -> None:
    filed = Dossier.objects.filter(round=round_, product__facility__commune=commune).exclude(state__in=NOT_FILED)
    if total := filed.count():
        raise Refusal(
            "dossiers_filed",
            _("Cơ sở trong xã đã nộp %(total)s hồ sơ vào kỳ này nên không báo cáo không có được.") % {"total": total},
        )


def _note(report: CommuneReturn, actor: Any, action: str, sentence: str, *, reason: str = "", **words: Any) -> None:
    record(
        actor=actor,
        action=action,
        sentence=sentence % {"commune": report.commune, "round": report.round.title, **words},
        subject=report.round,
        territory=report.round.territory,
        reason=reason,
        data={"commune": report.commune.code},
    )
