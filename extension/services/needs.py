"""Needs of support: registered, gathered on the shelf, answered, turned into projects. Checked, locked, audited.

Sums are whole đồng. All raise `Refusal` with a sentence: "not_allowed", "not_yours", "invalid", "call_closed",
"call_elsewhere", "item_not_called", "wrong_product", "year_unclear", "too_much_own", "registered_already",
"illegal_transition", "answer_missing", "nothing_chosen", "mixed_provinces", "not_shelved".
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.models import Facility
from portal.audit.models import AuditEntry
from portal.audit.services import record
from portal.notices.services import plan
from portal.territory.models import Commune, Territory
from portal.territory.queries import current_of, family_ids
from portal.text.errors import Refusal
from portal.text.folding import name_key

from ..enums import BeneficiaryKind, NeedState, ProjectKind
from ..models import Call, Need, Project
from ..needs import queries as need_queries
from ..needs import rules as need_rules
from ..needs.notices import NEED_ANSWERED
from ..states import CAME_TO_NOTHING, NEED_TRANSITIONS, OPEN_NEEDS
from . import projects
from .checks import checked, hold_facility

FACTS = frozenset(
    {
        "call",
        "facility",
        "facility_name",
        "commune",
        "product",
        "year",
        "item",
        "head",
        "title",
        "reason",
        "trade",
        "cost",
        "own_funds",
        "contact",
        "file",
        "wanted_funding",
    }
)
YEARS_AHEAD = 5


@transaction.atomic
def register(
    *,
    actor: Any,
    now: dt.datetime,
    territory: Territory | None = None,
    facility: Facility | None = None,
    commune: Commune | None = None,
    is_illustrative: bool = False,
    **facts: Any,
) -> Need:
    """A need of a facility, by its representative, by an officer of its commune, or by the province's centre.

    The need belongs to the province of today. Only the centre may enter what came on paper after a call had closed.
    """
    place = facility.territory if facility else commune.territory if commune else territory
    if place is None:
        raise Refusal("invalid", _("Hãy chọn cơ sở, hoặc ghi tên nếu cơ sở chưa có trong sổ."), field="facility")
    here = current_of(place)
    # Who sends one form twice at once waits here, so that the second is known as the first.
    if facility:
        hold_facility(facility)
    else:
        Territory.objects.select_for_update(of=("self",), no_key=True).get(pk=here.pk)
    if not need_rules.may_register(actor, facility=facility, commune=commune, territory_id=here.pk):
        raise Refusal("not_yours", need_rules.NOT_YOURS)
    need = Need(
        territory=here,
        facility=facility,
        commune=commune or (facility.commune if facility else None),
        registered_by=actor,
        registered_at=now,
        is_illustrative=is_illustrative or bool(facility and facility.is_illustrative),
        **_known(facts),
    )
    _check(need, actor, timezone.localdate(now))
    need.save()
    _audit(actor, "register", _("Đăng ký nhu cầu “%(title)s” của %(who)s."), need)
    return need


@transaction.atomic
def change(*, need: Need, actor: Any, now: dt.datetime, **facts: Any) -> Need:
    """Change what was registered: by its owners until the centre took it up, by the centre until it is a project."""
    locked = _lock(need)
    need_rules.require_change(actor, locked)
    keeper = need_rules.may_keep(actor, locked.territory_id)
    if locked.state not in (OPEN_NEEDS if keeper else (NeedState.REGISTERED,)):
        raise Refusal(
            "illegal_transition",
            _("Nhu cầu đang “%(state)s” nên không sửa được nữa. Hãy hỏi Trung tâm Khuyến công.")
            % {"state": locked.get_state_display().lower()},
        )
    changed = {name: value for name, value in _known(facts).items() if getattr(locked, name) != value}
    if not changed:
        return locked
    for name, value in changed.items():
        setattr(locked, name, value)
    _check(locked, actor, timezone.localdate(now), is_new="call" in changed)
    locked.save()
    _audit(actor, "change", _("Sửa nhu cầu “%(title)s” của %(who)s."), locked, data=_plain(changed))
    return locked


@transaction.atomic
def withdraw(*, need: Need, actor: Any, now: dt.datetime) -> Need:
    """Its owner takes the need back; nobody answers it any more."""
    locked = _lock(need)
    need_rules.require_change(actor, locked)
    _move(locked, NeedState.WITHDRAWN)
    locked.save(update_fields=["state"])
    _audit(actor, "withdraw", _("Rút nhu cầu “%(title)s” của %(who)s."), locked)
    return locked


@transaction.atomic
def shelve(*, need: Need, actor: Any, now: dt.datetime, wanted_funding: str = "", answer: str = "") -> Need:
    """Put a registered need on the shelf of those ready to become projects, and tell who registered it."""
    locked = _to_answer(need, actor, NeedState.SHELVED)
    _answer(locked, actor, now, answer, wanted_funding)
    act = _audit(actor, "shelve", _("Đưa nhu cầu “%(title)s” của %(who)s vào tủ đề án."), locked, reason=answer.strip())
    _tell(locked, act, now, _("Nhu cầu “%(title)s” đã được Trung tâm Khuyến công xếp chờ lập đề án."))
    return locked


@transaction.atomic
def decline(*, need: Need, actor: Any, now: dt.datetime, answer: str) -> Need:
    """Say that the need cannot be supported now, and why."""
    if not answer.strip():
        raise Refusal("answer_missing", _("Hãy ghi lý do để cơ sở biết."), field="answer")
    locked = _to_answer(need, actor, NeedState.DECLINED)
    _answer(locked, actor, now, answer)
    act = _audit(
        actor, "decline", _("Trả lời chưa hỗ trợ được nhu cầu “%(title)s” của %(who)s."), locked, reason=answer
    )
    _tell(locked, act, now, _("Nhu cầu “%(title)s” chưa hỗ trợ được."))
    return locked


@transaction.atomic
def put_back(*, need: Need, actor: Any, now: dt.datetime) -> Need:
    """Take a need up again: from the shelf or after a refusal as registered, from a project that came to nothing to the shelf."""
    locked = _lock(need)
    to = NeedState.SHELVED if locked.state == NeedState.TURNED else NeedState.REGISTERED
    need_rules.require_keep(actor, locked.territory_id)
    if locked.project and locked.project.state not in CAME_TO_NOTHING:
        raise Refusal(
            "illegal_transition",
            _("Đề án “%(name)s” vẫn đang làm nên nhu cầu còn nằm trong đề án.") % {"name": locked.project.name},
        )
    _move(locked, to)
    locked.project, locked.ranking = None, {}
    locked.save()
    _audit(actor, "put_back", _("Xem xét lại nhu cầu “%(title)s” của %(who)s."), locked)
    return locked


@transaction.atomic
def turn(
    *,
    needs: Iterable[Need],
    actor: Any,
    now: dt.datetime,
    name: str,
    funding: str,
    head: int,
    year: int,
    kind: str = "",
    **facts: Any,
) -> Project:
    """One project from one or several shelved needs of a province: its beneficiaries are their facilities.

    Each need keeps why it ranked as it did that day. A facility named in several needs is one beneficiary; who is
    not in the register yet is named in the project's summary. Without a kind: single for one maker, else group.
    """
    rows = _locked(needs)
    _turnable(rows)
    need_rules.require_keep(actor, rows[0].territory_id)
    makers = {need.facility_id: need.facility for need in rows if need.facility}
    project = projects.create_project(
        actor=actor,
        territory=rows[0].territory,
        name=name,
        funding=funding,
        head=head,
        year=year,
        kind=kind or (ProjectKind.GROUP if len(rows) > 1 else ProjectKind.SINGLE),
        on=timezone.localdate(now),
        is_illustrative=all(need.is_illustrative for need in rows),
        **{"summary": _summary(rows), **facts},
    )
    for key, maker in makers.items():
        products = {need.product_id: need.product for need in rows if need.facility_id == key}
        only = next(iter(products.values())) if len(products) == 1 else None
        projects.add_beneficiary(
            project=project, actor=actor, kind=BeneficiaryKind.FACILITY, facility=maker, product=only
        )
    _became(rows, project, actor, now)
    return project


def _became(rows: Sequence[Need], project: Project, actor: Any, now: dt.datetime) -> None:
    ranks = need_queries.ranks_of(rows, on=timezone.localdate(now))
    for need in rows:
        _move(need, NeedState.TURNED)
        need.project = project
        need.ranking = {"points": ranks[need.pk].points, "reasons": ranks[need.pk].as_data()}
        need.save()
        data = {"project": project.name, **need.ranking}
        act = _audit(actor, "turn", _("Lập đề án từ nhu cầu “%(title)s” của %(who)s."), need, data=data)
        _tell(need, act, now, _("Nhu cầu “%(title)s” đã được lập thành đề án."))


def _summary(rows: Sequence[Need]) -> str:
    """What each need asks for, one line each: the start of the project's description."""
    return "\n".join(
        _("%(who)s: %(title)s.") % {"who": need_queries.who_of(need), "title": need.title.rstrip(".")} for need in rows
    )


