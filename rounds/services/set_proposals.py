"""Sets are proposed by one person and decided by another: gathered before scoring, or by the council after the seal.

Once decided a proposal never changes. What is decided while the council sits is said in its open session.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.text.errors import Refusal
from portal.text.folding import normalise

from .. import council_queries, rules
from ..enums import ProposalKind, ProposalState, RoundState, SetBasis
from ..models import CouncilSession, Dossier, Round, SetProposal
from ..states import CHECKING
from . import gathering
from .shared import lock_dossier, refuse_round_state, require_reason

WHEN = (*CHECKING, RoundState.DELIBERATION)
NAME_LENGTH = 250


@transaction.atomic
def propose_gather(
    *,
    round_: Round,
    dossiers: Iterable[Dossier],
    name: str,
    basis: str,
    actor: Any,
    now: dt.datetime,
    group: str = "",
    reason: str = "",
) -> SetProposal:
    """Propose to make one set of entries of one facility, with the ground in the words of Điều 6.

    Raises what `gathering` would refuse, and Refusal `already_proposed`, `name_missing`.
    """
    parts = gathering.lock_parts(round_, dossiers, actor=actor, rule=rules.may_propose_sets)
    refuse_out_of_time(parts[0].round)
    gathering.refuse_unfit(parts, basis=basis, group=group)
    if parts[0].round.state == RoundState.DELIBERATION:
        gathering.refuse_not_passed(parts)
    title = " ".join(name.split())
    if not title:
        raise Refusal("name_missing", _("Hãy đặt tên cho bộ sản phẩm."), field="name")
    _refuse_waiting(parts)
    proposal = SetProposal.objects.create(
        round=parts[0].round,
        kind=ProposalKind.GATHER,
        name=title[:NAME_LENGTH],
        basis=basis,
        group=group,
        reason=normalise(reason),
        proposed_by=actor,
        proposed_at=now,
    )
    proposal.dossiers.set(parts)
    _note(
        proposal,
        actor,
        "set.propose",
        _("Đề xuất gộp hồ sơ %(parts)s thành bộ “%(name)s”. Căn cứ: %(basis)s."),
        parts=gathering.codes_of(parts),
        basis=str(SetBasis(basis).label).lower(),
    )
    return proposal


@transaction.atomic
def propose_split(*, dossier: Dossier, reason: str, actor: Any, now: dt.datetime) -> SetProposal:
    """Propose to take a gathered set apart, with the reason.

    Raises Refusal `set_not_gathered`, `set_was_scored`, `set_concluded`, `already_proposed`, `reason_missing`.
    """
    whole = lock_dossier(dossier, actor=actor, rule=rules.may_propose_sets)
    refuse_out_of_time(whole.round)
    gathering.refuse_inseparable(whole)
    words = require_reason(reason)
    _refuse_waiting([whole])
    parts = list(whole.gathered.order_by("entry_code"))
    proposal = SetProposal.objects.create(
        round=whole.round,
        kind=ProposalKind.SPLIT,
        set_dossier=whole,
        name=whole.product.name[:NAME_LENGTH],
        basis=whole.set_basis,
        reason=words,
        proposed_by=actor,
        proposed_at=now,
    )
    proposal.dossiers.set(parts)
    _note(
        proposal,
        actor,
        "set.propose_split",
        _("Đề xuất tách bộ “%(name)s”, hồ sơ %(code)s, gồm %(parts)s."),
        reason=words,
        code=whole.entry_code,
        parts=gathering.codes_of(parts),
    )
    return proposal


@transaction.atomic
def decide(*, proposal: SetProposal, accept: bool, actor: Any, now: dt.datetime, reason: str = "") -> SetProposal:
    """Accept or refuse a proposal, by someone other than who made it; accepted, it is done at once.

    Raises Refusal `own_proposal`, `already_decided`, `no_session`, `reason_missing`, and what `gathering` refuses.
    """
    round_ = Round.objects.select_for_update().get(pk=proposal.round_id)
    rules.may_decide_sets.require(actor, round_)
    locked = SetProposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    locked.round = round_
    _refuse_undecidable(locked, actor)
    words = normalise(reason) if accept else require_reason(reason)
    locked.session = _session_for(round_)
    if accept:
        locked.set_dossier = _carry_out(locked, words, actor, now)
    locked.state = ProposalState.ACCEPTED if accept else ProposalState.REFUSED
    locked.decided_by, locked.decided_at, locked.decided_reason = actor, now, words
    locked.save()
    _note(
        locked,
        actor,
        "set.accept" if accept else "set.refuse",
        _("Đồng ý đề xuất: %(kind)s “%(name)s”.") if accept else _("Không đồng ý đề xuất: %(kind)s “%(name)s”."),
        reason=words,
        kind=str(ProposalKind(locked.kind).label).lower(),
    )
    return locked


def refuse_out_of_time(round_: Round) -> None:
    refuse_round_state(
        round_,
        WHEN,
        _("Kỳ bình chọn %(state)s. Chỉ gộp, tách bộ khi nhận và kiểm tra hồ sơ, hoặc khi hội đồng đang xét."),
    )


def _refuse_waiting(dossiers: list[Dossier]) -> None:
    """One dossier, one open proposal: two that contradict each other cannot both be accepted."""
    waiting = SetProposal.objects.filter(state=ProposalState.PROPOSED)
    taken = [
        one for one in dossiers if waiting.filter(dossiers=one).exists() or waiting.filter(set_dossier=one).exists()
    ]
    if taken:
        raise Refusal(
            "already_proposed",
            _("Đã có đề xuất chờ quyết định với hồ sơ: %(codes)s. Hãy quyết định đề xuất đó trước.")
            % {"codes": gathering.codes_of(taken)},
        )


def _refuse_undecidable(proposal: SetProposal, actor: Any) -> None:
    if proposal.state != ProposalState.PROPOSED:
        raise Refusal(
            "already_decided",
            _("Đề xuất này đã quyết định: %(state)s.") % {"state": str(proposal.get_state_display()).lower()},
        )
    if actor is not None and actor.pk == proposal.proposed_by_id:
        raise Refusal("own_proposal", _("Người đề xuất không tự quyết định được. Hãy để người khác quyết định."))
    refuse_out_of_time(proposal.round)


def _session_for(round_: Round) -> CouncilSession | None:
    """Before scoring a decision needs no session; while the council deliberates it is said in the open one."""
    if round_.state != RoundState.DELIBERATION:
        return None
    session = council_queries.open_session_of(round_)
    if session is None:
        raise Refusal("no_session", _("Gộp, tách bộ sau khi khóa điểm do hội đồng quyết định. Hãy mở phiên họp trước."))
    return session


def _carry_out(proposal: SetProposal, reason: str, actor: Any, now: dt.datetime) -> Dossier:
    late = proposal.round.state == RoundState.DELIBERATION
    if proposal.kind == ProposalKind.SPLIT:
        assert proposal.set_dossier is not None
        split = gathering.split_late if late else gathering.undo_gathering
        split(dossier=proposal.set_dossier, reason=reason or proposal.reason, actor=actor, now=now)
        return proposal.set_dossier
    make = gathering.gather_late if late else gathering.gather
    return make(
        round_=proposal.round,
        dossiers=proposal.dossiers.select_related("product"),
        name=proposal.name,
        basis=proposal.basis,
        group=proposal.group,
        actor=actor,
        now=now,
    )


def _note(proposal: SetProposal, actor: Any, action: str, sentence: str, *, reason: str = "", **words: Any) -> None:
    record(
        actor=actor,
        action=action,
        sentence=sentence % {"name": proposal.name, **words},
        subject=proposal,
        territory=proposal.round.territory,
        reason=reason,
        data={"kind": proposal.kind, "basis": proposal.basis},
    )
