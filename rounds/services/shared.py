"""Small steps that several services of a round take."""

from typing import Any

from django.utils.translation import gettext as _

from portal.audit.models import AuditEntry
from portal.audit.services import record
from portal.text.errors import Refusal
from portal.text.folding import normalise

from ..enums import DossierState
from ..models import Conflict, Dossier, Round
from ..rules import DossierRule, Rule, represents
from ..states import DOSSIER_TRANSITIONS
from .guards import moment

# Who saved meanwhile is named by the acts since; nobody reads more of them than this.
ACTS_NAMED = 20


def lock_dossier(dossier: Dossier, *, actor: Any, rule: Rule | DossierRule, revision: int | None = None) -> Dossier:
    """Lock the round's row, then the dossier's, always in this order; check the person and the version tag.

    Whoever declared a conflict of interest has no hand in the dossier. With `revision`, the one the person had
    on the page, a dossier that someone else has written to since is refused ("moved_on").
    """
    round_ = Round.objects.select_for_update().get(pk=dossier.round_id)
    locked = Dossier.objects.select_for_update().get(pk=dossier.pk)
    locked.round = round_
    if isinstance(rule, DossierRule):
        rule.require(actor, locked)
    else:
        rule.require(actor, round_)
    if actor is not None:
        refuse_party(locked, actor, is_office=isinstance(rule, Rule))
    if revision is not None and revision != locked.revision:
        raise moved_on(locked, since=revision)
    return locked


def refuse_party(locked: Dossier, actor: Any, *, is_office: bool) -> None:
    """Whoever speaks for the facility fills its dossier, and never judges it from the other side of the desk."""
    code = {"code": locked.entry_code or locked.product}
    if Conflict.objects.filter(dossier=locked, user=actor, withdrawn_at__isnull=True).exists():
        raise Refusal("conflict", _("Bạn có xung đột lợi ích với cơ sở này nên không xử lý hồ sơ %(code)s.") % code)
    if is_office and represents(actor, locked.product.facility_id):
        raise Refusal(
            "conflict", _("Bạn là người đại diện của cơ sở này nên người khác của đơn vị xử lý hồ sơ %(code)s.") % code
        )


def save(dossier: Dossier) -> None:
    """Write a locked dossier; its version tag grows with every write."""
    dossier.revision += 1
    dossier.save()


def touch(dossier: Dossier) -> None:
    """Something that belongs to a locked dossier was written (a paper, an answer): the version tag grows."""
    dossier.revision += 1
    dossier.save(update_fields=["revision", "updated_at"])


def moved_on(dossier: Dossier, *, since: int) -> Refusal:
    """The refusal to whoever saves a page that is no longer what stands: who wrote what since, newest first."""
    about = AuditEntry.objects.filter(subject_type=Dossier._meta.label_lower, subject_id=str(dossier.pk))
    newest = list(about.order_by("-pk")[:ACTS_NAMED])
    acts = [entry for entry in newest if entry.data.get("revision", 0) > since] or newest[:1]
    if not acts:
        return Refusal("moved_on", _("Hồ sơ này vừa được sửa ở nơi khác. Hãy xem lại rồi lưu lần nữa."))
    return Refusal(
        "moved_on",
        _("%(who)s đã sửa hồ sơ này lúc %(when)s. Hãy xem điều đã đổi rồi lưu lần nữa.")
        % {"who": acts[0].actor_label, "when": moment(acts[0].at)},
        details=tuple(_said(entry) for entry in acts),
    )


def _said(entry: AuditEntry) -> str:
    return _("%(when)s, %(who)s: %(act)s") % {
        "when": moment(entry.at),
        "who": entry.actor_label,
        "act": entry.sentence,
    }


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
    """One audit row about a dossier, after the write; one without a number yet is named by its product.

    It carries the version tag that the write left, so that a later refusal can say what happened since.
    """
    name = dossier.product.name
    said = {"code": dossier.entry_code or f"“{name}”", "product": name, **words}
    record(
        actor=actor,
        action=action,
        sentence=sentence % said,
        subject=dossier,
        territory=dossier.round.territory,
        reason=reason,
        data={"revision": dossier.revision, **(data or {})},
    )