def _turnable(rows: Sequence[Need]) -> None:
    if not rows:
        raise Refusal("nothing_chosen", _("Hãy chọn ít nhất một nhu cầu để lập đề án."))
    if len({need.territory_id for need in rows}) > 1:
        raise Refusal("mixed_provinces", _("Các nhu cầu đã chọn thuộc nhiều tỉnh. Hãy lập đề án của từng tỉnh."))
    for need in rows:
        if need.state != NeedState.SHELVED:
            raise Refusal(
                "not_shelved",
                _("Nhu cầu “%(title)s” đang “%(state)s”. Hãy đưa vào tủ đề án trước, rồi lập đề án.")
                % {"title": need.title, "state": need.get_state_display().lower()},
            )


# --- checks --------------------------------------------------------------------------------------------------


def _known(facts: dict[str, Any]) -> dict[str, Any]:
    unknown = set(facts) - FACTS
    if unknown:
        raise TypeError(f"Unknown facts: {', '.join(sorted(unknown))}")
    return facts


def _check(need: Need, actor: Any, on: dt.date, *, is_new: bool = True) -> None:
    if need.call and is_new:
        _call_fits(need, need.call, actor, on)
    if need.item:
        need.head = need.item.head
    if need.product and need.product.facility_id != need.facility_id:
        raise Refusal("wrong_product", _("Sản phẩm này không do cơ sở đã chọn làm ra. Hãy chọn lại."), field="product")
    if not on.year - 1 <= need.year <= on.year + YEARS_AHEAD:
        raise Refusal(
            "year_unclear",
            _("Năm muốn thực hiện phải từ %(first)s đến %(last)s.")
            % {"first": on.year - 1, "last": on.year + YEARS_AHEAD},
            field="year",
        )
    if need.own_funds is not None and need.cost is not None and need.own_funds > need.cost:
        raise Refusal("too_much_own", _("Vốn tự có lớn hơn tổng chi phí. Hãy kiểm tra lại hai số."), field="own_funds")
    _once(need)
    checked(need)


