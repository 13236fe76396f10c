"""Gathering like products of one facility into a set before scoring, and taking the set apart again.

A recorded act: the entries stay dossiers of the round, the set is scored in their place.
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
from ..enums import CheckAnswer, DocumentState, DossierState, SetBasis
from ..models import Dossier, EligibilityAnswer, Round
from ..statement import STATEMENT_PARTS
from ..states import DOSSIER_TRANSITIONS, OPEN
from . import receiving
from .freezing import freeze
from .papers import copy_into
from .requests import close_requests, refuse_not_checking
from .shared import lock_dossier, note, require_reason, save

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
    locked = Round.objects.select_for_update().get(pk=round_.pk)
    parts = _lock_parts(locked, dossiers, actor)
    _refuse_unfit(parts, basis, group)
    product = _set_product(parts, name.strip(), group, actor)
    whole = _set_dossier(locked, product, parts, basis, now)
    _take_papers(whole, parts)
    _take_answers(whole, parts)
    freeze(whole)
    save(whole)
    for part in parts:
        _put_in(part, whole, actor)
    note(
        whole,
        actor=actor,
        action="dossier.gather",
        sentence=_("Gộp hồ sơ %(parts)s thành bộ “%(product)s”, hồ sơ %(code)s. Căn cứ: %(basis)s."),
        data={"parts": [part.entry_code for part in parts], "basis": basis},
        parts=_codes(parts),
        basis=str(SetBasis(basis).label).lower(),
    )
    return whole


@transaction.atomic
def undo_gathering(
    *, dossier: Dossier, reason: str, actor: Any, now: dt.datetime, revision: int | None = None
) -> list[Dossier]:
    """Take a gathered set apart before scoring, with the reason: its parts stand again as they stood.

    The set's dossier is withdrawn and keeps its number. Raises Refusal `set_not_gathered`, `set_concluded`.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_manage, revision=revision)
    refuse_not_checking(locked)
    parts = list(locked.gathered.select_for_update(of=("self",)).select_related("product").order_by("entry_code"))
    if not parts:
        raise Refusal("set_not_gathered", _("Hồ sơ này không gộp từ hồ sơ nào nên không có gì để tách."))
    if locked.state not in APART:
        raise Refusal(
            "set_concluded",
            _("Hồ sơ bộ đang ở trạng thái “%(state)s” nên không tách được.") % {"state": locked.get_state_display()},
        )
    words = require_reason(reason)
    for part in parts:
        _take_out(part, locked, words, actor)
    locked.state, locked.state_reason = D.WITHDRAWN, words
    close_requests(locked, now=now)
    save(locked)
    note(
        locked,
        actor=actor,
        action="dossier.undo_gathering",
        sentence=_("Tách bộ “%(product)s”, hồ sơ %(code)s, trả lại hồ sơ %(parts)s."),
        reason=words,
        parts=_codes(parts),
    )
    return parts


def _lock_parts(round_: Round, dossiers: Iterable[Dossier], actor: Any) -> list[Dossier]:
    wanted = {dossier.pk: dossier for dossier in dossiers}
    if any(dossier.round_id != round_.pk for dossier in wanted.values()):
        raise Refusal("part_not_here", _("Chỉ gộp được các hồ sơ của cùng một kỳ bình chọn."))
    parts = [lock_dossier(wanted[pk], actor=actor, rule=rules.may_manage) for pk in sorted(wanted)]
    if len(parts) < SMALLEST_SET:
        raise Refusal("too_few_parts", _("Bộ sản phẩm cần ít nhất hai hồ sơ. Hãy chọn thêm."))
    refuse_not_checking(parts[0])
    return sorted(parts, key=lambda part: part.entry_code)


def _refuse_unfit(parts: list[Dossier], basis: str, group: str) -> None:
    out_of_order = [part for part in parts if D.GATHERED not in DOSSIER_TRANSITIONS[D(part.state)]]
    if out_of_order:
        raise Refusal(
            "part_out_of_order",
            _("Chỉ gộp được hồ sơ đã nộp hoặc đủ điều kiện. Không gộp được: %(codes)s.")
            % {"codes": _codes(out_of_order)},
        )
    sets = [part for part in parts if part.product.is_set]
    if sets:
        raise Refusal("part_is_set", _("Hồ sơ đã là bộ sản phẩm: %(codes)s. Hãy bỏ ra.") % {"codes": _codes(sets)})
    if len({part.product.facility_id for part in parts}) > 1:
        raise Refusal("several_facilities", _("Bộ sản phẩm chỉ gồm sản phẩm của một cơ sở (Điều 6)."))
    if len({part.product.group for part in parts}) > 1 and not group:
        raise Refusal(
            "several_groups", _("Các sản phẩm thuộc nhiều nhóm. Hãy chọn nhóm của bộ sản phẩm."), field="group"
        )
    if basis not in SetBasis.values:
        raise Refusal("basis_missing", _("Hãy chọn căn cứ của bộ sản phẩm (Điều 6)."), field="basis")


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


def _set_dossier(round_: Round, product: Product, parts: list[Dossier], basis: str, now: dt.datetime) -> Dossier:
    """A submitted dossier that came in with the last of its parts; one taken apart before stands up again."""
    whole = Dossier.objects.filter(round=round_, product=product).first() or Dossier(round=round_, product=product)
    whole.round, whole.is_gathered_set = round_, True
    whole.entry_code = whole.entry_code or receiving.next_code(round_)
    whole.state, whole.state_reason, whole.submitted_at, whole.set_basis = D.SUBMITTED, "", now, basis
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


def _codes(dossiers: list[Dossier]) -> str:
    return ", ".join(dossier.entry_code or f"“{dossier.product}”" for dossier in dossiers)
