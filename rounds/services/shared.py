"""Small steps that several services of a round take."""

from typing import Any

from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.text.errors import Refusal
from portal.text.folding import normalise

from ..enums import DossierState
from ..models import Conflict, Dossier, Round
from ..rules import Rule
from ..states import DOSSIER_TRANSITIONS


def lock_dossier(dossier: Dossier, *, actor: Any, rule: Rule) -> Dossier:
    """Lock the round's row, then the dossier's, always in this order; check the person.

    Whoever declared a conflict of interest has no hand in the dossier.
    """
    round_ = Round.objects.select_for_update().get(pk=dossier.round_id)
    locked = Dossier.objects.select_for_update().get(pk=dossier.pk)
    locked.round = round_
    rule.require(actor, round_)
    if actor is not None and Conflict.objects.filter(dossier=locked, user=actor, withdrawn_at__isnull=True).exists():
        raise Refusal(
            "conflict",
            _("Bạn đã khai xung đột lợi ích với cơ sở này nên không xử lý hồ sơ %(code)s.")
            % {"code": locked.entry_code or locked.product},
        )
    return locked


def require_reason(reason: str, *, field: str = "reason") -> str:
    tidy = normalise(reason)
    if not tidy:
        raise Refusal("reason_missing", _("Việc này cần lý do. Hãy ghi lý do."), field=field)
    return tidy


def refuse_dossier_out_of_order(dossier: Dossier, to: DossierState) -> None:
    if to in DOSSIER_TRANSITIONS[DossierState(dossier.state)]:
        return
    raise Refusal(
        "dossier_out_of_order",
        _("Hồ sơ đang ở trạng thái “%(now)s” nên không chuyển sang “%(to)s” được.")
        % {"now": dossier.get_state_display(), "to": to.label},
    )


def refuse_round_state(round_: Round, allowed: tuple[str, ...], sentence: Any) -> None:
    if round_.state not in allowed:
        raise Refusal("round_state", sentence % {"state": str(round_.get_state_display()).lower()})


def note(
    dossier: Dossier,
    *,
    actor: Any,
    action: str,
    sentence: str,
    reason: str = "",
    data: dict[str, Any] | None = None,
    **words: Any,
) -> None:
    """One audit row about a dossier; one without a number yet is named by its product."""
    name = dossier.product.name
    said = {"code": dossier.entry_code or f"“{name}”", "product": name, **words}
    record(
        actor=actor,
        action=action,
        sentence=sentence % said,
        subject=dossier,
        territory=dossier.round.territory,
        reason=reason,
        data=data,
    )