def _call_fits(need: Need, call: Call, actor: Any, on: dt.date) -> None:
    if call.territory_id not in family_ids(need.territory_id):
        raise Refusal("call_elsewhere", _("Đợt đăng ký này của tỉnh khác."), field="call")
    keeper = need_rules.may_keep(actor, need.territory_id)
    if not keeper and not (call.is_public and call.opens_on <= on <= call.closes_on):
        raise Refusal(
            "call_closed",
            _("Đợt này chỉ nhận từ %(first)s đến hết %(last)s. Bạn vẫn đăng ký được ngoài đợt.")
            % {"first": f"{call.opens_on:%d/%m/%Y}", "last": f"{call.closes_on:%d/%m/%Y}"},
            field="call",
        )
    named = set(call.items.values_list("pk", flat=True))
    if named and need.item_id not in named:
        raise Refusal(
            "item_not_called",
            _("Đợt này chỉ nhận một số nội dung. Hãy chọn một nội dung của đợt, hoặc đăng ký ngoài đợt."),
            field="item",
        )


def _once(need: Need) -> None:
    """The same maker asking for the same thing in the same year twice is one need."""
    same = Need.objects.filter(territory=need.territory, year=need.year, state__in=OPEN_NEEDS).exclude(pk=need.pk)
    same = same.filter(facility=need.facility_id) if need.facility_id else same.filter(facility__isnull=True)
    for other in same:
        who = need.facility_id or name_key(other.facility_name) == name_key(need.facility_name)
        if who and name_key(other.title) == name_key(need.title):
            raise Refusal(
                "registered_already",
                _("Nhu cầu này đã đăng ký ngày %(day)s. Hãy sửa nhu cầu đã có.")
                % {"day": f"{timezone.localtime(other.registered_at):%d/%m/%Y}"},
                field="title",
            )


