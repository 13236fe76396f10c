"""Gathering like products of one facility into a set, and taking the set apart again. A recorded act.

Before scoring, the set is scored in place of its entries, which stay dossiers of the round. After the seal only
what passed is gathered: the set has no mean of its own, the results of its parts and the seal stay as they are.
Who decides is told by `set_proposals`, the one door to these acts.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from portal.text.folding import name_key
from products.models import Product, SetMember
from products.services import create_product

from .. import rules
from ..eligibility import SMALLEST_SET
from ..enums import CheckAnswer, DocumentState, DossierState, RoundState, SetBasis
from ..models import Conflict, Dossier, EligibilityAnswer, Round
from ..rules import Rule
from ..statement import STATEMENT_PARTS
from ..states import DOSSIER_TRANSITIONS, OPEN
from . import receiving
from .council import forget_verdicts
from .freezing import freeze
from .papers import copy_into
from .requests import close_requests, refuse_not_checking
from .shared import lock_dossier, note, refuse_round_state, require_reason, save

D = DossierState
APART = (*OPEN, D.ELIGIBLE)


@transaction.atomic
def gather(
    *,
    round_: Round,
    dossiers: Iterable[Dossier],
    name: str,
    basis: str,
    actor: Any,
    now: dt.datetime,
    group: str = "",
) -> Dossier:
    """Make one set of at least two entered products of one facility, on one of the grounds of Điều 6.

    The set gets a submitted dossier of its own with the papers of its parts, and what all parts were found to meet;
    the parts become GATHERED. Only before scoring. `group` is asked for where the parts are of several groups.
    Raises Refusal `too_few_parts`, `part_not_here`, `part_out_of_order`, `part_is_set`, `several_facilities`,
    `several_groups`, `basis_missing`, `name_missing`, `name_taken`.
    """
    parts = lock_parts(round_, dossiers, actor=actor, rule=rules.may_decide_sets)
    refuse_not_checking(parts[0])
    refuse_unfit(parts, basis=basis, group=group)
    whole = _make_set(parts, name=name, basis=basis, group=group, actor=actor, now=now, late=False)
    _put_all_in(
        parts,
        whole,
        actor,
        action="dossier.gather",
        sentence=_("Gộp hồ sơ %(parts)s thành bộ “%(product)s”, hồ sơ %(code)s. Căn cứ: %(basis)s."),
    )
    return whole


@transaction.atomic
def gather_late(
    *,
    round_: Round,
    dossiers: Iterable[Dossier],
    name: str,
    basis: str,
    actor: Any,
    now: dt.datetime,
    group: str = "",
) -> Dossier:
    """Make one set of products that all passed, while the council sits. The seal and their results stay.

    The set has no mean and no rank of its own; what the council had said of its parts falls away, it speaks of the
    set instead. Raises what `gather` raises, and Refusal `part_not_passed`, `round_state`.
    """
    parts = lock_parts(round_, dossiers, actor=actor, rule=rules.may_decide_sets)
    refuse_not_sitting(parts[0].round)
    refuse_unfit(parts, basis=basis, group=group)
    refuse_not_passed(parts)
    whole = _make_set(parts, name=name, basis=basis, group=group, actor=actor, now=now, late=True)
    forget_verdicts(parts)
    _put_all_in(
        parts,
        whole,
        actor,
        action="dossier.gather_late",
        sentence=_(
            "Sau khi khóa điểm, gộp hồ sơ %(parts)s thành bộ “%(product)s”, hồ sơ %(code)s. Căn cứ: %(basis)s."
            " Bộ không có điểm riêng; niêm phong điểm giữ nguyên."
        ),
    )
    return whole


@transaction.atomic
def undo_gathering(*, dossier: Dossier, reason: str, actor: Any, now: dt.datetime) -> list[Dossier]:
    """Take a gathered set apart before scoring, with the reason: its parts stand again as they stood.

    The set's dossier is withdrawn and keeps its number. Raises Refusal `set_not_gathered`, `set_concluded`.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_decide_sets)
    refuse_not_checking(locked)
    refuse_inseparable(locked)
    return _take_apart(locked, require_reason(reason), actor=actor, now=now)


