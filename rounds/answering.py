"""Who may answer a complaint: of the council or the office, with no hand in the score and no tie to the maker."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from facilities.models import Representative
from portal.accounts.models import User
from portal.text.errors import Refusal

from . import rules
from .enums import Body
from .models import Complaint, Conflict, ScoreSheet, Seat


def refusal_to_answer(user: User, complaint: Complaint) -> Refusal | None:
    """Why this person may not answer it, or None."""
    round_ = complaint.round
    seats = Seat.objects.filter(round=round_, user=user)
    of_council = seats.filter(body=Body.COUNCIL, until__isnull=True).exists()
    if not of_council and not rules.may_manage(user, round_):
        return Refusal(
            "not_of_the_council",
            _("%(who)s không thuộc hội đồng hay đơn vị tổ chức. Hãy chọn người khác.") % {"who": user},
            field="answerer",
        )
    if _scored(round_.pk, complaint.dossier_id).filter(judge=user).exists():
        return Refusal(
            "scored_it",
            _("%(who)s đã chấm hồ sơ bị kiến nghị. Hãy giao cho người không chấm.") % {"who": user},
            field="answerer",
        )
    if complaint.dossier_id is None and seats.filter(body=Body.JURY).exists():
        return Refusal(
            "in_the_jury",
            _("%(who)s ở trong Ban Giám khảo của kỳ này. Hãy chọn người khác.") % {"who": user},
            field="answerer",
        )
    if _is_party(user, complaint):
        return Refusal(
            "conflict",
            _("%(who)s có xung đột lợi ích với hồ sơ bị kiến nghị. Hãy chọn người khác.") % {"who": user},
            field="answerer",
        )
    return None


def answer_may_be_given_by(complaint: Complaint) -> list[User]:
    """Members of the council who may answer it, by name."""
    round_ = complaint.round
    seated = Seat.objects.filter(round=round_, body=Body.COUNCIL, until__isnull=True).values("user")
    found = User.objects.filter(pk__in=seated, is_active=True)
    found = found.exclude(pk__in=_scored(round_.pk, complaint.dossier_id).values("judge"))
    if complaint.dossier is None:
        return list(found.exclude(pk__in=Seat.objects.filter(round=round_, body=Body.JURY).values("user")))
    standing = Conflict.objects.filter(dossier=complaint.dossier_id, withdrawn_at__isnull=True)
    speakers = Representative.objects.approved().filter(facility=complaint.dossier.product.facility_id)
    return list(
        found.exclude(pk__in=standing.values("user")).exclude(pk__in=speakers.values("user")).order_by("full_name")
    )


def _scored(round_id: int, dossier_id: int | None) -> "QuerySet[ScoreSheet]":
    of = Q(dossier=dossier_id) if dossier_id else Q(dossier__round=round_id)
    return ScoreSheet.objects.filter(of)


def _is_party(user: User, complaint: Complaint) -> bool:
    if complaint.facility_id is not None and rules.represents(user, complaint.facility_id):
        return True
    if complaint.dossier is None:
        return False
    if Conflict.objects.filter(dossier=complaint.dossier_id, user=user, withdrawn_at__isnull=True).exists():
        return True
    return rules.represents(user, complaint.dossier.product.facility_id)