# --- moves ---------------------------------------------------------------------------------------------------


def _lock(need: Need) -> Need:
    """The row itself, write-locked."""
    return _locked([need])[0]


def _locked(needs: Iterable[Need]) -> list[Need]:
    rows = Need.objects.filter(pk__in=[need.pk for need in needs]).order_by("pk")
    # First held, then read: a row waited for is read anew, what is joined to it is not.
    list(rows.select_for_update(of=("self",)))
    return list(rows.select_related("territory", "commune", "facility__commune", "product", "call", "item", "project"))


def _to_answer(need: Need, actor: Any, to: NeedState) -> Need:
    locked = _lock(need)
    need_rules.require_keep(actor, locked.territory_id)
    if locked.state == NeedState.TURNED:
        raise _cannot(locked, to)
    _move(locked, to)
    return locked


def _move(need: Need, to: NeedState) -> None:
    if to not in NEED_TRANSITIONS[NeedState(need.state)]:
        raise _cannot(need, to)
    need.state = to


def _cannot(need: Need, to: NeedState) -> Refusal:
    return Refusal(
        "illegal_transition",
        _("Nhu cầu đang “%(state)s” nên không chuyển sang “%(to)s” được. Hãy tải lại trang.")
        % {"state": need.get_state_display().lower(), "to": str(to.label).lower()},
    )


def _answer(need: Need, actor: Any, now: dt.datetime, answer: str, wanted_funding: str = "") -> None:
    need.answer = answer.strip()
    need.wanted_funding = wanted_funding or need.wanted_funding
    need.answered_by, need.answered_at = actor, now
    checked(need)
    need.save()


def _tell(need: Need, act: AuditEntry, now: dt.datetime, title: str) -> None:
    """Who registered the need hears of the act, unless it was their own."""
    if need.registered_by_id == act.actor_id:
        return
    words = {"title": need.title, "who": need_queries.who_of(need)}
    lines = [title % words, _("Cơ sở: %(who)s.") % words]
    lines += [_("Trả lời của Trung tâm: %(answer)s") % {"answer": need.answer}] if need.answer else []
    lines += [_("Đề án: %(name)s") % {"name": need.project.name}] if need.project else []
    plan(
        kind=NEED_ANSWERED.code,
        subject=need,
        due_on=timezone.localdate(now),
        title=title % words,
        body="\n\n".join(lines),
        users=[need.registered_by],
        territory=need.territory,
        act=act,
    )


def _plain(changed: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in changed.items()}


def _audit(actor: Any, act: str, sentence: str, need: Need, **more: Any) -> AuditEntry:
    words = {"title": need.title, "who": need_queries.who_of(need)}
    return record(
        actor=actor,
        action=f"extension.need_{act}",
        sentence=sentence % words,
        subject=need,
        territory=need.territory,
        **more,
    )