@transaction.atomic
def split_late(*, dossier: Dossier, reason: str, actor: Any, now: dt.datetime) -> list[Dossier]:
    """Take apart a set that was formed after the seal: its parts stand again with their results and ranks.

    What the council said of the set falls away. A set that was scored as a set stays one: its parts have no
    scores. Raises Refusal `set_not_gathered`, `set_was_scored`, `set_concluded`, `round_state`.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_decide_sets)
    refuse_not_sitting(locked.round)
    refuse_inseparable(locked)
    forget_verdicts([locked])
    return _take_apart(locked, require_reason(reason), actor=actor, now=now)


def lock_parts(round_: Round, dossiers: Iterable[Dossier], *, actor: Any, rule: Rule) -> list[Dossier]:
    """The entries under their locks, by entry code. Raises Refusal `part_not_here`, `too_few_parts`, `not_allowed`."""
    locked = Round.objects.select_for_update().get(pk=round_.pk)
    wanted = {dossier.pk: dossier for dossier in dossiers}
    if any(dossier.round_id != locked.pk for dossier in wanted.values()):
        raise Refusal("part_not_here", _("Chỉ gộp được các hồ sơ của cùng một kỳ bình chọn."))
    rule.require(actor, locked)
    parts = [lock_dossier(wanted[pk], actor=actor, rule=rule) for pk in sorted(wanted)]
    if len(parts) < SMALLEST_SET:
        raise Refusal("too_few_parts", _("Bộ sản phẩm cần ít nhất hai hồ sơ. Hãy chọn thêm."))
    return sorted(parts, key=lambda part: part.entry_code)


def refuse_not_sitting(round_: Round) -> None:
    refuse_round_state(
        round_,
        (RoundState.DELIBERATION,),
        _("Kỳ bình chọn %(state)s. Chỉ gộp, tách bộ khi nhận và kiểm tra hồ sơ, hoặc khi hội đồng đang xét."),
    )


def refuse_unfit(parts: list[Dossier], *, basis: str, group: str) -> None:
    """What no set may be made of, before scoring or after."""
    out_of_order = [part for part in parts if D.GATHERED not in DOSSIER_TRANSITIONS[D(part.state)]]
    if out_of_order:
        raise Refusal(
            "part_out_of_order",
            _("Chỉ gộp được hồ sơ đã nộp hoặc đủ điều kiện. Không gộp được: %(codes)s.")
            % {"codes": codes_of(out_of_order)},
        )
    sets = [part for part in parts if part.product.is_set]
    if sets:
        raise Refusal("part_is_set", _("Hồ sơ đã là bộ sản phẩm: %(codes)s. Hãy bỏ ra.") % {"codes": codes_of(sets)})
    if len({part.product.facility_id for part in parts}) > 1:
        raise Refusal("several_facilities", _("Bộ sản phẩm chỉ gồm sản phẩm của một cơ sở (Điều 6)."))
    if len({part.product.group for part in parts}) > 1 and not group:
        raise Refusal(
            "several_groups", _("Các sản phẩm thuộc nhiều nhóm. Hãy chọn nhóm của bộ sản phẩm."), field="group"
        )
    if basis not in SetBasis.values:
        raise Refusal("basis_missing", _("Hãy chọn căn cứ của bộ sản phẩm (Điều 6)."), field="basis")


def refuse_not_passed(parts: list[Dossier]) -> None:
    """After the seal every part must have reached the mean by itself: a set lifts nothing over the threshold."""
    below = [part for part in parts if part.state != D.ELIGIBLE or not getattr(part, "result", None)]
    below += [part for part in parts if part not in below and not part.result.passed]
    if below:
        raise Refusal(
            "part_not_passed",
            _("Gộp sau khi khóa điểm thì mọi sản phẩm của bộ phải đạt điểm. Chưa đạt: %(codes)s.")
            % {"codes": codes_of(below)},
        )


def refuse_inseparable(whole: Dossier) -> None:
    """What cannot be taken apart, and why."""
    if not whole.gathered.exists():
        raise Refusal("set_not_gathered", _("Hồ sơ này không gộp từ hồ sơ nào nên không có gì để tách."))
    if not whole.gathered_late and hasattr(whole, "result"):
        raise Refusal(
            "set_was_scored",
            _(
                "Bộ %(code)s đã được chấm như một bộ nên không tách được nữa: từng sản phẩm trong bộ không có điểm"
                " riêng, và niêm phong điểm không đổi."
            )
            % {"code": whole.entry_code},
        )
    if whole.state not in APART:
        raise Refusal(
            "set_concluded",
            _("Hồ sơ bộ đang ở trạng thái “%(state)s” nên không tách được.") % {"state": whole.get_state_display()},
        )


def _make_set(
    parts: list[Dossier], *, name: str, basis: str, group: str, actor: Any, now: dt.datetime, late: bool
) -> Dossier:
    round_ = parts[0].round
    product = _set_product(parts, name.strip(), group, actor)
    whole = _set_dossier(round_, product, parts, basis, now, late=late, actor=actor)
    _take_papers(whole, parts)
    _take_answers(whole, parts)
    _take_conflicts(whole, parts)
    freeze(whole)
    save(whole)
    return whole


def _put_all_in(parts: list[Dossier], whole: Dossier, actor: Any, *, action: str, sentence: str) -> None:
    for part in parts:
        _put_in(part, whole, actor)
    note(
        whole,
        actor=actor,
        action=action,
        sentence=sentence,
        data={"parts": [part.entry_code for part in parts], "basis": whole.set_basis},
        parts=codes_of(parts),
        basis=str(SetBasis(whole.set_basis).label).lower(),
    )


def _take_apart(whole: Dossier, reason: str, *, actor: Any, now: dt.datetime) -> list[Dossier]:
    parts = list(whole.gathered.select_for_update(of=("self",)).select_related("product").order_by("entry_code"))
    for part in parts:
        _take_out(part, whole, reason, actor)
    whole.state, whole.state_reason = D.WITHDRAWN, reason
    close_requests(whole, now=now)
    save(whole)
    note(
        whole,
        actor=actor,
        action="dossier.undo_gathering",
        sentence=_("Tách bộ “%(product)s”, hồ sơ %(code)s, trả lại hồ sơ %(parts)s."),
        reason=reason,
        parts=codes_of(parts),
    )
    return parts


def _set_product(parts: list[Dossier], name: str, group: str, actor: Any) -> Product:
    """The set in the register: new, or the one an earlier gathering in this round made under this name."""
    first = parts[0].product
    if not name:
        raise Refusal("name_missing", _("Hãy đặt tên cho bộ sản phẩm."), field="name")
    known = Product.objects.filter(facility=first.facility_id, name_key=name_key(name), merged_into=None).first()
    if known is not None:
        _refuse_taken(known, parts[0].round_id)
        known.group = group or first.group
        known.save()
    product = known or create_product(
        name=name,
        group=group or first.group,
        facility=first.facility,
        territory=first.territory,
        is_set=True,
        members=[part.product.name for part in parts],
        is_illustrative=first.is_illustrative,
        actor=actor,
    )
    product.members.all().delete()
    for place, part in enumerate(parts, start=1):
        SetMember.objects.create(product_set=product, name=part.product.name, product=part.product, position=place)
    return product


def _refuse_taken(known: Product, round_id: int) -> None:
    undone = Dossier.objects.filter(product=known, round=round_id, state=D.WITHDRAWN, is_gathered_set=True)
    elsewhere = Dossier.objects.filter(product=known).exclude(round=round_id).exists() or known.recognitions.exists()
    if not known.is_set or elsewhere or not undone.exists():
        raise Refusal(
            "name_taken", _("Cơ sở đã có sản phẩm tên “%(name)s”. Hãy đặt tên khác.") % {"name": known}, field="name"
        )


def _set_dossier(
    round_: Round,
    product: Product,
    parts: list[Dossier],
    basis: str,
    now: dt.datetime,
    *,
    late: bool,
    actor: Any,
) -> Dossier:
    """A submitted dossier that came in with the last of its parts; one taken apart before stands up again.

    A late set needs no check of its own: every part was found eligible.
    """
    whole = Dossier.objects.filter(round=round_, product=product).first() or Dossier(round=round_, product=product)
    whole.round, whole.is_gathered_set = round_, True
    whole.entry_code = whole.entry_code or receiving.next_code(round_)
    whole.state, whole.state_reason, whole.submitted_at, whole.set_basis = D.SUBMITTED, "", now, basis
    whole.gathered_late = late
    if late:
        whole.state, whole.checked_at, whole.checked_by = D.ELIGIBLE, now, actor
        whole.support_remark = _said_by(parts, "support_remark")
    whole.origin = parts[0].origin
    whole.received_on = max((part.received_on for part in parts if part.received_on), default=receiving.today_of(now))
    whole.first_time = all(part.first_time for part in parts)
    whole.is_illustrative = parts[0].is_illustrative
    for field in ("statement", *STATEMENT_PARTS):
        setattr(whole, field, _said_by(parts, field))
    save(whole)
    whole.documents.all().delete()
    whole.answers.all().delete()
    return whole


def _said_by(parts: list[Dossier], field: str) -> str:
    """What the parts say, each under its name; said once where all say the same."""
    told = {part.product.name: text for part in parts if (text := getattr(part, field).strip())}
    if len(set(told.values())) == 1 and len(told) == len(parts):
        return next(iter(told.values()))
    return "\n\n".join(f"{name}\n{text}" for name, text in told.items())


def _take_papers(whole: Dossier, parts: list[Dossier]) -> None:
    """Every good paper of the parts, one that several hold only once."""
    held: set[tuple[Any, ...]] = set()
    for part in parts:
        for document in part.documents.filter(state=DocumentState.RECEIVED).select_related("file"):
            key = (document.kind, document.file_id or ("paper", document.title))
            if key not in held:
                held.add(key)
                copy_into(whole, document)


def _take_answers(whole: Dossier, parts: list[Dossier]) -> None:
    """What was found about every part alike holds for the set; all else is asked again."""
    found: dict[int, list[EligibilityAnswer]] = {}
    for row in EligibilityAnswer.objects.filter(dossier__in=parts).order_by("answered_at", "pk"):
        found.setdefault(row.rule_id, []).append(row)
    for rule_id, rows in found.items():
        if len(rows) == len(parts) and {row.answer for row in rows} in (
            {CheckAnswer.MET},
            {CheckAnswer.NOT_APPLICABLE},
        ):
            last = rows[-1]
            EligibilityAnswer.objects.create(
                dossier=whole,
                rule_id=rule_id,
                answer=last.answer,
                reason="; ".join(dict.fromkeys(row.reason for row in rows))[:500],
                answered_by=last.answered_by,
                answered_at=last.answered_at,
            )


def _take_conflicts(whole: Dossier, parts: list[Dossier]) -> None:
    """Whoever stands aside from one part stands aside from the set."""
    known = set(Conflict.objects.filter(dossier=whole, withdrawn_at__isnull=True).values_list("user", flat=True))
    for conflict in Conflict.objects.filter(dossier__in=parts, withdrawn_at__isnull=True).order_by("pk"):
        if conflict.user_id not in known:
            known.add(conflict.user_id)
            conflict.pk, conflict.dossier, conflict._state.adding = None, whole, True
            conflict.save()


def _put_in(part: Dossier, whole: Dossier, actor: Any) -> None:
    part.state, part.gathered_into = D.GATHERED, whole
    save(part)
    note(
        part,
        actor=actor,
        action="dossier.gathered",
        sentence=_("Gộp hồ sơ %(code)s vào hồ sơ bộ %(whole)s, “%(name)s”."),
        whole=whole.entry_code,
        name=whole.product.name,
    )


def _take_out(part: Dossier, whole: Dossier, reason: str, actor: Any) -> None:
    """A part that had been found eligible is eligible again, another is being checked again."""
    part.round = whole.round
    part.state, part.gathered_into = D.ELIGIBLE if part.checked_at else D.SUBMITTED, None
    save(part)
    note(
        part,
        actor=actor,
        action="dossier.ungathered",
        sentence=_("Tách hồ sơ %(code)s khỏi hồ sơ bộ %(whole)s."),
        reason=reason,
        whole=whole.entry_code,
    )


def codes_of(dossiers: list[Dossier]) -> str:
    """Entry codes in one line; a dossier without a number is named by its product."""
    return ", ".join(dossier.entry_code or f"“{dossier.product}”" for dossier in dossiers)
